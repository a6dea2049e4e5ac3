import { createHash } from 'node:crypto';
import { load } from 'js-yaml';
import t from 'tap';
import { clusterObjects } from '../../bench/generate/cluster-objects.ts';
import { clusterSnapshot } from '../../bench/generate/cluster-snapshot.ts';
import { SHAPES, clusterSpec, printSize } from '../../bench/generate/cluster-spec.ts';
import type { Shape } from '../../bench/generate/cluster-spec.ts';
import { DUMP_FORMATS, dumpBytes } from '../../bench/generate/dump-text.ts';
import type { DumpFormat } from '../../bench/generate/dump-text.ts';
import { CANARY, KINDS } from '../../bench/generate/kube-object.ts';
import type { KubeObject } from '../../bench/generate/kube-object.ts';
import type { ClusterPlan } from '../../bench/generate/plan/cluster-plan.ts';
import { planCluster } from '../../bench/generate/plan/plan-cluster.ts';
import { ADMIN_KINDS, adminObjects } from '../../bench/generate/policies/admin-objects.ts';
import { sorted } from '../../bench/generate/text/sorted.ts';
import { withTiers } from '../../bench/generate/tier-policies.ts';
import { encodeNamespaceChunk } from '../../src/model/namespace-codec.ts';
import { build } from '../manifest/build.ts';

/** Sizes at which each shape is what it is. */
const SMALL: Readonly<Record<Shape, string>> = {
  realistic: '300/100',
  identical: '50/20',
  'small-namespaces': '40/30',
  'policy-per-pod': '30/30',
  'port-atoms': '40/80',
  'split-blocks': '120/20',
};

const planOf = (shape: Shape, seed = 1, size = SMALL[shape]): ClusterPlan =>
  planCluster(clusterSpec({ shape, seed, size }));

const textOf = (plan: ClusterPlan, format: DumpFormat): string =>
  Buffer.concat([...dumpBytes(plan, { format })]).toString();

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

t.test('equal seeds give equal bytes, others do not', async (t) => {
  for (const format of DUMP_FORMATS) {
    const first = hashOf(textOf(planOf('realistic'), format));
    t.equal(hashOf(textOf(planOf('realistic'), format)), first, format);
    t.not(hashOf(textOf(planOf('realistic', 2), format)), first, `${format}, another seed`);
  }
});

for (const shape of SHAPES) {
  t.test(`${shape}: every dump is the same snapshot, of the size asked for`, async (t) => {
    const plan = planOf(shape);
    const snapshot = await clusterSnapshot(plan);
    t.strictSame(snapshot.problems, [], 'nothing is wrong with it');
    const count = (kind: string): number | undefined =>
      snapshot.coverage.find((row) => row.kind === kind)?.count;
    t.equal(`${count('Pod')}/${count('NetworkPolicy')}`, SMALL[shape]);
    t.ok(snapshot.coverage.every(({ status }) => status === 'COMPLETE'));
    for (const format of DUMP_FORMATS) {
      const built = await build(textOf(plan, format));
      t.equal(built.digest, snapshot.digest, format);
      t.strictSame(built.problems, [], `${format} has no problem`);
    }
  });
}

t.test('the seed and the size hold for pods and policies of any number', async (t) => {
  for (const [seed, size] of [
    [2, '1000/0'],
    [3, '1k/7'],
    [4, '777/333'],
    [5, '2k/2k'],
  ] as const) {
    const objects = [...clusterObjects(planOf('realistic', seed, size), 'kept')];
    const count = (kind: string): number => objects.filter((one) => one.kind === kind).length;
    const counted = { pods: count('Pod'), policies: count('NetworkPolicy') };
    t.equal(printSize(counted), printSize(clusterSpec({ size })), `seed ${seed}`);
    const addresses = objects.flatMap((one) => addressesOf(one));
    t.equal(new Set(addresses).size, addresses.length, 'no two pods share an address');
    const names = objects.map(({ kind, metadata }) =>
      JSON.stringify([kind, metadata['namespace'], metadata.name]),
    );
    t.equal(new Set(names).size, names.length, 'no two objects share a name');
  }
});

