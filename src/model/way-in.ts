import type { LazyList, Reason, RuleRef, Verdict, VerdictCounts } from './answer.ts';
import type { PortRange, Protocol } from './connection-set.ts';
import type { Peer } from './peer.ts';
import type { ObjectRef } from './policy.ts';

/** How outside traffic comes in (semantics 5.7, 2). */
export const WAY_IN_TYPES = [
  'INGRESS',
  'GATEWAY',
  'ROUTE',
  'LOAD_BALANCER',
  'NODE_PORT',
  'EXTERNAL_IP',
  'HOST_PORT',
  'HOST_NETWORK',
] as const;
/** One of {@link WAY_IN_TYPES}. */
export type WayInType = (typeof WAY_IN_TYPES)[number];

/** The object that brings traffic in, and which of its traffic. */
export interface WayInVia {
  readonly type: WayInType;
  /** `Ingress`, `HTTPRoute`, `Route`, `Service`, or what owns the pods of a host port. */
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** A leading `*.` for what ends so; absent: every host. */
  readonly host?: string;
  /** `/api` and all below it, `=/api` for exactly this, `~…` for a pattern; absent: every path. */
  readonly path?: string;
  /** Where it is listened on; null where that is not known before the cluster decides it. */
  readonly port: number | null;
  readonly protocol: Protocol;
  /** The Gateway and its listener that a route is attached to. */
  readonly gateway?: {
    readonly namespace: string;
    readonly name: string;
    readonly listener: string;
  };
}

/**
 * How the pods that bring the traffic were found, the best first (semantics R2.18): named by a
 * setting, by the label that Gateways put on them, by what a controller is known by, not pods at all,
 * or not found: then it is some pod of a namespace that the snapshot does not have.
 */
export type ControllerFound = 'CONFIGURED' | 'GATEWAY_LABEL' | 'KNOWN_NAME' | 'OUTSIDE' | 'ASSUMED';

/** Who passes the traffic on. */
export interface WayInController {
  readonly found: ControllerFound;
  /** Its pods, by workload, at most ten; none where it is no pod of the snapshot. */
  readonly peers: readonly Peer[];
  /** `nginx`: the IngressClass or GatewayClass. */
  readonly className?: string;
  /** `k8s.io/ingress-nginx`. */
  readonly controller?: string;
}

/** Where the traffic goes. */
export interface WayInBackend {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** The Service, or the pods of a host port; null where there is no such thing. */
  readonly peer: Peer | null;
  /** As the object names it; absent: every port. */
  readonly port?: number | string;
  /** Ports of the pods. */
  readonly targets: readonly PortRange[];
  /** Pods and other endpoints behind it. */
  readonly podCount: number;
}

/** One connection of a way in. */
export interface WayInLeg {
  /** `ENTRY`: from outside to the controller; `BACKEND`: to the pods. */
  readonly leg: 'ENTRY' | 'BACKEND';
  readonly from: Peer | null;
  readonly to: Peer | null;
  readonly verdict: Verdict;
  /** Ports on which some of it is allowed: of the Service, where there is one. */
  readonly ports: readonly PortRange[];
  /** Up to ten rules that allow it, then `becauseCount` in all. */
  readonly because: readonly RuleRef[];
  readonly becauseCount: number;
  /** Up to ten policies that stop it, or some of it. */
  readonly blockedBy: readonly ObjectRef[];
  /** Where outside addresses differ: those that are or may be let in. */
  readonly clients?: readonly { readonly from: Peer; readonly verdict: Verdict }[];
  readonly reasons: readonly Reason[];
}

/** One row of `ways-in`: does what enters here reach its pods? */
export interface WayIn {
  readonly via: WayInVia;
  /** Of all legs together: `ALLOWED` only if each is. */
  readonly verdict: Verdict;
  /** Addresses and host names as published; empty when none are known. */
  readonly addresses: readonly string[];
  /** Null where nobody stands between. */
  readonly controller: WayInController | null;
  /** Null where nothing is behind it. */
  readonly backend: WayInBackend | null;
  /** In the order a connection takes them; none where it is not attached. */
  readonly legs: readonly WayInLeg[];
  readonly reasons: readonly Reason[];
}

/** The ways in; unlike pairs, those that are denied are rows as well. */
export interface WayInList extends LazyList<WayIn> {
  readonly counts: VerdictCounts & { readonly denied: number };
}
