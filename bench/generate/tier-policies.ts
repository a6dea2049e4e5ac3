import type { PeerAtom, Policy, Rule } from '../../src/model/policy.ts';
import { selectorOf } from '../../src/model/selector.ts';
import type { LabelSelector } from '../../src/model/selector.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import type { LabelMap } from './kube-object.ts';
import { ADMIN_DRAFTS } from './policies/admin-drafts.ts';
import type { AdminDraft, AdminPeer, AdminRule } from './policies/admin-drafts.ts';

/** `snapshot` with the policies of administrators, in the engine's words. */
export function withTiers(snapshot: Snapshot): Snapshot {
  const { cluster } = snapshot;
  const policies = [...cluster.policies, ...ADMIN_DRAFTS.map(policyOf)];
  return { ...snapshot, cluster: { ...cluster, policies } };
}

function policyOf({ name, priority, subject, ingress, egress }: AdminDraft): Policy {
  const kind = priority === undefined ? 'BaselineAdminNetworkPolicy' : 'AdminNetworkPolicy';
  return {
    ref: { apiVersion: 'policy.networking.k8s.io/v1alpha1', kind, name },
    tier: priority === undefined ? 'baseline' : 'admin',
    order: priority ?? 0,
    subject: podsIn(subject),
    applies: { ingress: ingress.length !== 0, egress: egress.length !== 0 },
    ingress: ingress.map(ruleOf),
    egress: egress.map(ruleOf),
    spec: 'null',
  };
}

function ruleOf({ action, peer, ports }: AdminRule, index: number): Rule {
  return {
    index,
    action,
    peers: [{ index: 0, negated: false, atom: atomOf(peer) }],
    ports:
      ports.length === 0
        ? 'every'
        : ports.map(({ protocol, port }, i) => ({
            index: i,
            kind: 'range',
            protocol,
            from: port,
            to: port,
          })),
  };
}

function atomOf(peer: AdminPeer): PeerAtom {
  if ('network' in peer) {
    return { kind: 'addresses', cidr: peer.network, except: [], owned: 'always' };
  }
  return { kind: 'pods', selection: podsIn(peer.namespaces) };
}

function podsIn(namespaces: LabelMap): Policy['subject'] {
  return {
    namespaces: { kind: 'selected', selector: labelSelector(namespaces) },
    pods: labelSelector({}),
  };
}

function labelSelector(labels: LabelMap): LabelSelector {
  return selectorOf(
    Object.entries(labels).map(([key, value]) => ({ key, operator: 'In', values: [value] })),
  );
}
