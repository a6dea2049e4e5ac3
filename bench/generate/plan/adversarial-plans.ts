import type { ClusterSpec, Shape } from '../cluster-spec.ts';
import type { JsonObject, LabelMap } from '../kube-object.ts';
import { blockPeer, crossPeer, expression, labelled } from '../policies/policy-object.ts';
import { podsPeer, policyObject, portOf } from '../policies/policy-object.ts';
import { Random } from '../random.ts';
import type { AppPlan, ClusterPlan, NamespacePlan, PortPlan } from './cluster-plan.ts';
import { nodeCount } from './network.ts';

/** A group of equal pods in a plain shape. */
interface Group {
  readonly name: string;
  readonly labels: LabelMap;
  readonly pods: number;
}

/** A shape that is the same in every namespace but for numbers. */
interface PlainShape {
  readonly namespaces: (spec: ClusterSpec) => number;
  /** The groups of one of its namespaces, which has `pods`. */
  readonly groups: (pods: number) => readonly Group[];
  /** Policy `number` of the cluster, the `own`th of its namespace. */
  readonly policy: (place: PolicyPlace) => JsonObject;
}

interface PolicyPlace {
  readonly spec: ClusterSpec;
  readonly namespace: NamespacePlan;
  readonly number: number;
  readonly own: number;
}

const PORTS: readonly PortPlan[] = [
  { name: 'http', port: 8080, protocol: 'TCP' },
  { name: 'metrics', port: 9090, protocol: 'TCP' },
];

/** One namespace, one label set, one policy written thousands of times. */
const IDENTICAL: PlainShape = {
  namespaces: () => 1,
  groups: (pods) => [{ name: 'app', labels: { app: 'app' }, pods }],
  policy: () => {
    const peer = podsPeer(labelled({ app: 'app' }));
    return {
      podSelector: labelled({ app: 'app' }),
      ingress: [{ ports: [portOf(8080)], from: [peer] }],
      egress: [{ ports: [portOf(8080)], to: [peer] }],
      policyTypes: ['Ingress', 'Egress'],
    };
  },
};

/** Thousands of namespaces with four pods and three policies each. */
const SMALL_NAMESPACES: PlainShape = {
  namespaces: ({ pods }) => Math.max(1, Math.round(pods / 4)),
  groups: (pods) => [
    { name: 'app-1', labels: { app: 'app-1' }, pods: Math.ceil(pods / 2) },
    { name: 'app-2', labels: { app: 'app-2' }, pods: Math.floor(pods / 2) },
  ],
  policy: ({ own }) => {
    if (own % 3 === 0) return { podSelector: {}, policyTypes: ['Ingress', 'Egress'] };
    const [subject, peer] = own % 3 === 1 ? ['app-1', 'app-2'] : ['app-2', 'app-1'];
    const other = podsPeer(labelled({ app: peer }));
    return {
      podSelector: labelled({ app: subject }),
      ingress: [{ ports: [portOf(8080)], from: [other] }],
      egress: [{ ports: [portOf(8080)], to: [other] }],
      policyTypes: ['Ingress', 'Egress'],
    };
  },
};

/** Every pod has a label of its own, and a policy of its own. */
const POLICY_PER_POD: PlainShape = {
  namespaces: () => 1,
  groups: (pods) =>
    Array.from({ length: pods }, (_, i) => ({
      name: `app-${i}`,
      labels: { app: `app-${i}` },
      pods: 1,
    })),
  policy: ({ spec, own }) => ({
    podSelector: labelled({ app: `app-${own % spec.pods}` }),
    ingress: [
      {
        ports: [portOf(8080)],
        from: [podsPeer(labelled({ app: `app-${(own + 1) % spec.pods}` }))],
      },
    ],
    policyTypes: ['Ingress'],
  }),
};

/**
 * Hundreds of different ports: every policy is about five pods and names five ports, five ranges,
 * five namespaces, five pods in them and five blocks, as load tests of vendors do.
 */
