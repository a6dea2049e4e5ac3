import t from 'tap';
import { compileIndex } from '../../src/engine/compile.ts';
import { DEFAULT_OPTIONS } from '../../src/engine/options.ts';
import { connectionsBetween } from '../../src/engine/pair/connections-between.ts';
import { hasPort } from '../../src/model/connection-set.ts';
import { snapshotOf } from '../support/cluster.ts';
import type { KubeObject, KubeSpec } from '../support/kube-objects.ts';
import { SEED } from '../support/property.ts';
import { policyObject } from '../support/rewrites.ts';
import { decideSighted } from './oracle.ts';
import { sideOfPod } from './oracle-world.ts';

/*
 * Every cluster of a small kind: two namespaces of two pods each, one label, and every set of at most two
 * of forty policies. Most mistakes show in something this small; here none can hide by chance.
 */

/** `PODREACH_SMALL_SCOPE=all` looks at every world, a number at one of so many, by the seed. */
const SCOPE = process.env['PODREACH_SMALL_SCOPE'] ?? '24';
const STRIDE = SCOPE === 'all' ? 1 : Number(SCOPE);
const NAMESPACES = ['n0', 'n1'];
const PORTS = [80, 81];

/** Values of the one label: of the pods n0/p, n0/q, n1/p, n1/q, and of n0 and n1; a dot is no label. */
const LABELLINGS: readonly string[] = [
  ...['a.a.a.', 'a.b.a.', 'ab..ab', 'aba.a.', 'abab..', 'abab.a', 'ababab', 'abba.b'],
  ...['......', '.aa.a.', 'aaaaaa', 'a..ba.', 'ba.ab.', 'bb..b.', '.b.aba', 'aabbab'],
];

const A = { matchLabels: { k: 'a' } };
const NOT_A = { matchExpressions: [{ key: 'k', operator: 'NotIn', values: ['a'] }] };

/** What a policy says, of those that it selects. */
const BODIES: readonly KubeSpec[] = [
  { policyTypes: ['Ingress'] },
  { ingress: [{}] },
  { ingress: [{ from: [{ podSelector: A }] }] },
  { ingress: [{ from: [{ namespaceSelector: A }] }] },
  { ingress: [{ from: [{ namespaceSelector: {}, podSelector: NOT_A }], ports: [{ port: 80 }] }] },
  { ingress: [{ ports: [{ port: 81, protocol: 'TCP' }] }] },
  { policyTypes: ['Egress'] },
  { policyTypes: ['Egress'], egress: [{}] },
  { policyTypes: ['Egress'], egress: [{ to: [{ podSelector: NOT_A }] }] },
  {
    policyTypes: ['Egress'],
    egress: [{ to: [{ ipBlock: { cidr: '10.0.0.0/29', except: ['10.0.0.2/31'] } }] }],
  },
];

const POLICIES: readonly KubeObject[] = NAMESPACES.flatMap((namespace) =>
  [{}, A].flatMap((podSelector, subject) =>
    BODIES.map((body, i) => policyObject(namespace, `p-${subject}-${i}`, { podSelector, ...body })),
  ),
);

/** None, each, and every two. */
const SETS: readonly (readonly KubeObject[])[] = [
  [],
  ...POLICIES.flatMap((one, i) => [[one], ...POLICIES.slice(i + 1).map((other) => [one, other])]),
];

function clusterOf(labelling: string): KubeObject[] {
  const labelsAt = (i: number): Record<string, string> =>
    labelling[i] === '.' ? {} : { k: labelling[i] ?? '' };
  const pods = NAMESPACES.flatMap((namespace, n) =>
    ['p', 'q'].map((name, p): KubeObject => {
      const ip = `10.0.0.${2 * n + p + 1}`;
      return {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { namespace, name, labels: labelsAt(2 * n + p) },
        spec: { nodeName: 'w1', containers: [{ name: 'main' }] },
        status: { phase: 'Running', podIP: ip, podIPs: [{ ip }] },
      };
    }),
  );
  const namespaces = NAMESPACES.map((name, n): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: labelsAt(4 + n) },
  }));
  return [...namespaces, ...pods];
}

async function wrongIn(objects: readonly KubeObject[]): Promise<string[]> {
  const index = compileIndex(await snapshotOf(objects), DEFAULT_OPTIONS);
  const world = { objects };
  const pods = objects.filter(({ kind }) => kind === 'Pod');
  const ends = pods.map((pod) => {
    const { namespace = '', name } = pod.metadata;
    return { side: sideOfPod(world, pod), end: { kind: 'pod', namespace, name } as const };
  });
  return ends.flatMap(({ side: source, end: from }) =>
    ends.flatMap(({ side: destination, end: to }) => {
      const found = connectionsBetween(index, from, to, 4);
      return PORTS.flatMap((port) => {
        const packet = { source, destination, protocol: 'TCP', port, family: 4 } as const;
        const { verdict } = decideSighted(world, packet);
        const allowed = found !== undefined && hasPort(found.allowed, 'TCP', port);
        const denied = found !== undefined && hasPort(found.denied, 'TCP', port);
        if (verdict === (allowed ? 'allow' : denied ? 'deny' : 'open')) return [];
        return [`${from.namespace}/${from.name} -> ${to.namespace}/${to.name} ${port}: ${verdict}`];
      });
    }),
  );
}

t.test('every small cluster has the verdicts that the oracle gives', async (t) => {
  t.comment(`PODREACH_SEED=${SEED}, one of ${STRIDE} worlds`);
  t.equal(LABELLINGS.length * SETS.length, 13_136, 'all worlds');
  t.equal(new Set(LABELLINGS).size, LABELLINGS.length);
  let worlds = 0;
  for (const [i, labelling] of LABELLINGS.entries()) {
    const cluster = clusterOf(labelling);
    for (const [j, policies] of SETS.entries()) {
      if ((i * SETS.length + j + SEED) % STRIDE !== 0) continue;
      worlds += 1;
      const wrong = await wrongIn([...cluster, ...policies]);
      if (wrong.length === 0) continue;
      t.same(wrong, [], labelling, { policies });
      return;
    }
  }
  t.ok(13_136 <= worlds * STRIDE + STRIDE, `${worlds} worlds`);
});
