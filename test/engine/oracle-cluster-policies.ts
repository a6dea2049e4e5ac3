/**
 * Cluster policies as they are written, read literally into tiers (docs/semantics.md R3.1 to R3.14).
 * What an API server would refuse is not modelled: give it only what is valid.
 */
import type { KubeObject, KubePolicyPort, KubeSelector } from '../support/kube-objects.ts';
import type { TierPeer, TierPolicy, TierRule } from './oracle-tiers.ts';

interface ClusterSpec {
  readonly tier?: string;
  readonly priority?: number;
  readonly subject: ClusterPeer;
  readonly ingress?: readonly ClusterRule[];
  readonly egress?: readonly ClusterRule[];
}

interface ClusterRule {
  readonly action: string;
  readonly from?: readonly ClusterPeer[];
  readonly to?: readonly ClusterPeer[];
  readonly ports?: readonly ClusterPort[];
  readonly protocols?: readonly ClusterPort[];
}

/** `namespaces` and `pods` each in both of their shapes. */
interface ClusterPeer {
  readonly namespaces?: KubeSelector & { readonly namespaceSelector?: KubeSelector };
  readonly pods?: {
    readonly namespaceSelector?: KubeSelector;
    readonly namespaces?: { readonly namespaceSelector?: KubeSelector };
    readonly podSelector: KubeSelector;
  };
  readonly nodes?: KubeSelector;
  readonly networks?: readonly string[];
  readonly domainNames?: readonly string[];
}

interface PortChoice {
  readonly destinationPort?: {
    readonly number?: number;
    readonly range?: { readonly start: number; readonly end: number };
  };
}

interface ClusterPort {
  readonly portNumber?: { readonly protocol?: string; readonly port: number };
  readonly portRange?: { readonly protocol?: string; readonly start: number; readonly end: number };
  readonly namedPort?: string;
  readonly tcp?: PortChoice;
  readonly udp?: PortChoice;
  readonly sctp?: PortChoice;
  readonly destinationNamedPort?: string;
}

const KINDS: ReadonlyMap<string, string> = new Map([
  ['policy.networking.k8s.io/v1alpha1 AdminNetworkPolicy', 'ANP'],
  ['policy.networking.k8s.io/v1alpha1 BaselineAdminNetworkPolicy', 'BANP'],
  ['policy.networking.k8s.io/v1alpha2 ClusterNetworkPolicy', 'CNP'],
  ['policy.networking.k8s.io/v1beta1 ClusterNetworkPolicy', 'CNP'],
]);

const ACTIONS = { Accept: 'allow', Allow: 'allow', Deny: 'deny', Pass: 'pass' } as const;

const known = new WeakMap<readonly KubeObject[], readonly TierPolicy[]>();

/** The cluster policies among `objects`, one for each direction that has rules. */
export function clusterTiers(objects: readonly KubeObject[]): readonly TierPolicy[] {
  const found = known.get(objects) ?? objects.flatMap(tiersOf);
  known.set(objects, found);
  return found;
}

function tiersOf({ apiVersion, kind, metadata: { name }, spec }: KubeObject): TierPolicy[] {
  const initials = KINDS.get(`${apiVersion} ${kind}`);
  if (initials === undefined) return [];
  // The specs of test objects are written as one type, which these kinds are not part of.
  const { tier, priority, subject, ingress = [], egress = [] } = spec as unknown as ClusterSpec;
  const isBaseline = initials === 'BANP' || tier === 'Baseline';
  const selected = podsOf(subject);
  if (selected === undefined) return [];
  return (['Ingress', 'Egress'] as const).flatMap((direction): TierPolicy[] => {
    const rules = direction === 'Ingress' ? ingress : egress;
    if (rules.length === 0) return [];
    const prefix = `${initials} ${name} ${isBaseline ? 'Baseline' : 'Admin'}`;
    return [
      {
        name,
        tier: isBaseline ? 'baseline' : 'admin',
        order: initials === 'BANP' ? Infinity : (priority ?? 0),
        ...selected,
        direction,
        rules: rules.flatMap((rule, i) =>
          readRule(rule, `${prefix} ${direction.toLowerCase()}[${i}] ${rule.action}`),
        ),
      },
    ];
  });
}

/** R3.12: a rule that cannot be read accepts nothing, or denies everything. */
function readRule(rule: ClusterRule, short: string): TierRule[] {
  const action = Object.entries(ACTIONS).find(([word]) => word === rule.action)?.[1] ?? 'deny';
  const peers = (rule.from ?? rule.to ?? []).map(readPeer);
  const ports = (rule.ports ?? rule.protocols ?? []).map(readPort);
  if ([...peers, ...ports].includes(undefined)) {
    const everything = { action: 'deny', peers: [], ports: [], opaque: false, short } as const;
    return action === 'allow' ? [] : [everything];
  }
  const read = {
    peers: peers.flatMap((peer) => peer ?? []),
    ports: ports.flatMap((port) => port ?? []),
  };
  return [{ action, ...read, opaque: false, short }];
}

function podsOf(peer: ClusterPeer): Pick<TierPolicy, 'namespaces' | 'pods'> | undefined {
  if (peer.namespaces !== undefined) {
    return { namespaces: peer.namespaces.namespaceSelector ?? peer.namespaces, pods: {} };
  }
  if (peer.pods === undefined) return undefined;
  const { namespaceSelector, namespaces, podSelector } = peer.pods;
  return {
    namespaces: namespaceSelector ?? namespaces?.namespaceSelector ?? {},
    pods: podSelector,
  };
}

/** The terms of one entry; undefined: it cannot be read. */
function readPeer(peer: ClusterPeer): TierPeer[] | undefined {
  const negated = false;
  const pods = podsOf(peer);
  if (pods !== undefined) return [{ negated, ...pods }];
  if (peer.nodes !== undefined) return [{ negated, nodes: peer.nodes }];
  if (peer.networks !== undefined) {
    return peer.networks.map((cidr) => ({ negated, block: { cidr } }));
  }
  return peer.domainNames === undefined ? undefined : [{ negated, names: peer.domainNames }];
}

function readPort(port: ClusterPort): KubePolicyPort | undefined {
  const { portNumber, portRange, namedPort, tcp, udp, sctp, destinationNamedPort } = port;
  const name = namedPort ?? destinationNamedPort;
  if (name !== undefined) return { port: name };
  if (portNumber !== undefined) return portNumber;
  if (portRange !== undefined) {
    const { protocol = 'TCP', start, end } = portRange;
    return { protocol, port: start, endPort: end };
  }
  for (const [protocol, choice] of Object.entries({ TCP: tcp, UDP: udp, SCTP: sctp })) {
    if (choice === undefined) continue;
    const { number, range } = choice.destinationPort ?? {};
    if (range !== undefined) return { protocol, port: range.start, endPort: range.end };
    return number === undefined ? { protocol } : { protocol, port: number };
  }
  return undefined;
}
