import { NO_LABELS } from '../../model/selector.ts';
import type { NamespaceChunk } from '../../model/snapshot.ts';
import type { Directory } from '../directory.ts';
import { editDistance } from './edit-distance.ts';
import { namespacesWith, thingsNamed, thingsOfType } from './named-things.ts';
import { namespaceIndex } from './namespace-pods.ts';
import { printRef } from './parse-ref.ts';
import type { RefSyntax } from './parse-ref.ts';
import { builtInType, isOfType, isWellKnownType, workloadTypes } from './workload-types.ts';

/** Suggestions of one error (contract 2). */
const SUGGESTIONS_MAX = 5;
/** Worse than any near name: the same name somewhere else, or as a label. */
const ELSEWHERE = 4;

/** A ref that would be found; the lower the score, the likelier it is meant. */
interface Suggestion {
  readonly ref: string;
  readonly score: number;
}

/**
 * Up to five refs that the author of `syntax`, which names nothing, may have meant: near names,
 * names that lack their namespace, the same name elsewhere, labels with that value.
 */
export function suggestRefs(directory: Directory, syntax: RefSyntax): string[] {
  const best = new Map<string, number>();
  for (const { ref, score } of collect(directory, syntax)) {
    best.set(ref, Math.min(score, best.get(ref) ?? Infinity));
  }
  return [...best]
    .sort(([a, x], [b, y]) => x - y || (a < b ? -1 : 1))
    .slice(0, SUGGESTIONS_MAX)
    .map(([ref]) => ref);
}

function collect(directory: Directory, syntax: RefSyntax): Suggestion[] {
  const { view } = directory;
  switch (syntax.kind) {
    case 'addresses':
    case 'internet':
      return [];
    case 'node':
      return near(syntax.name ?? '', view.nodes, ({ node }) => [node.name, `node/${node.name}`]);
    case 'pods':
      if (syntax.namespaces.kind !== 'named') return [];
      return near(syntax.namespaces.name, view.namespaces, ({ name }) => [
        name,
        printRef({ ...syntax, namespaces: { kind: 'named', name } }),
      ]);
    case 'typed':
      return suggestTyped(directory, syntax);
    case 'named':
      return syntax.namespace === undefined
        ? suggestAnywhere(directory, syntax.name)
        : suggestNamed(directory, syntax.namespace, syntax.name);
  }
}

/** For `shop/deploy/api`. */
function suggestTyped(
  directory: Directory,
  { namespace, type, name }: RefSyntax & { kind: 'typed' },
): Suggestion[] {
  const { namespaces } = directory.view;
  const chunk = directory.view.snapshot.namespaces.get(namespace);
  const elsewhere = namespaces
    .filter((one) => one !== chunk)
    .flatMap((one) => {
      const found = thingsOfType(directory, { namespace: one.name, type, name });
      const score = nearness(namespace, one.name) ?? ELSEWHERE;
      return found.map(({ peer }): Suggestion => ({ ref: peer.ref, score }));
    });
  if (chunk === undefined) return [...elsewhere, ...nearNamespaces(directory, namespace)];
  const sameName = thingsNamed(directory, namespace, name);
  return [
    ...elsewhere,
    ...sameName.map(({ peer }): Suggestion => ({ ref: peer.ref, score: 0 })),
    ...near(name, typedNames(chunk, type), (entry) => entry),
    ...labelled([chunk], name, namespace),
  ];
}

/** For `shop/api`, and for `deploy/api`, which lacks its namespace. */
function suggestNamed(directory: Directory, namespace: string, name: string): Suggestion[] {
  const { view } = directory;
  const chunk = view.snapshot.namespaces.get(namespace);
  const elsewhere = namespacesWith(directory, name)
    .filter((one) => one !== namespace && thingsNamed(directory, one, name).length !== 0)
    .map((one): Suggestion => {
      const score = nearness(namespace, one) ?? ELSEWHERE;
      return { ref: `${one}/${name}`, score };
    });
  if (chunk !== undefined) {
    return [
      ...elsewhere,
      ...near(name, namesIn(chunk), (each) => [each, `${namespace}/${each}`]),
      ...labelled([chunk], name, namespace),
    ];
  }
  const type = namespace.toLowerCase();
  const node = view.findNode(name);
  const isNode = node !== undefined && ['node', 'nodes', 'no'].includes(type);
  return [
    ...elsewhere,
    ...(isNode ? [{ ref: `node/${name}`, score: 0 }] : []),
    ...view.namespaces.flatMap((one) => suggestOfType(directory, one, type, name)),
    ...nearNamespaces(directory, namespace),
  ];
}

