import { cidrsOf, mergeRanges, singleAddress, subtractRanges } from '../../model/address.ts';
import type { Address, AddressRange, Family } from '../../model/address.ts';
import { PodreachError } from '../../model/errors.ts';
import type { Directory } from '../directory.ts';
import type {
  AddressOwner,
  ModelView,
  NodeOrdinal,
  PodOrdinal,
  ViewService,
} from '../model-view.ts';
import type { EndSet } from './end-set.ts';
import { printRef } from './parse-ref.ts';
import type { RefSyntax } from './parse-ref.ts';
import { internetRanges } from './special-addresses.ts';

/** Pods and nodes of an end, by address. */
interface Owners {
  readonly pods: Set<PodOrdinal>;
  readonly nodes: Set<NodeOrdinal>;
  /** Something that has no name here owns one: which of all that is, is not told. */
  others: boolean;
}

/**
 * The Service whose addresses are all that is named; undefined when no address is a Service's.
 *
 * @throws PodreachError `bad-ref` when a Service's address is listed with anything else: its ports
 *   are translated, those of the others are not
 */
export function serviceOfAddresses(
  directory: Directory,
  { items }: RefSyntax & { kind: 'addresses' },
): ViewService | undefined {
  const owners = items.map((item) =>
    item.kind === 'address' ? directory.view.ownerOf(item.address) : undefined,
  );
  const services = owners.flatMap((owner) => (owner?.kind === 'service' ? [owner.service] : []));
  const [first] = services;
  if (first === undefined) return undefined;
  const { ref } = directory.servicePeer(first);
  const same = services.every((service) => directory.servicePeer(service).ref === ref);
  if (same && services.length === owners.length) return first;
  throw new PodreachError(
    'bad-ref',
    `an address in the list belongs to the Service \`${ref}\`, which translates ports; ask for it ` +
      'by itself',
    { suggestions: [ref] },
  );
}

/**
 * What addresses stand for: a single one for the pod or node that owns it, in that family, a CIDR
 * for what nobody owns in it and the pods and nodes that own something there.
 */
export function resolveAddresses(
  directory: Directory,
  syntax: RefSyntax & { kind: 'addresses' },
): EndSet {
  const { view } = directory;
  const singles = syntax.items.flatMap((item) => (item.kind === 'address' ? [item.address] : []));
  const blocks = mergeRanges(
    syntax.items.flatMap((item) => (item.kind === 'cidr' ? [item.range] : [])),
  );
  const owners: Owners = { pods: new Set(), nodes: new Set(), others: false };
  const families = new Set<Family>();
  for (const address of singles) {
    const owner = view.ownerOf(address);
    if (owner !== undefined && addOwner(view, owners, owner)) families.add(address.family);
  }
  const inBlocks = ownedIn(view, blocks);
  // A CIDR means its pods in every family, so one beside single addresses widens those as well.
  const widened = inBlocks.filter(([, owner]) => addOwner(view, owners, owner)).length !== 0;
  const asked = mergeRanges([...singles.map(singleAddress), ...blocks]);
  const owned = [
    ...inBlocks.map(([address]) => address),
    ...singles.filter((one) => view.ownerOf(one) !== undefined),
  ];
  const others = owners.others ? (directory.others?.pods ?? []) : [];
  const end: Omit<EndSet, 'peer'> = {
    pods: [...owners.pods, ...others].sort((a, b) => a - b),
    nodes: [...owners.nodes].sort((a, b) => a - b),
    ranges: subtractRanges(asked, owned.map(singleAddress)),
    askedRanges: blocks,
    ...(families.size === 0 || widened || owners.others ? {} : { families: [...families].sort() }),
    untranslated: [],
  };
  return { peer: peerOf(directory, end, { asked, text: printRef(syntax) }), ...end };
}

/**
 * Every address tagged `internet` that nothing in the snapshot owns; the pod networks of the nodes
 * are the cluster's.
 */
export function resolveInternet(directory: Directory): EndSet {
  const { view } = directory;
  const tagged = internetRanges(view.nodes.flatMap(({ node }) => node.podCIDRs));
  const owned = ownedIn(view, tagged).map(([address]) => singleAddress(address));
  return {
    peer: { key: 'internet', ref: 'internet', kind: 'AddressRange', cidrs: cidrsOf(tagged) },
    pods: [],
    nodes: [],
    ranges: subtractRanges(tagged, owned),
    askedRanges: tagged,
    untranslated: [],
  };
}

function peerOf(
  directory: Directory,
  end: Omit<EndSet, 'peer'>,
  { asked, text }: { readonly asked: readonly AddressRange[]; readonly text: string },
): EndSet['peer'] {
  const [pod] = end.pods;
  const [node] = end.nodes;
  const { others, view } = directory;
  const isNamed = end.pods.some((one) => !view.isOther(one)) || end.nodes.length !== 0;
  if (others !== undefined && !isNamed && end.ranges.length === 0) return others.peer;
  const byAddress = end.families !== undefined;
  if (byAddress && end.ranges.length === 0 && end.pods.length + end.nodes.length === 1) {
    if (pod !== undefined) return directory.podPeer(pod);
    if (node !== undefined) return directory.nodePeer(node);
  }
  const peer = directory.rangePeer(asked);
  // The CIDRs would ask for the owners in every family.
  return byAddress ? { ...peer, ref: text } : peer;
}

/** Whether the owner is an end by itself. */
function addOwner(view: ModelView, owners: Owners, owner: AddressOwner): boolean {
  if (owner.kind === 'others' || (owner.kind === 'pod' && view.isOther(owner.pod))) {
    owners.others = true;
    return true;
  }
  if (owner.kind === 'pod') owners.pods.add(owner.pod);
  if (owner.kind === 'node') owners.nodes.add(owner.node);
  return owner.kind !== 'service';
}

function ownedIn(
  view: ModelView,
  blocks: readonly AddressRange[],
): (readonly [Address, AddressOwner])[] {
  return blocks.flatMap((block) => [...view.ownedIn(block)]);
}