const PORT_ATOMS: PlainShape = {
  namespaces: ({ pods }) => Math.max(1, Math.round(pods / 10)),
  groups: (pods) =>
    Array.from({ length: pods }, (_, i) => ({
      name: `pod-${i}`,
      labels: { num: String(i) },
      pods: 1,
    })),
  policy: ({ spec, number, own, namespace }) => {
    const pods = namespace.apps.length;
    const ports = FIVE.flatMap((i) => {
      const single = 1 + ((number * 131 + i * 97) % 30_000);
      const from = 31_000 + ((number * 53 + i * 61) % 34_000);
      return [portOf(single), portOf(from, 'TCP', from + 7)];
    });
    const count = PORT_ATOMS.namespaces(spec);
    const five = (of: (i: number) => number, total: number): string[] => [
      ...new Set(FIVE.map((i) => String(of(i) % total))),
    ];
    // The same namespaces in all policies of one, so that their ports add up for a pair of pods.
    const namespaces = five((i) => namespace.index * 7 + i * 11, count);
    const peers = five((i) => own + i * 3 + 1, pods);
    const blocks = FIVE.map((i) => blockPeer(`${100 + i}.${number >> 8}.${number & 255}.0/24`));
    const others = crossPeer(expression('num', 'In', namespaces), expression('num', 'In', peers));
    const rule = (side: 'from' | 'to'): JsonObject => ({ ports, [side]: [others, ...blocks] });
    // Where nothing may leave but to ports of its own, hardly any pair agrees on one.
    const both = namespace.index % 2 === 0;
    return {
      podSelector: expression(
        'num',
        'In',
        five((i) => own + i * 3, pods),
      ),
      ingress: [rule('from')],
      ...(both ? { egress: [rule('to')] } : {}),
      policyTypes: both ? ['Ingress', 'Egress'] : ['Ingress'],
    };
  },
};

/** Blocks of every size that cut through the addresses of pods, so that no two pods are alike. */
const SPLIT_BLOCKS: PlainShape = {
  namespaces: ({ pods }) => Math.max(1, Math.round(pods / 60)),
  groups: (pods) => [
    { name: 'front', labels: { app: 'front' }, pods: Math.ceil(pods / 2) },
    { name: 'back', labels: { app: 'back' }, pods: Math.floor(pods / 2) },
  ],
  policy: ({ spec, number, own }) => {
    const random = new Random(spec.seed, `blocks ${number}`);
    const nodes = nodeCount(spec.pods);
    const blocks = FIVE.map(() => {
      const node = random.between(0, nodes - 1);
      const size = random.between(2, 5);
      const host = (random.between(0, 79) >> size) << size;
      const hole = `10.${node >> 8}.${node & 255}.${host + 1}/32`;
      return blockPeer(`10.${node >> 8}.${node & 255}.${host}/${32 - size}`, [hole]);
    });
    const side = own % 2 === 0 ? 'ingress' : 'egress';
    return {
      podSelector: labelled({ app: random.pick(['front', 'back']) }),
      [side]: [{ ports: [portOf(8080)], [side === 'ingress' ? 'from' : 'to']: blocks }],
      policyTypes: [own % 2 === 0 ? 'Ingress' : 'Egress'],
    };
  },
};

const FIVE: readonly number[] = [0, 1, 2, 3, 4];

const PLAIN_SHAPES: Readonly<Record<Exclude<Shape, 'realistic'>, PlainShape>> = {
  identical: IDENTICAL,
  'small-namespaces': SMALL_NAMESPACES,
  'policy-per-pod': POLICY_PER_POD,
  'port-atoms': PORT_ATOMS,
  'split-blocks': SPLIT_BLOCKS,
};

/** A cluster that is hard in the way its shape says. */
export function adversarialPlan(
  spec: ClusterSpec,
  shape: Exclude<Shape, 'realistic'>,
): ClusterPlan {
  const { namespaces, groups, policy } = PLAIN_SHAPES[shape];
  const count = namespaces(spec);
  const startOf = (total: number, index: number): number => Math.floor((total * index) / count);
  return {
    spec,
    network: { nodes: nodeCount(spec.pods), pods: spec.pods },
    namespaces: count,
    planNamespace: (index): NamespacePlan => {
      const name = `ns-${String(index).padStart(5, '0')}`;
      const labels = { 'kubernetes.io/metadata.name': name, num: String(index) };
      const first = startOf(spec.pods, index);
      const apps = appsOf(groups(startOf(spec.pods, index + 1) - first), first);
      const policies = startOf(spec.policies, index + 1) - startOf(spec.policies, index);
      return { index, name, labels, dualStack: false, apps, policies };
    },
    *policiesOf(namespace) {
      const first = startOf(spec.policies, namespace.index);
      for (let own = 0; own < namespace.policies; own += 1) {
        const name = `policy-${String(own).padStart(5, '0')}`;
        const body = policy({ spec, namespace, number: first + own, own });
        yield policyObject(this, namespace, name, body);
      }
    },
  };
}

function appsOf(groups: readonly Group[], first: number): AppPlan[] {
  let firstPod = first;
  return groups.map(({ name, labels, pods }) => {
    const revisions = [{ hash: 'bcdfghjkl', replicas: pods, ports: PORTS }];
    const app: AppPlan = {
      name,
      kind: 'Deployment',
      labels,
      revisions,
      hostNetwork: false,
      firstPod,
      // One Service and its endpoints say that there are no others.
      ...(firstPod === 0 ? { service: 'ClusterIP' } : {}),
    };
    firstPod += pods;
    return app;
  });
}
