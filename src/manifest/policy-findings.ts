import { isOneEdit } from './names.ts';
import { problemAt } from './problems.ts';
import type { PlacedPolicy } from './settle-policies.ts';
import { DIRECTIONS, rulePointer, rulesOf } from '../model/policy.ts';
import type { PodSelection } from '../model/policy.ts';
import { matches, matchesPartly, printSelector } from '../model/selector.ts';
import type { Labels, Requirement } from '../model/selector.ts';
import { POD_TEMPLATE } from '../model/snapshot.ts';
import type { KindCoverage, NamespaceChunk, Problem, SnapshotSource } from '../model/snapshot.ts';

/** Labels that controllers add with values nobody can foretell (semantics R1.65). */
const UNFORESEEABLE_LABELS: readonly string[] = [
  'pod-template-hash',
  'controller-revision-hash',
  'pod-template-generation',
  'controller-uid',
  'batch.kubernetes.io/controller-uid',
];

/** What findings are looked for in. */
export interface FindingsInput {
  readonly source: SnapshotSource;
  readonly coverage: readonly KindCoverage[];
  readonly namespaces: ReadonlyMap<string, NamespaceChunk>;
  readonly policies: readonly PlacedPolicy[];
}

/**
 * Selectors that select nothing, which is how a mistyped label shows. Only where the pods are all
 * there; among manifests it is no more than a note, since pods may come from elsewhere.
 */
export function findDeadSelectors(input: FindingsInput): Problem[] {
  const pods = input.coverage.find(({ apiVersion, kind }) => apiVersion === 'v1' && kind === 'Pod');
  if (pods?.status !== 'COMPLETE') return [];
  const index = new SelectionIndex(input.namespaces);
  const problems: Problem[] = [];
  for (const { policy, from } of input.policies) {
    if (policy.opaque !== undefined) continue;
    const place = { ref: policy.ref, from };
    const report = (code: string, pointer: string, message: string): void => {
      problems.push(
        problemAt(place, {
          severity: input.source === 'LIVE' ? 'warning' : 'info',
          code,
          path: pathOfPointer(pointer),
          message,
          affectsVerdicts: false,
        }),
      );
    };
    if (isParticular(policy.subject) && !index.selectsAny(policy.subject)) {
      const hint = index.nearestLabel(policy.subject);
      const field = policy.tier === 'network-policy' ? 'podSelector' : 'subject';
      report('SELECTS_NOTHING', `/spec/${field}`, deadSelection(policy.subject, hint));
    }
    for (const direction of DIRECTIONS) {
      for (const { index: rule, peers } of rulesOf(policy, direction)) {
        for (const { index: peer, atom } of peers === 'every' ? [] : peers) {
          if (atom.kind !== 'pods' || !isParticular(atom.selection)) continue;
          if (index.selectsAny(atom.selection)) continue;
          const hint = index.nearestLabel(atom.selection);
          const pointer = rulePointer(direction, rule, peer);
          report('PEER_MATCHES_NOTHING', pointer, deadSelection(atom.selection, hint));
        }
      }
    }
  }
  return problems;
}

/**
 * Selectors that ask for a label whose value only a running controller decides, in a snapshot whose
 * pods were made from templates: what they match is not known.
 */
export function findUnforeseeableLabels({ namespaces, policies }: FindingsInput): Problem[] {
  const templates = [...namespaces.values()].some(({ pods }) =>
    pods.flags.some((flags) => (flags & POD_TEMPLATE) !== 0),
  );
  if (!templates) return [];
  return policies.flatMap(({ policy, from }) => {
    const selectors = [
      policy.subject.pods,
      ...DIRECTIONS.flatMap((direction) => rulesOf(policy, direction)).flatMap(({ peers }) =>
        (peers === 'every' ? [] : peers).flatMap(({ atom }) =>
          atom.kind === 'pods' ? atom.selection.pods : [],
        ),
      ),
    ];
    const keys = selectors.flatMap(({ requirements }) => requirements.map(({ key }) => key));
    return [...new Set(keys)]
      .filter((key) => UNFORESEEABLE_LABELS.includes(key))
      .map((key) => {
        const message = `controllers set the label \`${key}\` on pods; pods made from templates lack it`;
        return problemAt(
          { ref: policy.ref, from },
          { severity: 'warning', code: 'LABEL_NOT_KNOWN', message, affectsVerdicts: true },
        );
      });
  });
}