/** `shop/deploy/api` for the `deploy/api` that lacks its namespace. */
function suggestOfType(
  directory: Directory,
  chunk: NamespaceChunk,
  type: string,
  name: string,
): Suggestion[] {
  const isType = isWellKnownType(type) || chunk.workloads.some((one) => isOfType(one, type));
  if (!isType) return [];
  return [
    ...thingsOfType(directory, { namespace: chunk.name, type, name }).map(
      ({ peer }): Suggestion => ({ ref: peer.ref, score: 0 }),
    ),
    ...near(name, typedNames(chunk, type), (entry) => entry),
  ];
}

/** For `api` in any namespace. */
function suggestAnywhere(directory: Directory, name: string): Suggestion[] {
  const { view } = directory;
  // `api.shop.svc.cluster.local`: what programs call a Service.
  const [service = '', namespace = '', svc] = name.split('.');
  const byDns =
    svc === 'svc' || svc === undefined ? view.findService(namespace, service) : undefined;
  return [
    ...(0 <= namespaceIndex(view, name) ? [{ ref: `${name}/*`, score: 0 }] : []),
    ...(view.findNode(name) === undefined ? [] : [{ ref: `node/${name}`, score: 0 }]),
    ...(byDns === undefined ? [] : [{ ref: `${namespace}/svc/${service}`, score: 0 }]),
    ...view.namespaces.flatMap((chunk) =>
      near(name, namesIn(chunk, 'without owned pods'), (each) => [each, `${chunk.name}/${each}`]),
    ),
    ...nearNamespaces(directory, name),
    ...labelled(view.namespaces, name, '*'),
  ];
}

function nearNamespaces({ view }: Directory, name: string): Suggestion[] {
  const found = near(name, view.namespaces, (chunk) => [chunk.name, `${chunk.name}/*`]);
  // A thing of the asked name in a near namespace is likelier than the whole of it.
  return found.map(({ ref, score }) => ({ ref, score: score + 0.5 }));
}

/** Pods that have `name` as the value of a label: `shop?app=api`. */
function labelled(chunks: readonly NamespaceChunk[], name: string, scope: string): Suggestion[] {
  const keys = new Set<string>();
  for (const chunk of chunks) {
    // Pods of a hundred thousand share a few thousand sets of labels: those are looked at.
    for (const i of new Set(chunk.shapes.map(({ labels }) => labels))) {
      const labels = chunk.labelSets[i] ?? NO_LABELS;
      for (const [key, value] of labels) if (value === name) keys.add(key);
    }
  }
  return [...keys].map((key) => ({ ref: `${scope}?${key}=${name}`, score: ELSEWHERE }));
}

/** Names that `shop/…` could be followed by. */
function namesIn(
  chunk: NamespaceChunk,
  pods: 'with all pods' | 'without owned pods' = 'with all pods',
): string[] {
  const { name, workload } = chunk.pods;
  const named =
    pods === 'with all pods' ? name : name.filter((_one, row) => (workload[row] ?? -1) < 0);
  return [...[...chunk.services, ...chunk.workloads].map((one) => one.name), ...named];
}

/** Name and ref of everything that `type` can mean; for a pod the workloads too, as pods come and go. */
function typedNames(chunk: NamespaceChunk, type: string): (readonly [name: string, ref: string])[] {
  const builtIn = builtInType(type);
  if (builtIn === 'service') {
    return chunk.services.map(({ name }) => [name, `${chunk.name}/svc/${name}`] as const);
  }
  const types = workloadTypes(chunk.workloads);
  const workloads = chunk.workloads.flatMap((workload, i) => {
    if (builtIn !== 'pod' && !isOfType(workload, type)) return [];
    return [[workload.name, `${chunk.name}/${types[i] ?? type}/${workload.name}`] as const];
  });
  if (builtIn !== 'pod') return workloads;
  const pods = chunk.pods.name.map((name) => [name, `${chunk.name}/pod/${name}`] as const);
  return [...pods, ...workloads];
}

function near<T>(
  name: string,
  candidates: readonly T[],
  describe: (candidate: T) => readonly [name: string, ref: string],
): Suggestion[] {
  return candidates.flatMap((candidate) => {
    const [other, ref] = describe(candidate);
    const score = nearness(name, other);
    return score === undefined ? [] : [{ ref, score }];
  });
}

/** How far `other` is from `name`: few edits, more in longer names, or one is the other's beginning. */
function nearness(name: string, other: string): number | undefined {
  const [a, b] = [name.toLowerCase(), other.toLowerCase()];
  const max = a.length <= 4 ? 1 : a.length <= 8 ? 2 : 3;
  const distance = editDistance(a, b, max);
  if (distance !== undefined) return distance;
  return b.startsWith(`${a}-`) || a.startsWith(`${b}-`) ? max + 0.5 : undefined;
}
