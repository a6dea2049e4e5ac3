import fc from 'fast-check';
import type { TierPeer, TierPolicy, TierRule } from '../engine/oracle-tiers.ts';
import { clusterPolicies } from './cluster-policy-objects.ts';
import { EVERY_KIND } from './cluster.ts';
import type { ListKind } from './cluster.ts';
import type { KubeObject, KubeSelector, KubeSpec } from './kube-objects.ts';
import { effectiveTypes } from './rewrites.ts';
import { block, labels, policy, policyPort, selector, worlds } from './worlds.ts';

/**
 * Input that does not say everything, and the clusters it can be of: what an answer is certain of
 * must be so in each of them.
 */
export interface RoughWorld {
  /** What is wrong with the input. */
  readonly harm: Harm;
  readonly objects: readonly KubeObject[];
  /** The lists of a dump; undefined: manifests. */
  readonly lists: readonly ListKind[] | undefined;
  readonly tiers: readonly TierPolicy[];
  readonly truths: readonly (readonly KubeObject[])[];
}

/** One of {@link HARMS}. */
export type Harm = keyof typeof HARMS;

interface Parts {
  readonly objects: readonly KubeObject[];
  readonly salt: number;
  readonly extra: KubeObject;
  readonly labels: Readonly<Record<string, string>>;
  readonly tiers: readonly TierPolicy[];
  readonly clusterPolicies: readonly KubeObject[];
}

type Harmed = Partial<RoughWorld>;

/** Ways in which input is less than a whole, valid cluster. */
const HARMS = {
  'a whole dump': () => ({ lists: EVERY_KIND }),
  'a dump without policies': ({ objects, ...parts }) => ({
    ...without('NetworkPolicy', objects),
    truths: [objects, ...closedOrOpen(without('NetworkPolicy', objects).objects, parts)],
  }),
  'a dump without namespaces': ({ objects, labels }) => ({
    ...without('Namespace', objects),
    truths: [
      objects,
      without('Namespace', objects).objects,
      objects.map((one) => (one.kind === 'Namespace' ? relabelled(one, labels) : one)),
    ],
  }),
  'a dump without nodes': ({ objects }) => ({ ...without('Node', objects), truths: [objects] }),
  'a dump without Services': ({ objects }) => ({
    ...without('Service', objects),
    truths: [objects],
  }),
  'a dump without pods': ({ objects }) => ({ ...without('Pod', objects), truths: [] }),
  'a namespace missing from a dump': ({ objects, salt, labels }) => {
    const gone = pick(objects, 'Namespace', salt);
    return {
      lists: EVERY_KIND,
      objects: objects.filter((one) => one !== gone),
      truths:
        gone === undefined
          ? [objects]
          : [objects, objects.map((one) => (one === gone ? relabelled(one, labels) : one))],
    };
  },
  'two versions of a pod': (parts) => twins(parts, 'Pod'),
  'two versions of a namespace': (parts) => twins(parts, 'Namespace'),
  'two versions of a policy': (parts) => twins(parts, 'NetworkPolicy'),
  'an invalid policy in manifests': ({ objects, extra, salt }) => ({
    objects: [...objects, invalid(extra, salt)],
    truths: [objects],
  }),
  'an invalid policy in a dump': ({ objects, extra, salt }) => {
    const { podSelector = {}, ...spec } = extra.spec ?? {};
    const policyTypes = effectiveTypes({ ...spec, ingress: [{}] });
    return {
      lists: EVERY_KIND,
      objects: [...objects, invalid(extra, salt)],
      truths: [
        objects,
        ...EFFECTS.map((effect) => [
          ...objects,
          { ...named(extra), spec: { ...effect, podSelector, policyTypes } },
        ]),
      ],
    };
  },
  'a policy of another kind': ({ objects, extra, salt }) => ({
    lists: salt % 2 === 0 ? EVERY_KIND : undefined,
    objects: [...objects, foreign(extra, salt)],
    truths: [
      objects,
      ...EFFECTS.map((spec) => [
        ...objects,
        { ...named(extra), spec: { podSelector: {}, ...spec } },
      ]),
    ],
  }),
  'tiers of policies': ({ objects, tiers, labels }) => ({
    tiers,
    objects: objects.map((one) => (one.kind === 'Node' ? relabelled(one, labels) : one)),
  }),
  'cluster policies': ({ objects, labels, clusterPolicies }) => ({
    objects: [
      ...objects.map((one) => (one.kind === 'Node' ? relabelled(one, labels) : one)),
      ...clusterPolicies,
    ],
  }),
  'cluster policies in a dump without namespaces': ({ objects, labels, clusterPolicies }) => {
    const { lists, objects: rest } = without('Namespace', objects);
    const truths = [
      objects,
      rest,
      objects.map((one) => (one.kind === 'Namespace' ? relabelled(one, labels) : one)),
    ];
    return {
      lists,
      objects: [...rest, ...clusterPolicies],
      truths: truths.map((truth) => [...truth, ...clusterPolicies]),
    };
  },
  'cluster policies in a dump without nodes': ({ objects, labels, clusterPolicies }) => ({
    lists: without('Node', objects).lists,
    objects: [...without('Node', objects).objects, ...clusterPolicies],
    truths: [
      [
        ...objects.map((one) => (one.kind === 'Node' ? relabelled(one, labels) : one)),
        ...clusterPolicies,
      ],
    ],
  }),
} satisfies Readonly<Record<string, (parts: Parts) => Harmed>>;