/** Finds pods by label without looking at each of them for every selector. */
class SelectionIndex {
  readonly #namespaces: ReadonlyMap<string, NamespaceChunk>;
  readonly #postings = new Map<NamespaceChunk, ReadonlyMap<string, readonly Labels[]>>();
  readonly #answers = new Map<string, boolean>();

  constructor(namespaces: ReadonlyMap<string, NamespaceChunk>) {
    this.#namespaces = namespaces;
  }

  /** Whether any pod may be selected; namespaces of unknown labels might be. */
  selectsAny(selection: PodSelection): boolean {
    const key = JSON.stringify(selection);
    const known = this.#answers.get(key);
    if (known !== undefined) return known;
    const answer = this.#scope(selection).some((chunk) => this.#selectsIn(chunk, selection));
    this.#answers.set(key, answer);
    return answer;
  }

  /** `app=carts`: a label of some pod in scope that is one edit away from one that is asked for. */
  nearestLabel(selection: PodSelection): string | undefined {
    const asked = selection.pods.requirements.filter(({ operator }) => operator === 'In');
    const found = new Set<string>();
    for (const chunk of this.#scope(selection)) {
      for (const labels of chunk.labelSets) {
        for (const requirement of asked) {
          if (matches({ requirements: [requirement] }, labels)) continue;
          for (const label of nearLabels(requirement, labels)) found.add(label);
        }
      }
    }
    return [...found].sort()[0];
  }

  #scope({ namespaces }: PodSelection): NamespaceChunk[] {
    if (namespaces.kind === 'named') {
      const chunk = this.#namespaces.get(namespaces.name);
      return chunk === undefined ? [] : [chunk];
    }
    return [...this.#namespaces.values()].filter((chunk) =>
      chunk.known === 'UNKNOWN'
        ? matchesPartly(namespaces.selector, chunk.labels) !== 'no'
        : matches(namespaces.selector, chunk.labels),
    );
  }

  #selectsIn(chunk: NamespaceChunk, { pods }: PodSelection): boolean {
    if (chunk.pods.name.length === 0) return false;
    const equal = pods.requirements.find(
      ({ operator, values }) => operator === 'In' && values.length === 1,
    );
    const candidates =
      equal === undefined
        ? chunk.labelSets
        : (this.#postingsOf(chunk).get(labelKey(equal.key, equal.values[0] ?? '')) ?? []);
    return candidates.some((labels) => matches(pods, labels));
  }

  #postingsOf(chunk: NamespaceChunk): ReadonlyMap<string, readonly Labels[]> {
    const known = this.#postings.get(chunk);
    if (known !== undefined) return known;
    const postings = new Map<string, Labels[]>();
    for (const labels of chunk.labelSets) {
      for (const [key, value] of labels) {
        const posting = postings.get(labelKey(key, value));
        if (posting === undefined) postings.set(labelKey(key, value), [labels]);
        else posting.push(labels);
      }
    }
    this.#postings.set(chunk, postings);
    return postings;
  }
}

/** A selector of everything is no sign of a mistake. */
function isParticular({ namespaces, pods }: PodSelection): boolean {
  const scoped = namespaces.kind === 'selected' && namespaces.selector.requirements.length !== 0;
  return scoped || pods.requirements.length !== 0;
}

function* nearLabels({ key, values }: Requirement, labels: Labels): Iterable<string> {
  for (const [otherKey, otherValue] of labels) {
    for (const value of values) {
      const nearValue = otherKey === key && isOneEdit(otherValue, value);
      const nearKey = otherValue === value && isOneEdit(otherKey, key);
      if (nearValue || nearKey) yield `${otherKey}=${otherValue}`;
    }
  }
}

function deadSelection({ namespaces, pods }: PodSelection, hint: string | undefined): string {
  const where =
    namespaces.kind === 'named'
      ? 'of the namespace'
      : `in namespaces with \`${printSelector(namespaces.selector)}\``;
  if (pods.requirements.length === 0) return `there is no pod ${where}`;
  return `no pod ${where} has \`${printSelector(pods)}\`${suggestion(hint)}`;
}

function suggestion(hint: string | undefined): string {
  return hint === undefined ? '' : `; did you mean \`${hint}\`?`;
}

function labelKey(key: string, value: string): string {
  return `${key}\u0000${value}`;
}

function pathOfPointer(pointer: string): (string | number)[] {
  const parts = pointer.slice(1).split('/');
  return parts.map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}
