import type { Family } from '../../model/address.ts';
import { isFinished } from '../../model/snapshot.ts';
import type { PodOrdinal } from '../model-view.ts';
import { nodeOrdinals, podOrdinals } from '../model-view.ts';
import { addressFacts, makeContext, nodeFacts, podFacts, podFamilies } from '../pair/fact-sheet.ts';
import type { FactContext, FactInput } from '../pair/fact-sheet.ts';
import type { PartyFacts } from '../pair/facts.ts';

/** The parties of a snapshot, and who belongs to which. */
export interface PartyTable {
  /** What the facts were worked out against. */
  readonly context: FactContext;
  /** Pod classes in order of their first pod, then nodes, then the unknown node, atoms, unknown addresses. */
  readonly facts: readonly PartyFacts[];
  /** Pods of each pod class, ascending. */
  readonly pods: readonly (readonly PodOrdinal[])[];
  /** -1 for finished pods. */
  readonly ofPod: readonly number[];
  readonly ofNode: readonly number[];
  /** Some node of which nothing is known. */
  readonly ofUnknownNode: number;
  /** Party of atom `i`. */
  readonly ofAtom: readonly number[];
  /** A private address of which nothing else is known, by family. */
  readonly ofUnknownAddress: Readonly<Record<Family, number>>;
}

/** Sorts everything a question can be about into parties. */
export function buildParties(input: FactInput): PartyTable {
  const { view, options, blocks } = input;
  const context = makeContext(input);
  const facts: PartyFacts[] = [];
  const ofPod: number[] = [];
  const pods: PodOrdinal[][] = [];
  const hostPods: PodOrdinal[] = [];
  const classes = new Map<string, number>();
  for (const ordinal of podOrdinals(view)) {
    const pod = view.pod(ordinal);
    ofPod.push(-1);
    if (isFinished(pod.phase)) continue;
    if (pod.hostNetwork && options.hostNetworkPods === 'asNode') {
      hostPods.push(ordinal);
      continue;
    }
    const drafted = podFacts(context, ordinal);
    const id = classes.get(drafted.key) ?? facts.length;
    ofPod[ordinal] = id;
    if (id < facts.length) {
      pods[id]?.push(ordinal);
      continue;
    }
    classes.set(drafted.key, id);
    pods.push([ordinal]);
    const families = podFamilies(view, ordinal);
    facts.push({ ...drafted.facts, party: { kind: 'pods', families } });
  }
  const ofNode: number[] = [];
  for (const node of nodeOrdinals(view)) {
    ofNode.push(facts.length);
    facts.push(nodeFacts(context, node));
  }
  const unknownNode = facts.length;
  facts.push(nodeFacts(context, undefined));
  for (const ordinal of hostPods) {
    const node = view.nodeOf(ordinal);
    ofPod[ordinal] = node === undefined ? unknownNode : (ofNode[node] ?? unknownNode);
  }
  const ofAtom = blocks.atoms.map(
    ({ family, ranges }) => facts.push(addressFacts(context, family, ranges)) - 1,
  );
  const unknownAddress = (family: Family): number =>
    facts.push(addressFacts(context, family, [])) - 1;
  const ofUnknownAddress = { 4: unknownAddress(4), 6: unknownAddress(6) };
  const placed = { ofPod, ofNode, ofUnknownNode: unknownNode, ofAtom, ofUnknownAddress };
  return { context, facts, pods, ...placed };
}
