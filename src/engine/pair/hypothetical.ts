import type { Reason } from '../../model/answer.ts';
import type { Policy } from '../../model/policy.ts';
import { matches, matchesPartly } from '../../model/selector.ts';
import type { Labels } from '../../model/selector.ts';
import type { NamespaceChunk, Pod } from '../../model/snapshot.ts';
import type { ModelView } from '../model-view.ts';
import type { Party } from '../party.ts';
import { factsOf } from './fact-sheet.ts';
import type { FactContext } from './fact-sheet.ts';
import type { PartyFacts } from './facts.ts';

/** A pod that somebody could create (semantics 5.7): no address yet, no declared ports. */
export interface HypotheticalPod {
  readonly kind: 'pod';
  /** A namespace of the snapshot, or one that is as hypothetical as the pod. */
  readonly namespace: NamespaceChunk;
  readonly labels: Labels;
}

/**
 * A source that is not in the snapshot: one pod, or every pod there could ever be. Of the latter only
 * what holds whatever its labels and its namespace is certain.
 */
export type HypotheticalSource = HypotheticalPod | { readonly kind: 'every-pod' };

const PARTY: Party = { kind: 'pods', families: 'unknown' };

/** What policies see of `source`. */
export function hypotheticalFacts(context: FactContext, source: HypotheticalSource): PartyFacts {
  if (source.kind === 'every-pod') return everyPodFacts(context);
  const { namespace: chunk, labels } = source;
  const { facts } = factsOf(context, { pod: podOf(labels), chunk, addresses: [] });
  if (isInSnapshot(context.view, chunk)) return { ...facts, party: PARTY };
  // Nobody wrote a policy in a namespace that is not there.
  return { ...facts, party: PARTY, missingPolicies: undefined };
}

/** The policies of the snapshot that select `pod`, or may; in no particular order. */
export function policiesSelecting(view: ModelView, pod: HypotheticalPod): Policy[] {
  const { namespace, labels } = pod;
  const own = isInSnapshot(view, namespace) ? namespace.policies : [];
  return [...view.snapshot.cluster.policies, ...own].filter(({ subject }) => {
    const { namespaces, pods } = subject;
    if (!namespace.conflict && !matches(pods, labels)) return false;
    if (namespaces.kind === 'named') return namespaces.name === namespace.name;
    if (namespace.conflict) return true;
    if (namespace.known !== 'UNKNOWN') return matches(namespaces.selector, namespace.labels);
    return matchesPartly(namespaces.selector, namespace.labels) !== 'no';
  });
}

/**
 * A rule holds every pod only when it says so: `{namespaceSelector: {}}` without a pod selector, or
 * no peers at all. An address block never does, however large.
 */
function everyPodFacts(context: FactContext): PartyFacts {
  return {
    ...context.unpoliced,
    party: PARTY,
    selections: new Map(
      context.selections.map(({ namespaces, pods }, id) => {
        const isAll =
          namespaces.kind === 'selected' &&
          namespaces.selector.requirements.length === 0 &&
          pods.requirements.length === 0;
        return [id, isAll ? 'yes' : 'maybe'] as const;
      }),
    ),
    selectionDoubt: SOME_PODS,
    blocks: context.anyMatches,
    addressDoubt: SOME_PODS,
  };
}

const SOME_PODS: Reason = {
  code: 'CONDITIONAL',
  message: 'a rule holds some of all the pods that there could be',
};

function isInSnapshot({ snapshot }: ModelView, chunk: NamespaceChunk): boolean {
  return snapshot.namespaces.get(chunk.name) === chunk;
}

function podOf(labels: Labels): Pod {
  return {
    name: '',
    uid: '',
    labels,
    ports: [],
    hostNetwork: false,
    addresses: [],
    node: '',
    workload: -1,
    phase: 'UNKNOWN',
    ready: true,
    template: false,
    terminating: false,
    conflict: false,
  };
}
