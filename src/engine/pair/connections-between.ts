import { parseAddress, singleAddress } from '../../model/address.ts';
import type { Family } from '../../model/address.ts';
import type { ConnectionSet } from '../../model/connection-set.ts';
import type { ModelView, NodeOrdinal, PodOrdinal } from '../model-view.ts';
import type { PairQuestion, ReachIndex } from '../reach-index.ts';
import type { PartyId, Relation } from '../party.ts';

/** One concrete end of a pair. */
export type End =
  | { readonly kind: 'pod'; readonly namespace: string; readonly name: string }
  | { readonly kind: 'node'; readonly name: string }
  | { readonly kind: 'address'; readonly address: string };

/** Every connection between two concrete ends, in one family. */
export interface ConnectionsBetween {
  readonly allowed: ConnectionSet;
  readonly denied: ConnectionSet;
  readonly undetermined: ConnectionSet;
  /** Protocols other than TCP, UDP and SCTP, which are never part of an answer (semantics R2.16). */
  readonly other: 'ALLOWED' | 'DENIED' | 'UNSPECIFIED';
}

/** An end in terms of the index. */
export interface PlacedEnd {
  readonly party: PartyId;
  readonly pod: PodOrdinal | undefined;
  readonly node: NodeOrdinal | undefined;
  /** A hostNetwork pod (or node) whose node is not known. */
  readonly unknownNode: boolean;
}

/**
 * Connections from one end to another by their own addresses; undefined when an end is finished,
 * unknown, or when neither is a pod.
 */
export function connectionsBetween(
  index: ReachIndex,
  from: End,
  to: End,
  family: Family | null,
): ConnectionsBetween | undefined {
  const source = placeEnd(index, from);
  const destination = placeEnd(index, to);
  if (source === undefined || destination === undefined) return undefined;
  const kinds = [source, destination].map(({ party }) => index.party(party).kind);
  if (!kinds.includes('pods')) return undefined;
  const relation = relationOf(index.view, source, destination);
  const question = { source: source.party, destination: destination.party, family, relation };
  const { allowed, denied, undetermined } = index.reach(question);
  return { allowed, denied, undetermined, other: otherProtocols(index, question) };
}

/** How two ends belong together. */
export function relationOf(view: ModelView, source: PlacedEnd, destination: PlacedEnd): Relation {
  if (source.pod !== undefined && source.pod === destination.pod) return 'SELF';
  const [a, b] = [nodeSide(source), nodeSide(destination)];
  if (a === b) return 'NONE';
  const node = a ? source : destination;
  const pod = a ? destination : source;
  if (pod.pod === undefined) return 'NONE';
  const home = view.nodeOf(pod.pod);
  if (home === undefined || node.unknownNode) return 'MAYBE_LOCAL_NODE';
  return home === node.node ? 'LOCAL_NODE' : 'NONE';
}

function nodeSide(end: PlacedEnd): boolean {
  return end.node !== undefined || end.unknownNode;
}

/** The place of a pod: its own party, or that of the node it shares addresses with. */
export function placePod(index: ReachIndex, pod: PodOrdinal): PlacedEnd | undefined {
  const party = index.partyOfPod(pod);
  if (party === undefined) return undefined;
  const onNode = index.party(party).kind === 'node';
  const node = onNode ? index.view.nodeOf(pod) : undefined;
  return { party, pod, node, unknownNode: onNode && node === undefined };
}

/** The place of a node. */
export function placeNode(index: ReachIndex, node: NodeOrdinal): PlacedEnd {
  return { party: index.partyOfNode(node), pod: undefined, node, unknownNode: false };
}

function placeEnd(index: ReachIndex, end: End): PlacedEnd | undefined {
  const { view } = index;
  if (end.kind === 'pod') {
    const pod = view.findPod(end.namespace, end.name);
    return pod === undefined ? undefined : placePod(index, pod);
  }
  if (end.kind === 'node') {
    const node = view.findNode(end.name);
    return node === undefined ? undefined : placeNode(index, node);
  }
  const address = parseAddress(end.address);
  if (address === undefined) return undefined;
  const owner = view.ownerOf(address);
  if (owner?.kind === 'pod') return placePod(index, owner.pod);
  if (owner?.kind === 'node') return placeNode(index, owner.node);
  const party = index.partiesOfRanges([singleAddress(address)])[0]?.party;
  if (party === undefined) return undefined;
  return { party, pod: undefined, node: undefined, unknownNode: false };
}

function otherProtocols(index: ReachIndex, question: PairQuestion): ConnectionsBetween['other'] {
  const egress = index.legOutcome(question, 'EGRESS');
  const ingress = index.legOutcome(question, 'INGRESS');
  if (egress.deny.other || ingress.deny.other) return 'DENIED';
  return egress.allow.other && ingress.allow.other ? 'ALLOWED' : 'UNSPECIFIED';
}