/** Random input of all these kinds; tiers, which have the most to go wrong, more often. */
export function roughWorlds(): fc.Arbitrary<RoughWorld> {
  const names = Object.keys(HARMS) as Harm[];
  const harm = fc.constantFrom(...names, ...names, ...tierTimes(names.length));
  const parts = fc.record({
    objects: worlds(),
    salt: fc.nat(100),
    extra: policy(),
    labels: labels(0, 2),
    tiers: fc.array(tierPolicy(), { minLength: 1, maxLength: 7 }),
    clusterPolicies: clusterPolicies(4),
  });
  return fc.tuple(harm, parts).map(([harm, parts]): RoughWorld => {
    const { objects } = parts;
    const harmed: Harmed = HARMS[harm](parts);
    const sent = harmed.objects ?? objects;
    return { lists: undefined, tiers: [], truths: [sent], ...harmed, harm, objects: sent };
  });
}

function tierTimes(count: number): Harm[] {
  return Array.from({ length: count }, (_, i) =>
    i % 2 === 0 ? 'tiers of policies' : 'cluster policies',
  );
}

/** A dump that was made without listing `kind`. */
function without(
  kind: ListKind,
  objects: readonly KubeObject[],
): { readonly lists: readonly ListKind[]; readonly objects: readonly KubeObject[] } {
  return {
    lists: EVERY_KIND.filter((one) => one !== kind),
    objects: objects.filter((one) => one.kind !== kind),
  };
}

/** All that a policy nobody can read may do to those it selects, at its extremes. */
const EFFECTS: readonly KubeSpec[] = [
  { policyTypes: ['Ingress', 'Egress'] },
  { policyTypes: ['Ingress', 'Egress'], ingress: [{}], egress: [{}] },
];

function closedOrOpen(
  objects: readonly KubeObject[],
  { extra }: Omit<Parts, 'objects'>,
): KubeObject[][] {
  return [
    [...objects],
    ...EFFECTS.map((spec) => [
      ...objects,
      ...['n0', 'n1', 'n2'].map((namespace) => ({
        ...extra,
        metadata: { namespace, name: 'any' },
        spec: { podSelector: {}, ...spec },
      })),
    ]),
  ];
}

/** Both versions are sent, either may be the truth. */
function twins({ objects, salt, extra, labels }: Parts, kind: string): Harmed {
  const one = pick(objects, kind, salt);
  if (one === undefined) return {};
  const other =
    kind === 'NetworkPolicy'
      ? { ...one, spec: extra.spec ?? {} }
      : kind === 'Pod'
        ? reshaped(relabelled(one, labels), salt)
        : relabelled(one, labels);
  return {
    lists: salt % 2 === 0 ? EVERY_KIND : undefined,
    objects: [...objects, other],
    truths: [objects, objects.map((object) => (object === one ? other : object))],
  };
}

/** Another version of a pod may differ in more than labels: here in its address, or in a port. */
function reshaped(pod: KubeObject, salt: number): KubeObject {
  const spec = pod.spec ?? {};
  if (salt % 3 === 1 && spec.hostNetwork !== true && pod.status?.podIP !== undefined) {
    const podIP = '10.0.0.77';
    return { ...pod, status: { ...pod.status, podIP, podIPs: [{ ip: podIP }] } };
  }
  if (salt % 3 !== 2) return pod;
  const port = { name: 'http', containerPort: 443 };
  return { ...pod, spec: { ...spec, containers: [{ name: 'main-0', ports: [port] }] } };
}

function relabelled(object: KubeObject, labels: Readonly<Record<string, string>>): KubeObject {
  return { ...object, metadata: { ...object.metadata, labels } };
}

function pick(objects: readonly KubeObject[], kind: string, salt: number): KubeObject | undefined {
  const all = objects.filter((object) => object.kind === kind);
  return all[salt % Math.max(1, all.length)];
}

/** A policy by a name that no policy of a world has. */
function named(object: KubeObject): KubeObject {
  return { ...object, metadata: { ...object.metadata, name: 'extra' } };
}

