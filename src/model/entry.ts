import type { ObjectRef } from './policy.ts';
import type { LabelSelector } from './selector.ts';

/*
 * What brings outside traffic to Services through a controller: Ingress, the routes of the Gateway
 * API, the Route of OpenShift. None of them grants anything (semantics R2.18): no verdict about two
 * ends ever reads them.
 */

/** Where an entry sends what it takes in. */
export interface EntryBackend {
  /** `Service`, or another kind with its group: `ServiceImport.multicluster.x-k8s.io`. */
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /**
   * Number or name. Of a Service's own ports, but of an OpenShift Route: a name of these, or where
   * they lead. Absent: every port.
   */
  readonly port?: number | string;
}

/** Requests of an entry that go to the same backends. */
export interface EntryRule {
  /** JSON pointer of the rule in the author's manifest: `/spec/rules/0/http/paths/1`. */
  readonly pointer: string;
  /** DNS names, a leading `*.` for what ends so; empty: every name. */
  readonly hosts: readonly string[];
  /** `/api` and all below it, `=/api` for exactly this, `~…` for a pattern; empty: every path. */
  readonly paths: readonly string[];
  readonly backends: readonly EntryBackend[];
}

/** The Gateway that a route asks to be attached to. */
export interface EntryParent {
  /** `Gateway`, or another kind with its group. */
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** Only this listener; absent: every one that takes it. */
  readonly listener?: string;
  /** Only listeners on this port. */
  readonly port?: number;
}

/** An Ingress, a route of the Gateway API or an OpenShift Route. */
export interface Entry {
  readonly ref: ObjectRef;
  /** Class of the controller that serves it; absent where a Gateway says, or nothing does. */
  readonly className?: string;
  /** Of the Gateway API only: where it is attached. */
  readonly parents?: readonly EntryParent[];
  /** Hosts that are served with TLS; `every` of a default certificate. */
  readonly tls: readonly string[] | 'every';
  /** Addresses and host names that the controller published in the status. */
  readonly addresses: readonly string[];
  readonly rules: readonly EntryRule[];
  /** Contradictory, or not readable in full: it may be other than it looks. */
  readonly doubtful: boolean;
}

/** The protocols of a listener; HTTP, HTTPS and TLS come over TCP. */
export const LISTENER_PROTOCOLS = ['HTTP', 'HTTPS', 'TLS', 'TCP', 'UDP'] as const;

/** Namespaces whose routes a listener takes. */
export type ListenerNamespaces =
  | { readonly kind: 'same' }
  | { readonly kind: 'every' }
  | { readonly kind: 'none' }
  | { readonly kind: 'selected'; readonly selector: LabelSelector };

/** One port that a Gateway listens on. */
export interface Listener {
  readonly name: string;
  /** Absent: every name. */
  readonly hostname?: string;
  readonly port: number;
  /** One of {@link LISTENER_PROTOCOLS}, or a protocol of an implementation. */
  readonly protocol: string;
  /** Kinds of routes it takes; empty: those of its protocol. */
  readonly kinds: readonly string[];
  readonly namespaces: ListenerNamespaces;
}

/** A Gateway. */
export interface Gateway {
  readonly name: string;
  readonly uid?: string;
  /** Name of its GatewayClass. */
  readonly className: string;
  /** As published in the status, or else as asked for. */
  readonly addresses: readonly string[];
  /** False: its controller says that it does not accept it. */
  readonly accepted: boolean;
  readonly listeners: readonly Listener[];
  readonly doubtful: boolean;
}

/** Lets routes of other namespaces send to Services of its own. */
export interface ReferenceGrant {
  readonly name: string;
  readonly from: readonly { readonly kind: string; readonly namespace: string }[];
  /** Without a name: every one of the kind. */
  readonly to: readonly { readonly kind: string; readonly name?: string }[];
  readonly doubtful: boolean;
}

/** What a namespace holds of all this; each list is sorted by kind and name. */
export interface NamespaceEntries {
  readonly entries: readonly Entry[];
  readonly gateways: readonly Gateway[];
  readonly grants: readonly ReferenceGrant[];
}

/** An IngressClass or a GatewayClass: who serves what names it. */
export interface ControllerClass {
  readonly kind: 'IngressClass' | 'GatewayClass';
  readonly name: string;
  /** `k8s.io/ingress-nginx`. */
  readonly controller: string;
  /** Serves each Ingress that names no class. */
  readonly isDefault: boolean;
  readonly doubtful: boolean;
}

/** The kinds of {@link Entry} in the Gateway API, and the protocols of listeners that take each. */
export const GATEWAY_ROUTES: ReadonlyMap<string, readonly string[]> = new Map([
  ['HTTPRoute', ['HTTP', 'HTTPS']],
  ['GRPCRoute', ['HTTP', 'HTTPS']],
  ['TLSRoute', ['TLS']],
  ['TCPRoute', ['TCP', 'TLS']],
  ['UDPRoute', ['UDP']],
]);
