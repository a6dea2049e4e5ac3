import type { JsonObject, KubeObject, LabelMap } from '../kube-object.ts';
import { uidOf } from '../random.ts';
import { ADMIN_DRAFTS } from './admin-drafts.ts';
import type { AdminDraft, AdminPeer, AdminRule } from './admin-drafts.ts';
import { labelled } from './policy-object.ts';

/** Kinds of the policies of administrators, as they are listed. */
export const ADMIN_KINDS = ['AdminNetworkPolicy', 'BaselineAdminNetworkPolicy'] as const;

/** The policies of administrators of one kind. */
export function adminObjects(kind: (typeof ADMIN_KINDS)[number], seed: number): KubeObject[] {
  const isBaseline = kind === 'BaselineAdminNetworkPolicy';
  return ADMIN_DRAFTS.filter(({ priority }) => (priority === undefined) === isBaseline).map(
    (draft) => adminObject(kind, draft, seed),
  );
}

function adminObject(kind: string, draft: AdminDraft, seed: number): KubeObject {
  const { name, priority, subject, ingress, egress } = draft;
  return {
    apiVersion: 'policy.networking.k8s.io/v1alpha1',
    kind,
    metadata: { name, uid: uidOf(`${kind} ${name}`, seed), generation: 1 },
    spec: {
      ...(priority === undefined ? {} : { priority }),
      subject: { namespaces: selectorOf(subject) },
      ...(ingress.length === 0 ? {} : { ingress: ingress.map((rule) => ruleOf(rule, 'from')) }),
      ...(egress.length === 0 ? {} : { egress: egress.map((rule) => ruleOf(rule, 'to')) }),
    },
  };
}

function ruleOf({ action, peer, ports }: AdminRule, side: 'from' | 'to'): JsonObject {
  return {
    action: { allow: 'Allow', deny: 'Deny', pass: 'Pass' }[action],
    [side]: [peerOf(peer)],
    ...(ports.length === 0 ? {} : { ports: ports.map((one) => ({ portNumber: { ...one } })) }),
  };
}

function peerOf(peer: AdminPeer): JsonObject {
  if ('network' in peer) return { networks: [peer.network] };
  return { namespaces: selectorOf(peer.namespaces) };
}

function selectorOf(labels: LabelMap): JsonObject {
  return Object.keys(labels).length === 0 ? {} : labelled(labels);
}