/** A policy that an API server would refuse, in one of several ways. */
function invalid(extra: KubeObject, salt: number): KubeObject {
  const rules: readonly NonNullable<KubeSpec['ingress']>[] = [
    [{ ports: [{ port: 0 }] }],
    [{ ports: [{ port: 81, endPort: 80 }] }],
    [{ ports: [{ endPort: 80 }] }],
    [{ from: [{ ipBlock: { cidr: '10.0.0.0/40' } }] }],
    [{ from: [{ ipBlock: { cidr: '10.0.0.0/24', except: ['10.0.1.0/24'] } }] }],
    [{ from: [{ podSelector: { matchExpressions: [{ key: 'app', operator: 'In' }] } }] }],
    [{ from: [{}] }],
  ];
  const ingress = rules[salt % rules.length] ?? [];
  return { ...named(extra), spec: { ...extra.spec, ingress } };
}

/** A policy of a kind or version that is not evaluated, about one namespace or about all. */
function foreign(extra: KubeObject, salt: number): KubeObject {
  const kinds = [
    ['cilium.io/v2', 'CiliumNetworkPolicy'],
    ['projectcalico.org/v3', 'NetworkPolicy'],
    ['policy.networking.k8s.io/v9', 'AdminNetworkPolicy'],
    ['policy.networking.k8s.io/v9', 'BaselineAdminNetworkPolicy'],
  ] as const;
  const [apiVersion, kind] = kinds[salt % kinds.length] ?? kinds[0];
  const namespaced = kind === 'CiliumNetworkPolicy' || kind === 'NetworkPolicy';
  const { namespace } = extra.metadata;
  const metadata = namespaced ? { name: 'foreign', namespace } : { name: 'foreign' };
  // It says as much as that it may speak of both directions, which one of these kinds could leave out.
  const spec = { types: ['Ingress', 'Egress'] } as KubeSpec;
  return { apiVersion, kind, metadata, spec };
}

/** Whole clusters with policies of all tiers: some to be evaluated in full, some that hang on something. */
export function tierWorlds(): fc.Arbitrary<RoughWorld> {
  return fc
    .record({
      objects: worlds(),
      labels: labels(0, 2),
      tiers: fc.array(tierPolicy(), { minLength: 2, maxLength: 7 }),
      isKnown: fc.boolean(),
    })
    .map(({ isKnown, tiers, objects, labels }): RoughWorld => {
      const sent = objects.map((one) => (one.kind === 'Node' ? relabelled(one, labels) : one));
      return {
        harm: 'tiers of policies',
        objects: sent,
        truths: [sent],
        lists: undefined,
        tiers: isKnown ? tiers.map(evaluated) : tiers,
      };
    });
}

/** The policy without what nobody can evaluate. */
function evaluated({ rules, ...policy }: TierPolicy): TierPolicy {
  const known = rules.map(({ peers, ...rule }) => {
    const left = peers.filter((peer) => !('names' in peer));
    return { ...rule, peers: left, opaque: false };
  });
  return { ...policy, rules: known };
}

/** A policy of the admin or the baseline tier. */
export function tierPolicy(): fc.Arbitrary<TierPolicy> {
  return fc.record({
    name: fc.constantFrom('a', 'b', 'c'),
    tier: fc.constantFrom('admin', 'admin', 'baseline'),
    order: fc.constantFrom(1, 2, 2, 5),
    namespaces: oftenAll(),
    pods: oftenAll(),
    direction: fc.constantFrom('Ingress', 'Egress'),
    rules: fc.array(tierRule(), { minLength: 1, maxLength: 3 }),
  });
}

/** Policies of administrators are mostly about everyone, and meet each other there. */
function oftenAll(): fc.Arbitrary<KubeSelector> {
  return fc.oneof({ weight: 2, arbitrary: fc.constant({}) }, selector());
}

function tierRule(): fc.Arbitrary<TierRule> {
  return fc.record({
    action: fc.constantFrom('allow', 'deny', 'pass'),
    peers: fc.array(tierPeer(), { maxLength: 2 }),
    ports: fc.array(policyPort(), { maxLength: 2 }),
    opaque: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, fc.constant(true)),
  });
}

function tierPeer(): fc.Arbitrary<TierPeer> {
  const negated = fc.oneof({ weight: 5, arbitrary: fc.constant(false) }, fc.constant(true));
  const pods: fc.Arbitrary<{ namespaces: KubeSelector; pods: KubeSelector; negated: boolean }> =
    fc.record({ namespaces: selector(), pods: selector(), negated });
  return fc.oneof(
    { weight: 4, arbitrary: pods },
    { weight: 2, arbitrary: fc.record({ block: block(), negated }) },
    fc.record({ nodes: selector(), negated }),
    fc.record({ names: fc.constant(['example.org']), negated }),
  );
}