t.test('a realistic cluster has everything that policies can say', async (t) => {
  const objects = [...clusterObjects(planOf('realistic', 1, '2k/600'), 'full')];
  t.strictSame(
    KINDS.filter((kind) => !objects.some((object) => object.kind === kind)),
    [],
    'every kind',
  );
  const policies = objects.filter(({ kind }) => kind === 'NetworkPolicy');
  const text = JSON.stringify(policies);
  const pods = objects.filter(({ kind }) => kind === 'Pod');
  const podText = JSON.stringify(pods);
  const occurs: Readonly<Record<string, RegExp>> = {
    In: /"operator":"In","values":\["[^"]+","/,
    NotIn: /"operator":"NotIn"/,
    Exists: /"operator":"Exists"/,
    DoesNotExist: /"operator":"DoesNotExist"/,
    'a range of ports': /"endPort":/,
    'a named port': /"port":"metrics"/,
    'every port of a protocol': /"ports":\[\{"protocol":"UDP"\}\]/,
    SCTP: /"protocol":"SCTP"/,
    'a block with excepts': /"cidr":"0.0.0.0\/0","except":\["10.0.0.0\/8",/,
    'an IPv6 block': /"cidr":"2001:db8:40::\/48","except"/,
    'a block of pods': /"cidr":"10.0.0.0\/14"/,
    'one pod of a StatefulSet': /statefulset.kubernetes.io\/pod-name/,
    'pods of other namespaces': /"podSelector":\{"match[^}]*\}[^}]*\},"namespaceSelector"/,
    'every pod of other namespaces': /\{"namespaceSelector":/,
    'labels of namespaces': /"namespaceSelector":\{"matchLabels":\{"env":"\w+","team"/,
    'every pod': /"podSelector":\{\}/,
  };
  for (const [what, pattern] of Object.entries(occurs)) t.ok(pattern.test(text), what);
  const inPods: Readonly<Record<string, RegExp>> = {
    hostNetwork: /"hostNetwork":true/,
    'two families': /"podIPs":\[\{"ip":"10[^"]+"\},\{"ip":"fd00/,
    'finished pods': /"phase":"Succeeded"/,
    'pods that are not ready': /"reason":"ContainersNotReady"/,
    'static pods': /"ownerReferences":\[\{"apiVersion":"v1","kind":"Node"/,
    sidecars: /"initContainers"/,
  };
  for (const [what, pattern] of Object.entries(inPods)) t.ok(pattern.test(podText), what);
  t.ok(pods.some(({ spec }) => JSON.stringify(spec).includes('8080')));
  t.ok(
    pods.some(({ spec }) => JSON.stringify(spec).includes('9080')),
    'a rollout moves a port',
  );
});

t.test('the YAML is what another reader of YAML reads', async (t) => {
  const plan = planOf('realistic', 7, '300/60');
  // js-yaml makes plain values; the list is that of the generator.
  const list = load(textOf(plan, 'yaml')) as { items: unknown[] };
  const objects = [...clusterObjects(plan, 'full')].map((object) => sorted(object));
  t.equal(list.items.length, objects.length);
  t.strictSame(list.items, objects);
});

t.test('nothing that a cluster keeps secret gets into a snapshot', async (t) => {
  const plan = planOf('realistic');
  for (const format of DUMP_FORMATS) {
    const text = textOf(plan, format);
    t.ok(300 < text.split(CANARY).length, `${format} is full of it`);
    const { namespaces, ...rest } = await build(text);
    const chunks = [...namespaces.values()].map((chunk) =>
      Buffer.from(encodeNamespaceChunk(chunk)),
    );
    t.notOk(Buffer.concat(chunks).includes(CANARY), `${format}: chunks`);
    t.notOk(JSON.stringify(rest).includes(CANARY), `${format}: the rest`);
  }
});

function addressesOf({ kind, spec, status }: KubeObject): readonly string[] {
  const body = { spec, status } as {
    spec?: { hostNetwork?: boolean };
    status?: { podIPs?: { ip: string }[] };
  };
  if (kind !== 'Pod' || body.spec?.hostNetwork === true) return [];
  return (body.status?.podIPs ?? []).map(({ ip }) => ip);
}

t.test('the policies of administrators are there in every format when asked for', async (t) => {
  const plan = planOf('realistic');
  for (const format of DUMP_FORMATS) {
    const dump = (adminPolicies: boolean): string =>
      Buffer.concat([
        ...dumpBytes(plan, { format, kinds: ['Namespace'], adminPolicies }),
      ]).toString();
    t.notMatch(dump(false), 'AdminNetworkPolicy', `${format}: not by themselves`);
    for (const kind of ADMIN_KINDS) t.match(dump(true), kind, format);
  }
  const { policies } = withTiers(await clusterSnapshot(plan)).cluster;
  const objects = ADMIN_KINDS.flatMap((kind) => adminObjects(kind, 1));
  t.same(
    policies.map(({ ref }) => [ref.kind, ref.name]),
    objects.map(({ kind, metadata }) => [kind, metadata.name]),
    'and the same ones in the words of the engine',
  );
});
