import { parseAddress, parseCidr } from '../../src/model/address.ts';
import type { Protocol } from '../../src/model/connection-set.ts';
import type { Direction, PeerTerm, Policy, PortTerm, Rule } from '../../src/model/policy.ts';
import { rulesOf } from '../../src/model/policy.ts';
import { matches } from '../../src/model/selector.ts';
import type { Labels } from '../../src/model/selector.ts';
import { isFinished, podAt } from '../../src/model/snapshot.ts';
import type { ContainerPort, NamespaceChunk, Snapshot } from '../../src/model/snapshot.ts';

/** A pod as a pairwise evaluator sees it: parsed, with its namespace at hand. */
export interface PairPod {
  readonly namespace: NamespaceChunk;
  readonly labels: Labels;
  readonly ports: readonly ContainerPort[];
  readonly hostNetwork: boolean;
  readonly finished: boolean;
  /** IPv4 addresses as numbers. */
  readonly addresses: readonly number[];
}

/** One packet: can `source` open it to `destination`. */
export interface PairQuestion {
  readonly source: PairPod;
  readonly destination: PairPod;
  readonly protocol: Protocol;
  readonly port: number;
}

/** A block of IPv4 addresses with holes, as numbers; `undefined` for the other family. */
interface Block {
  readonly first: number;
  readonly last: number;
  readonly except: readonly (readonly [first: number, last: number])[];
}

/** Blocks by the peer that wrote them, parsed once. */
const BLOCKS = new WeakMap<PeerTerm, Block | 'other family'>();

/** All pods of a snapshot, in the order of a model view: by namespace, then name. */
export function pairPods(snapshot: Snapshot): PairPod[] {
  return [...snapshot.namespaces.values()].flatMap((namespace) =>
    namespace.pods.name.map((_, row): PairPod => {
      const { labels, ports, hostNetwork, addresses, phase } = podAt(namespace, row);
      const finished = isFinished(phase);
      return { namespace, labels, ports, hostNetwork, finished, addresses: ipv4Of(addresses) };
    }),
  );
}

/** Whether `policy` selects `pod`. */
export function selects({ subject, ref }: Policy, pod: PairPod): boolean {
  return ref.namespace === pod.namespace.name && matches(subject.pods, pod.labels);
}

/** Whether any rule of `policy` in `direction` allows the packet. */
export function allows(policy: Policy, direction: Direction, question: PairQuestion): boolean {
  const peer = direction === 'EGRESS' ? question.destination : question.source;
  return rulesOf(policy, direction).some(
    (rule) => peerMatches(rule, policy, peer) && portMatches(rule, question),
  );
}

function peerMatches({ peers }: Rule, _policy: Policy, pod: PairPod): boolean {
  if (peers === 'every') return true;
  return peers.some((term) => termMatches(term, pod));
}

function termMatches(term: PeerTerm, pod: PairPod): boolean {
  const { atom } = term;
  if (atom.kind === 'pods') {
    // The addresses of hostNetwork pods are their node's; no selector sees them.
    if (pod.hostNetwork) return false;
    const { namespaces, pods } = atom.selection;
    const inScope =
      namespaces.kind === 'named'
        ? namespaces.name === pod.namespace.name
        : matches(namespaces.selector, pod.namespace.labels);
    return inScope && matches(pods, pod.labels);
  }
  if (atom.kind !== 'addresses') throw new TypeError(`no pairwise reading of ${atom.kind}`);
  const block = blockOf(term, atom.cidr, atom.except);
  if (block === 'other family') return false;
  return pod.addresses.some(
    (address) =>
      block.first <= address &&
      address <= block.last &&
      !block.except.some(([first, last]) => first <= address && address <= last),
  );
}

function portMatches({ ports }: Rule, question: PairQuestion): boolean {
  return ports === 'every' || ports.some((term) => termHasPort(term, question));
}

function termHasPort(term: PortTerm, { destination, protocol, port }: PairQuestion): boolean {
  if (term.protocol !== protocol) return false;
  if (term.kind === 'range') return term.from <= port && port <= term.to;
  if (destination.hostNetwork) return false;
  return destination.ports.some(
    (declared) =>
      declared.name === term.name &&
      declared.protocol === protocol &&
      declared.port === port &&
      declared.container !== 'init',
  );
}

function blockOf(term: PeerTerm, cidr: string, except: readonly string[]): Block | 'other family' {
  const known = BLOCKS.get(term);
  if (known !== undefined) return known;
  const [range, ...holes] = [cidr, ...except].map(rangeOf);
  const block =
    range === undefined
      ? 'other family'
      : { first: range[0], last: range[1], except: holes.flatMap((hole) => (hole ? [hole] : [])) };
  BLOCKS.set(term, block);
  return block;
}

function rangeOf(text: string): readonly [first: number, last: number] | undefined {
  const range = parseCidr(text)?.range;
  return range?.family === 4 ? [Number(range.first), Number(range.last)] : undefined;
}

function ipv4Of(texts: readonly string[]): number[] {
  return texts.flatMap((text) => {
    const address = parseAddress(text);
    return address?.family === 4 ? [Number(address.value)] : [];
  });
}
