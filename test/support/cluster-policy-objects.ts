import fc from 'fast-check';
import type { KubeObject } from './kube-objects.ts';
import { selector } from './worlds.ts';

/*
 * Random cluster policies as people write them, all valid: every kind and version, every form of peer
 * and port, over the labels, ports and addresses of random clusters.
 */

type Json = Readonly<Record<string, unknown>>;
type Version = 'v1alpha1' | 'v1alpha2' | 'v1beta1';

const PORTS = [1, 53, 80, 81, 443];
const RANGES = [
  { start: 53, end: 80 },
  { start: 81, end: 65535 },
  { start: 1, end: 65535 },
];
const NETWORKS = ['0.0.0.0/0', '10.0.0.0/24', '10.0.0.2/32', '192.168.0.0/24', '::/0', 'fd00::/64'];

/** Up to `max` policies of different names. */
export function clusterPolicies(max: number): fc.Arbitrary<readonly KubeObject[]> {
  const one = fc
    .constantFrom<Version>('v1alpha1', 'v1alpha2', 'v1alpha2', 'v1beta1')
    .chain((version) => policyOf(version));
  return fc
    .array(one, { minLength: 1, maxLength: max })
    .map((policies) => [
      ...new Map(policies.map((policy, i) => renamed(policy, `p${i}`))).values(),
    ]);
}

/** A BaselineAdminNetworkPolicy has one name, so that only the last of several stays. */
function renamed(policy: KubeObject, name: string): [string, KubeObject] {
  const { kind } = policy;
  const own = kind === 'BaselineAdminNetworkPolicy' ? 'default' : name;
  return [`${kind} ${own}`, { ...policy, metadata: { name: own } }];
}

function policyOf(version: Version): fc.Arbitrary<KubeObject> {
  const isOld = version === 'v1alpha1';
  const place = isOld
    ? fc.constantFrom<Json>({ priority: 1 }, { priority: 2 }, { priority: 7 }, {})
    : fc.constantFrom<Json>(
        { tier: 'Admin', priority: 1 },
        { tier: 'Admin', priority: 3 },
        { tier: 'Admin', priority: 7 },
        { tier: 'Baseline', priority: 4 },
        { tier: 'Baseline', priority: 9 },
      );
  return place.chain((fields) => {
    const isBaseline = isOld && fields['priority'] === undefined;
    const actions = [isOld ? 'Allow' : 'Accept', 'Deny', ...(isBaseline ? [] : ['Pass'])];
    const rules = (side: 'from' | 'to'): fc.Arbitrary<readonly Json[]> =>
      fc.array(ruleOf(version, side, actions), { maxLength: 3 });
    const parts = fc.record({ subject: podsPeer(), ingress: rules('from'), egress: rules('to') });
    const kinds = isBaseline ? 'BaselineAdminNetworkPolicy' : 'AdminNetworkPolicy';
    return parts.map((spec): KubeObject => ({
      apiVersion: `policy.networking.k8s.io/${version}`,
      kind: isOld ? kinds : 'ClusterNetworkPolicy',
      metadata: { name: 'p' },
      // Specs of test objects are of one type, which these kinds are not part of.
      spec: { ...fields, ...spec },
    }));
  });
}

function ruleOf(
  version: Version,
  side: 'from' | 'to',
  actions: readonly string[],
): fc.Arbitrary<Json> {
  const isOld = version === 'v1alpha1';
  const ports = fc.option(
    fc.array(isOld ? oldPort() : protocol(), { minLength: 1, maxLength: 2 }),
    { nil: undefined },
  );
  const peers = fc.array(side === 'from' ? podsPeer() : anyPeer(), { minLength: 1, maxLength: 2 });
  return fc
    .record({ action: fc.constantFrom(...actions), peers, ports })
    .map(({ action, peers, ports }): Json => {
      const names = (ports ?? []).some(
        (port) => 'namedPort' in port || 'destinationNamedPort' in port,
      );
      const named = peers.filter((peer) => 'namespaces' in peer || 'pods' in peer);
      // Servers refuse names beside anything but pods, and host names in rules that do not accept.
      const isAccept = action === 'Accept' || action === 'Allow';
      const kept = (names ? named : peers).filter((peer) => isAccept || !('domainNames' in peer));
      return {
        action,
        [side]: kept.length === 0 ? [{ namespaces: {} }] : kept,
        ...(ports === undefined ? {} : { [isOld ? 'ports' : 'protocols']: ports }),
      };
    });
}

function podsPeer(): fc.Arbitrary<Json> {
  return fc.oneof(
    fc.record({ namespaces: selector() }),
    fc.record({ pods: fc.record({ namespaceSelector: selector(), podSelector: selector() }) }),
  );
}

function anyPeer(): fc.Arbitrary<Json> {
  const networks = fc.uniqueArray(fc.constantFrom(...NETWORKS), { minLength: 1, maxLength: 2 });
  return fc.oneof<fc.WeightedArbitrary<Json>[]>(
    { weight: 4, arbitrary: podsPeer() },
    { weight: 2, arbitrary: fc.record({ networks }) },
    { weight: 1, arbitrary: fc.record({ nodes: selector() }) },
    { weight: 1, arbitrary: fc.constant({ domainNames: ['*.example.com'] }) },
  );
}

function protocol(): fc.Arbitrary<Json> {
  const number = fc.constantFrom(...PORTS).map((port): Json => ({ number: port }));
  const range = fc.constantFrom(...RANGES).map((range): Json => ({ range }));
  const choice = fc.oneof(number, range).map((destinationPort): Json => ({ destinationPort }));
  return fc.oneof(
    fc.tuple(fc.constantFrom('tcp', 'udp', 'sctp'), choice).map(([key, body]) => ({ [key]: body })),
    fc.constantFrom('http', 'dns').map((name): Json => ({ destinationNamedPort: name })),
  );
}

function oldPort(): fc.Arbitrary<Json> {
  const lane = fc.constantFrom({ protocol: 'UDP' }, { protocol: 'TCP' }, {});
  return fc.oneof(
    fc
      .tuple(lane, fc.constantFrom(...PORTS))
      .map(([own, port]): Json => ({ portNumber: { ...own, port } })),
    fc
      .tuple(lane, fc.constantFrom(...RANGES))
      .map(([own, range]): Json => ({ portRange: { ...own, ...range } })),
    fc.constantFrom('http', 'dns').map((name): Json => ({ namedPort: name })),
  );
}
