import type { TierPeer, TierPolicy, TierRule } from '../engine/oracle-tiers.ts';
import { PORT_MAX, PORT_MIN } from '../../src/model/connection-set.ts';
import type { Protocol } from '../../src/model/connection-set.ts';
import type { PeerAtom, Policy, PortTerm, Rule } from '../../src/model/policy.ts';
import { selectorOf } from '../../src/model/selector.ts';
import type { LabelSelector, Requirement } from '../../src/model/selector.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import type { KubePolicyPort, KubeSelector } from './kube-objects.ts';

/** `snapshot` with policies of other tiers, in the engine's words: no decoder makes them yet. */
export function withTiers(snapshot: Snapshot, tiers: readonly TierPolicy[]): Snapshot {
  if (tiers.length === 0) return snapshot;
  const policies = [...snapshot.cluster.policies, ...tiers.map(tierPolicy)];
  return { ...snapshot, cluster: { ...snapshot.cluster, policies } };
}

function tierPolicy(policy: TierPolicy, position: number): Policy {
  const ingress = policy.direction === 'Ingress';
  const rules = policy.rules.map(tierRule);
  return {
    ref: {
      apiVersion: 'policy.networking.k8s.io/v1alpha2',
      kind: 'ClusterNetworkPolicy',
      name: `${policy.name}-${position}`,
    },
    tier: policy.tier,
    order: policy.order,
    subject: {
      namespaces: { kind: 'selected', selector: labelSelector(policy.namespaces) },
      pods: labelSelector(policy.pods),
    },
    applies: { ingress, egress: !ingress },
    ingress: ingress ? rules : [],
    egress: ingress ? [] : rules,
    spec: 'null',
  };
}

function tierRule({ action, peers, ports, opaque }: TierRule, index: number): Rule {
  return {
    index,
    action,
    peers:
      peers.length === 0
        ? 'every'
        : peers.map((peer, i) => ({ index: i, negated: peer.negated, atom: peerAtom(peer) })),
    ports: ports.length === 0 ? 'every' : ports.map(portTerm),
    ...(opaque ? { opaque: 'a host name' } : {}),
  };
}

function peerAtom(peer: TierPeer): PeerAtom {
  if ('block' in peer) {
    const { cidr, except } = peer.block;
    return { kind: 'addresses', cidr, except: [...(except ?? [])].sort(), owned: 'always' };
  }
  if ('names' in peer) return { kind: 'opaque', reason: 'a host name' };
  if ('nodes' in peer) return { kind: 'nodes', selector: labelSelector(peer.nodes) };
  return {
    kind: 'pods',
    selection: {
      namespaces: { kind: 'selected', selector: labelSelector(peer.namespaces) },
      pods: labelSelector(peer.pods),
    },
  };
}

function portTerm({ protocol, port, endPort }: KubePolicyPort, index: number): PortTerm {
  if (typeof port === 'string') {
    const own = protocol === undefined ? {} : { protocol: protocol as Protocol };
    return { index, kind: 'name', name: port, ...own };
  }
  return {
    index,
    kind: 'range',
    // Worlds name no other protocol.
    protocol: (protocol ?? 'TCP') as Protocol,
    from: port ?? PORT_MIN,
    to: endPort ?? port ?? PORT_MAX,
  };
}

function labelSelector({ matchLabels, matchExpressions }: KubeSelector): LabelSelector {
  const pairs = Object.entries(matchLabels ?? {}).map(([key, value]): Requirement => ({
    key,
    operator: 'In',
    values: [value],
  }));
  const expressions = (matchExpressions ?? []).map(
    ({ key, operator, values = [] }): Requirement => ({
      key,
      // Worlds write the four operators that there are.
      operator: operator as Requirement['operator'],
      values,
    }),
  );
  return selectorOf([...pairs, ...expressions]);
}
