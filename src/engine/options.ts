/**
 * The dialect: every choice that plugins make differently, each with the default of semantics 4.2.
 *
 * "Safe" there means: does not hide a connection that a conforming plugin would allow.
 */
export interface EngineOptions {
  /** Whether an `ipBlock` matches pod addresses (D1). */
  readonly ipBlockMatchesPods: boolean;
  /** Whether an `ipBlock` matches node addresses (D2). */
  readonly ipBlockMatchesNodes: boolean;
  /** Traffic between a pod and its own node that policies cannot stop (D3). */
  readonly localNode: 'ingress-only' | 'both' | 'none';
  /** A pod that reaches itself through its own Service (D4). */
  readonly selfViaService: 'allow' | 'evaluate';
  /** Whether hostNetwork pods are their node or ordinary pods (D9). */
  readonly hostNetworkPods: 'asNode' | 'asPod';
  /** Namespace whose selectors also match node traffic; unset on most plugins. */
  readonly hostNetworkNamespace: string | null;
  /** Which containers declare named ports (D10). */
  readonly namedPortContainers: 'regular+sidecars' | 'regular' | 'regular+init';
  /** Whether a name resolves per destination pod or over all pods a policy selects (D11). */
  readonly namedPortScope: 'pod' | 'policy';
  /** Equal priorities that disagree (D6). */
  readonly priorityTies: 'report' | 'deny-wins' | 'reject';
  /** ICMP and other protocols to an isolated pod (D14). */
  readonly icmp: 'unspecified' | 'follow-isolation';
  /** The source address a pod sees for traffic that entered by NodePort or LoadBalancer (D7). */
  readonly externalSource: 'conditional' | 'client' | 'node';
  /** Which endpoints of a Service count (R2.12). */
  readonly notReadyEndpoints: 'exclude' | 'include';
  /** Policies of kinds that are not evaluated: what they could change is open, or they are not there. */
  readonly vendorPolicies: 'report' | 'ignore';
  /**
   * Who passes on what Ingresses and Gateways bring in, where it is not known by its name: `class=ref`,
   * several separated by `;`, `*` for every class (R2.18). Only `ways-in` looks at it.
   */
  readonly ingressControllers: string | null;
}

/** Semantics 4.2, the `upstream` preset. */
export const DEFAULT_OPTIONS: EngineOptions = Object.freeze({
  ipBlockMatchesPods: true,
  ipBlockMatchesNodes: true,
  localNode: 'ingress-only',
  selfViaService: 'allow',
  hostNetworkPods: 'asNode',
  hostNetworkNamespace: null,
  namedPortContainers: 'regular+sidecars',
  namedPortScope: 'pod',
  priorityTies: 'report',
  icmp: 'unspecified',
  externalSource: 'conditional',
  notReadyEndpoints: 'exclude',
  vendorPolicies: 'report',
  ingressControllers: null,
});

/** Changes whenever the same snapshot and question could give other bytes. */
export const ENGINE_VERSION = '2';

/**
 * The engine part of cache keys and ETags: the version, and the options that differ from the
 * defaults, e.g. `2` or `2;ipBlockMatchesPods=false`.
 */
export function engineId(options: EngineOptions): string {
  const changed = (Object.keys(DEFAULT_OPTIONS) as (keyof EngineOptions)[])
    .filter((name) => options[name] !== DEFAULT_OPTIONS[name])
    .sort()
    .map((name) => `;${name}=${String(options[name])}`);
  return ENGINE_VERSION + changed.join('');
}

/** Whether the options are the defaults as far as policies are concerned. */
export function isDefaultDialect(options: EngineOptions): boolean {
  return engineId({ ...options, ingressControllers: null }) === ENGINE_VERSION;
}
