import { isOneEdit } from './names.ts';
import { problemAt } from './problems.ts';
import type { PlacedPolicy } from './settle-policies.ts';
import { DIRECTIONS, rulePointer, rulesOf } from '../model/policy.ts';
import type { PodSelection } from '../model/policy.ts';
import { matches, matchesPartly, printSelector } from '../model/selector.ts';
import type { LabelSelector, Labels, Requirement } from '../model/selector.ts';
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

/** Label sets of pods, by the namespace they are in. */
type Postings = Map<NamespaceChunk, Labels[]>;

/** Finds pods by label without looking at each of them, or at each namespace, for every selector. */
class SelectionIndex {
  readonly #namespaces: ReadonlyMap<string, NamespaceChunk>;
  /** By key and value. */
  readonly #postings = new Map<string, Map<string, Postings>>();
  readonly #scopes = new Map<string, ReadonlySet<NamespaceChunk>>();
  /** Namespaces whose labels are known, by key and value. */
  readonly #labelled = new Map<string, Map<string, NamespaceChunk[]>>();
  /** All others. */
  readonly #unknown: NamespaceChunk[] = [];
  readonly #answers = new Map<string, boolean>();

  constructor(namespaces: ReadonlyMap<string, NamespaceChunk>) {
    this.#namespaces = namespaces;
    for (const chunk of namespaces.values()) {
      if (chunk.pods.flags.length !== 0) this.#addLabels(chunk);
      if (chunk.known === 'UNKNOWN') this.#unknown.push(chunk);
      else this.#addNamespace(chunk);
    }
  }

  #addNamespace(chunk: NamespaceChunk): void {
    for (const [key, value] of chunk.labels) {
      const byValue = entryOf(this.#labelled, key, () => new Map<string, NamespaceChunk[]>());
      entryOf(byValue, value, (): NamespaceChunk[] => []).push(chunk);
    }
  }

  #addLabels(chunk: NamespaceChunk): void {
    for (const labels of chunk.labelSets) {
      for (const [key, value] of labels) {
        const byValue = entryOf(this.#postings, key, () => new Map<string, Postings>());
        const postings = entryOf(byValue, value, (): Postings => new Map());
        entryOf(postings, chunk, (): Labels[] => []).push(labels);
      }
    }
  }

  /** Whether any pod may be selected; namespaces of unknown labels might be. */
  selectsAny(selection: PodSelection): boolean {
    return entryOf(this.#answers, JSON.stringify(selection), () => this.#lookFor(selection));
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

  #lookFor(selection: PodSelection): boolean {
    const { namespaces, pods } = selection;
    const someIn = (labelSets: readonly Labels[] = []): boolean =>
      labelSets.some((labels) => matches(pods, labels));
    const scope = this.#scope(selection);
    const equal = equalityIn(pods);
    if (equal === undefined) {
      return [...scope].some((chunk) => chunk.pods.flags.length !== 0 && someIn(chunk.labelSets));
    }
    const postings = this.#postings.get(equal.key)?.get(equal.value) ?? NO_POSTINGS;
    if (namespaces.kind === 'named') return [...scope].some((chunk) => someIn(postings.get(chunk)));
    return [...postings].some(([chunk, labelSets]) => scope.has(chunk) && someIn(labelSets));
  }

  #scope({ namespaces }: PodSelection): ReadonlySet<NamespaceChunk> {
    if (namespaces.kind === 'named') {
      const chunk = this.#namespaces.get(namespaces.name);
      return new Set(chunk === undefined ? [] : [chunk]);
    }
    const { selector } = namespaces;
    return entryOf(this.#scopes, JSON.stringify(selector), () => {
      const selected = this.#candidates(selector).filter((chunk) =>
        chunk.known === 'UNKNOWN'
          ? matchesPartly(selector, chunk.labels) !== 'no'
          : matches(selector, chunk.labels),
      );
      return new Set(selected);
    });
  }

  /** All namespaces that `selector` may select, and few others. */
  #candidates(selector: LabelSelector): NamespaceChunk[] {
    const equal = equalityIn(selector);
    if (equal === undefined) return [...this.#namespaces.values()];
    const labelled = this.#labelled.get(equal.key)?.get(equal.value) ?? [];
    return [...labelled, ...this.#unknown];
  }
}

/** A label that `selector` asks for with one value; undefined when it asks for none. */
function equalityIn({
  requirements,
}: LabelSelector): { readonly key: string; readonly value: string } | undefined {
  for (const { operator, key, values } of requirements) {
    const [value, other] = values;
    if (operator === 'In' && value !== undefined && other === undefined) return { key, value };
  }
  return undefined;
}

const NO_POSTINGS: Postings = new Map();

/** What `map` has for `key`, made when it has nothing. */
function entryOf<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
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

function pathOfPointer(pointer: string): (string | number)[] {
  const parts = pointer.slice(1).split('/');
  return parts.map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}
