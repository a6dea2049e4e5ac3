import { containsAddress, parseCidr, printAddress } from '../../model/address.ts';
import type { Address } from '../../model/address.ts';
import type { PeerAtom, PodSelection } from '../../model/policy.ts';
import { meets, printRequirement, printSelector } from '../../model/selector.ts';
import type { LabelSelector, Labels } from '../../model/selector.ts';

/** The other side of a leg as explanations speak of it. */
export interface OtherSide {
  /** `pod shop/web-1`, `node n1`, `address 10.0.0.1`. */
  readonly name: string;
  readonly pod?: {
    readonly labels: Labels;
    readonly namespace: string;
    readonly namespaceLabels: Labels;
  };
  readonly addresses: readonly Address[];
  /** Its labels and addresses are not told: not even how far it is from what a rule asks for. */
  readonly isWithheld?: true;
}

/** Why an entry of a rule does not hold the other side; lower ranks are nearer misses. */
export interface PeerMiss {
  /** 1: only the pod's labels; 2: only the namespace; 3: inside an `except`; 4: anything else. */
  readonly rank: number;
  readonly code: string;
  readonly why: string;
}

/** What an entry says that holds `other`. */
export function explainMatch(atom: PeerAtom, other: OtherSide): string {
  switch (atom.kind) {
    case 'pods': {
      const { namespaces, pods } = atom.selection;
      const scope =
        namespaces.kind === 'named'
          ? `namespace ${namespaces.name}`
          : `namespaceSelector ${printSelector(namespaces.selector)}`;
      return `${scope}, podSelector ${printSelector(pods)}: selects ${other.name}`;
    }
    case 'addresses': {
      const address = addressIn(atom.cidr, other);
      const who = address === undefined ? other.name : printAddress(address);
      return `${fieldOf(atom)} ${atom.cidr}: contains ${who}`;
    }
    case 'nodes':
      return `nodes ${printSelector(atom.selector)}: selects ${other.name}`;
    case 'opaque':
      return atom.reason;
  }
}

/** The requirements of an entry that `other` does not meet, with its actual labels. */
export function explainPeer(atom: PeerAtom, other: OtherSide): PeerMiss {
  if (other.isWithheld === true) {
    return { rank: 4, code: 'HIDDEN', why: `it does not hold these ${other.name}` };
  }
  switch (atom.kind) {
    case 'pods':
      return explainSelection(atom.selection, other);
    case 'addresses':
      return explainBlock(atom, other);
    case 'nodes': {
      const why = `nodes ${printSelector(atom.selector)}: ${other.name} is no node it selects`;
      return { rank: 4, code: 'NODE_NOT_SELECTED', why };
    }
    case 'opaque':
      return { rank: 4, code: 'CONDITIONAL', why: atom.reason };
  }
}

function explainSelection({ namespaces, pods }: PodSelection, other: OtherSide): PeerMiss {
  if (other.pod === undefined) {
    const why = `it selects pods, and ${other.name} is not a pod of the pod network`;
    return { rank: 4, code: 'NOT_A_POD', why };
  }
  const { namespace, namespaceLabels, labels } = other.pod;
  const namespaceWhy =
    namespaces.kind === 'named'
      ? namespaces.name === namespace
        ? undefined
        : `it selects pods of namespace ${namespaces.name} only, and ${other.name} is in ${namespace}`
      : failing(namespaces.selector, namespaceLabels, {
          who: `namespace ${namespace}`,
          field: 'namespaceSelector',
        });
  const podWhy = failing(pods, labels, { who: other.name, field: 'podSelector' });
  if (namespaceWhy === undefined) {
    return { rank: 1, code: 'POD_LABELS_DIFFER', why: podWhy ?? 'it does not match' };
  }
  const code = namespaces.kind === 'named' ? 'OTHER_NAMESPACE' : 'NAMESPACE_LABELS_DIFFER';
  return podWhy === undefined
    ? { rank: 2, code, why: namespaceWhy }
    : { rank: 4, code, why: `${namespaceWhy}; ${podWhy}` };
}

function failing(
  selector: LabelSelector,
  labels: Labels,
  { who, field }: { readonly who: string; readonly field: string },
): string | undefined {
  const requirement = selector.requirements.find((one) => !meets(one, labels));
  if (requirement === undefined) return undefined;
  const value = labels.get(requirement.key);
  const actual =
    value === undefined ? `has no label ${requirement.key}` : `has ${requirement.key}=${value}`;
  return `${field} ${printRequirement(requirement)}: ${who} ${actual}`;
}

type AddressAtom = Extract<PeerAtom, { kind: 'addresses' }>;

function explainBlock(atom: AddressAtom, other: OtherSide): PeerMiss {
  const { cidr, except } = atom;
  const inside = addressIn(cidr, other);
  if (inside === undefined) {
    const why = `${other.name} has no address in ${fieldOf(atom)} ${cidr}`;
    return { rank: 4, code: 'OUTSIDE_RANGE', why };
  }
  const hole = except.find((text) => {
    const range = parseCidr(text)?.range;
    return range !== undefined && containsAddress(range, inside);
  });
  if (hole !== undefined) {
    const why = `${printAddress(inside)} is in ipBlock ${cidr} but excepted by ${hole}`;
    return { rank: 3, code: 'EXCEPTED', why };
  }
  const why = `ipBlock ${cidr} does not match pods or nodes in this dialect`;
  return { rank: 4, code: 'RANGE_NOT_FOR_PODS', why };
}

function addressIn(cidr: string, other: OtherSide): Address | undefined {
  const block = parseCidr(cidr)?.range;
  return other.addresses.find((address) => block !== undefined && containsAddress(block, address));
}

/** As the author wrote it: cluster policies call it a network. */
function fieldOf({ owned }: AddressAtom): string {
  return owned === 'always' ? 'network' : 'ipBlock';
}
