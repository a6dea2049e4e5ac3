import { rulesOf } from '../../../model/policy.ts';
import type { PodSelection, Policy } from '../../../model/policy.ts';
import {
  NAMESPACE_NAME_LABEL,
  NO_LABELS,
  fewestLabels,
  matches,
  matchesPartly,
  selectorOf,
} from '../../../model/selector.ts';
import type { LabelSelector, Labels } from '../../../model/selector.ts';
import { NO_PODS } from '../../../model/snapshot.ts';
import type { NamespaceChunk } from '../../../model/snapshot.ts';
import type { ModelView } from '../../model-view.ts';
import type { HypotheticalPod } from '../../pair/hypothetical.ts';

/** A pod that satisfies a pair of selectors and nothing more. */
export interface NamedHypothetical {
  /** Equal for equal pods; the order they are told in. */
  readonly key: string;
  readonly pod: HypotheticalPod;
  /** The namespace it has to be in; null where any new one with the labels would do. */
  readonly namespace: string | null;
  /** What the namespace needs besides its name. */
  readonly namespaceLabels: Labels;
}

/**
 * The pods that anybody could create and that ingress rules tell apart as sources (semantics 5.7):
 * for each pair of selectors of a peer, those with the fewest labels the pair asks for, in a new
 * namespace with the fewest labels unless the pair names one; and one without labels in a namespace
 * without labels. Where a selector lists values, a pod for each. Pairs that nothing can satisfy are
 * skipped.
 */
export class HypotheticalPods {
  readonly #view: ModelView;
  /** Equal pods are one object: what is known of them is remembered along it. */
  readonly #known = new Map<string, NamedHypothetical>();

  constructor(view: ModelView) {
    this.#view = view;
  }

  /** Those that the ingress rules of `policies` tell apart: distinct, sorted by key. */
  of(policies: readonly Policy[]): NamedHypothetical[] {
    const found = new Map<string, NamedHypothetical>();
    const add = (one: NamedHypothetical): unknown => found.set(one.key, one);
    add(this.#pod(null, NO_LABELS, NO_LABELS));
    for (const selection of policies.flatMap(ingressSelections)) {
      for (const labels of fewestLabels(selection.pods)) {
        for (const { name, labels: needed } of namespacesFor(this.#view, selection)) {
          add(this.#pod(name, needed, labels));
        }
      }
    }
    return [...found.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  #pod(name: string | null, namespaceLabels: Labels, labels: Labels): NamedHypothetical {
    const key = JSON.stringify([name ?? '', [...namespaceLabels], [...labels]]);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const existing = name === null ? undefined : this.#view.snapshot.namespaces.get(name);
    const namespace = existing ?? newNamespace(name ?? NEW_NAME, namespaceLabels);
    const pod: HypotheticalPod = { kind: 'pod', namespace, labels };
    const made = { key, pod, namespace: name, namespaceLabels };
    this.#known.set(key, made);
    return made;
  }
}

function ingressSelections(policy: Policy): PodSelection[] {
  return rulesOf(policy, 'INGRESS').flatMap(({ peers }) =>
    peers === 'every'
      ? []
      : peers.flatMap(({ atom }) => (atom.kind === 'pods' ? [atom.selection] : [])),
  );
}

/** Where a pod of `selection` can be: null for a new namespace. */
function namespacesFor(
  view: ModelView,
  { namespaces }: PodSelection,
): { readonly name: string | null; readonly labels: Labels }[] {
  if (namespaces.kind === 'named') return [{ name: namespaces.name, labels: NO_LABELS }];
  const { selector } = namespaces;
  const { pinned, rest } = splitName(selector);
  const needed = fewestLabels(rest);
  if (pinned === undefined) {
    return isAnyName(selector) ? needed.map((labels) => ({ name: null, labels })) : [];
  }
  return pinned.flatMap((name) => {
    const chunk = view.snapshot.namespaces.get(name);
    if (chunk !== undefined) return canBe(chunk, selector) ? [{ name, labels: NO_LABELS }] : [];
    return needed
      .filter((labels) => matches(selector, new Map([...labels, [NAMESPACE_NAME_LABEL, name]])))
      .map((labels) => ({ name, labels }));
  });
}

/** The names that a selector admits when it lists some, and what it asks of other labels. */
function splitName({ requirements }: LabelSelector): {
  readonly pinned: readonly string[] | undefined;
  readonly rest: LabelSelector;
} {
  const ofName = requirements.filter(({ key }) => key === NAMESPACE_NAME_LABEL);
  const listed = ofName.find(({ operator }) => operator === 'In');
  const rest = selectorOf(requirements.filter(({ key }) => key !== NAMESPACE_NAME_LABEL));
  return { pinned: listed?.values, rest };
}

/** Every namespace has a name, so nothing may forbid it; any free one is admitted. */
function isAnyName({ requirements }: LabelSelector): boolean {
  return !requirements.some(
    ({ key, operator }) => key === NAMESPACE_NAME_LABEL && operator === 'DoesNotExist',
  );
}

/** Whether a namespace of the snapshot is one that `selector` holds, or may be. */
function canBe(chunk: NamespaceChunk, selector: LabelSelector): boolean {
  if (chunk.conflict) return true;
  return chunk.known === 'UNKNOWN'
    ? matchesPartly(selector, chunk.labels) !== 'no'
    : matches(selector, chunk.labels);
}

/** No namespace can be called that, and so no rule names it. */
const NEW_NAME = '*';

function newNamespace(name: string, labels: Labels): NamespaceChunk {
  return {
    name,
    labels: new Map([...labels, [NAMESPACE_NAME_LABEL, name]]),
    known: 'OBJECT',
    terminating: false,
    conflict: false,
    labelSets: [],
    shapes: [],
    pods: NO_PODS,
    workloads: [],
    policies: [],
    services: [],
  };
}
