import type { LabelMap } from '../kube-object.ts';

/** Whom a rule names: all pods of namespaces with these labels, or a network. */
export type AdminPeer = { readonly namespaces: LabelMap } | { readonly network: string };

/** One rule about one peer; without ports, about all of them. */
export interface AdminRule {
  readonly action: 'allow' | 'deny' | 'pass';
  readonly peer: AdminPeer;
  readonly ports: readonly { readonly protocol: 'TCP' | 'UDP'; readonly port: number }[];
}

/** A policy of administrators; the baseline has no priority. */
export interface AdminDraft {
  readonly name: string;
  readonly priority: number | undefined;
  /** Labels of the namespaces whose pods it is about. */
  readonly subject: LabelMap;
  readonly ingress: readonly AdminRule[];
  readonly egress: readonly AdminRule[];
}

const EVERYWHERE: LabelMap = {};
const named = (name: string): AdminPeer => ({
  namespaces: { 'kubernetes.io/metadata.name': name },
});
const labelled = (namespaces: LabelMap): AdminPeer => ({ namespaces });
const tcp = (port: number) => ({ protocol: 'TCP', port }) as const;
const udp = (port: number) => ({ protocol: 'UDP', port }) as const;

type Ports = AdminRule['ports'];
const allow = (peer: AdminPeer, ...ports: Ports): AdminRule => ({ action: 'allow', peer, ports });
const deny = (peer: AdminPeer, ...ports: Ports): AdminRule => ({ action: 'deny', peer, ports });
const pass = (peer: AdminPeer, ...ports: Ports): AdminRule => ({ action: 'pass', peer, ports });

const about = (
  name: string,
  priority: number | undefined,
  subject: LabelMap,
  rules: Partial<Pick<AdminDraft, 'ingress' | 'egress'>>,
): AdminDraft => ({ name, priority, subject, ingress: [], egress: [], ...rules });

/**
 * What administrators of a realistic cluster write: ten admin policies and a baseline, most of them about
 * every namespace.
 */
export const ADMIN_DRAFTS: readonly AdminDraft[] = [
  about('metadata', 5, EVERYWHERE, { egress: [deny({ network: '169.254.169.254/32' })] }),
  about('dns', 10, EVERYWHERE, { egress: [allow(named('kube-system'), udp(53), tcp(53))] }),
  about('monitoring', 20, EVERYWHERE, { ingress: [allow(named('monitoring'))] }),
  about('ingress', 30, EVERYWHERE, { ingress: [pass(named('ingress-nginx'))] }),
  about('prod-from-dev', 40, { env: 'prod' }, { ingress: [deny(labelled({ env: 'dev' }))] }),
  about('prod-to-dev', 41, { env: 'prod' }, { egress: [deny(labelled({ env: 'dev' }))] }),
  about(
    'pci',
    50,
    { pci: 'true' },
    {
      ingress: [pass(labelled({ pci: 'true' })), deny(labelled(EVERYWHERE), tcp(5432))],
    },
  ),
  about('team', 60, EVERYWHERE, { ingress: [pass(labelled({ team: 'team-1' }))] }),
  about('telnet', 70, EVERYWHERE, { ingress: [deny(labelled(EVERYWHERE), tcp(23))] }),
  about('smtp', 80, EVERYWHERE, { egress: [deny({ network: '0.0.0.0/0' }, tcp(25))] }),
  about('default', undefined, EVERYWHERE, {
    ingress: [allow(labelled({ env: 'prod' })), deny(labelled(EVERYWHERE))],
  }),
];
