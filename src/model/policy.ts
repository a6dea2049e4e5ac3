import type { Protocol } from './connection-set.ts';
import type { LabelSelector } from './selector.ts';

/** The direction a rule judges, seen from its subject. */
export type Direction = 'INGRESS' | 'EGRESS';

/** Both directions, in the order a connection meets them. */
export const DIRECTIONS: readonly Direction[] = ['EGRESS', 'INGRESS'];

/** The names of the ordered tiers every policy kind is normalised to (semantics 5.4). */
export type TierId = 'admin' | 'network-policy' | 'baseline';

/** What a matching rule does; NetworkPolicy rules only ever allow. */
export type Action = 'allow' | 'deny' | 'pass';

/** The identity of a Kubernetes object. */
export interface ObjectRef {
  /** `networking.k8s.io/v1`. */
  readonly apiVersion: string;
  readonly kind: string;
  /** Absent on cluster-scoped objects. */
  readonly namespace?: string;
  readonly name: string;
  readonly uid?: string;
}

/** `NetworkPolicy shop/allow-web`: how messages and explanations name an object. */
export function printObject({ kind, namespace, name }: ObjectRef): string {
  return namespace === undefined ? `${kind} ${name}` : `${kind} ${namespace}/${name}`;
}

/** Namespaces by name or by labels. */
export type NamespaceScope =
  | { readonly kind: 'named'; readonly name: string }
  | { readonly kind: 'selected'; readonly selector: LabelSelector };

/** Pods of the pod network, by namespace and labels; never addresses (semantics R1.24). */
export interface PodSelection {
  readonly namespaces: NamespaceScope;
  readonly pods: LabelSelector;
}

/** One kind of thing a rule can name as the other side. */
export type PeerAtom =
  | { readonly kind: 'pods'; readonly selection: PodSelection }
  | {
      readonly kind: 'addresses';
      /** Canonical, masked CIDR text. */
      readonly cidr: string;
      /** Canonical, masked CIDR texts, sorted and distinct; subtracted from `cidr` only. */
      readonly except: readonly string[];
      /** `options` where the dialect decides about pods and nodes, `always` for cluster policies. */
      readonly owned: 'options' | 'always';
    }
  | { readonly kind: 'nodes'; readonly selector: LabelSelector }
  /** Something that cannot be decided from a snapshot; a match is conditional. */
  | { readonly kind: 'opaque'; readonly reason: string };

/** One entry of a rule's `from` or `to`. */
export interface PeerTerm {
  /** Zero-based position in the list the author wrote. */
  readonly index: number;
  /** Matches whatever `atom` does not. */
  readonly negated: boolean;
  readonly atom: PeerAtom;
}

/** One entry of a rule's port list. */
export type PortTerm =
  | {
      readonly index: number;
      readonly kind: 'range';
      readonly protocol: Protocol;
      /** Inclusive, 1-65535. */
      readonly from: number;
      readonly to: number;
    }
  | {
      readonly index: number;
      readonly kind: 'name';
      /** Absent: the container port's own protocol (cluster policies). */
      readonly protocol?: Protocol;
      readonly name: string;
    };

/** One rule in one direction: peers × ports → action. */
export interface Rule {
  /** Zero-based position in the policy's list of this direction. */
  readonly index: number;
  readonly name?: string;
  readonly action: Action;
  /** `every`: the list was missing or empty, which means everyone (semantics R1.9). */
  readonly peers: readonly PeerTerm[] | 'every';
  /** `every`: the list was missing or empty: every port of every protocol (semantics R1.10). */
  readonly ports: readonly PortTerm[] | 'every';
  /** Why a match is only conditional (names, L7 ...); absent for all native rules. */
  readonly opaque?: string;
}

/** Why a policy's effect is not known. */
export interface Opacity {
  readonly code: 'UNEVALUATED_POLICY' | 'INVALID_POLICY' | 'CONFLICTING_OBJECTS';
  readonly message: string;
}

/**
 * A policy of any kind, normalised: past the decoders nobody asks for the kind except to print it.
 *
 * INVARIANT: defaulted and valid. What could not be decoded carries `opaque` and the widest subject
 * and directions it could have.
 */
export interface Policy {
  readonly ref: ObjectRef;
  readonly tier: TierId;
  /** Ascending order of evaluation inside the tier; equal for all NetworkPolicies. */
  readonly order: number;
  readonly subject: PodSelection;
  /** The directions in which the policy speaks, rules or not: what isolates. */
  readonly applies: { readonly ingress: boolean; readonly egress: boolean };
  readonly ingress: readonly Rule[];
  readonly egress: readonly Rule[];
  /** Set when the effect is unknown: verdicts it could change become undetermined. */
  readonly opaque?: Opacity;
  /** Canonical JSON of the kept `spec`, for printing and for later readers; `null` when unknown. */
  readonly spec: string;
}

/** The rules of `policy` in `direction`. */
export function rulesOf(policy: Policy, direction: Direction): readonly Rule[] {
  return direction === 'INGRESS' ? policy.ingress : policy.egress;
}

/** Whether `policy` speaks in `direction`. */
export function appliesTo(policy: Policy, direction: Direction): boolean {
  return direction === 'INGRESS' ? policy.applies.ingress : policy.applies.egress;
}

/** JSON pointer of a rule, or of a peer in it, in the author's manifest. */
export function rulePointer(direction: Direction, rule: number, peer?: number): string {
  const section = direction === 'INGRESS' ? 'ingress' : 'egress';
  const list = direction === 'INGRESS' ? 'from' : 'to';
  return `/spec/${section}/${rule}${peer === undefined ? '' : `/${list}/${peer}`}`;
}

/** JSON pointer of an entry of a rule's ports, in the author's manifest. */
export function portPointer(
  { ref }: Policy,
  direction: Direction,
  rule: number,
  port: number,
): string {
  const list = ref.kind === 'ClusterNetworkPolicy' ? 'protocols' : 'ports';
  return `${rulePointer(direction, rule)}/${list}/${port}`;
}
