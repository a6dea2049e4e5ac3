import fc from 'fast-check';
import t from 'tap';
import { reachableFrom } from '../../src/engine/queries/reachable-from.ts';
import { path } from '../../src/engine/queries/path.ts';
import { whoCanReach } from '../../src/engine/queries/who-can-reach.ts';
import { indexOf } from '../support/cluster.ts';
import type { KubeObject } from '../support/kube-objects.ts';
import { policyObject } from '../support/rewrites.ts';
import { SEED, WORLDS, holds } from '../support/property.ts';
import { roughWorlds } from '../support/rough-worlds.ts';
import { worlds } from '../support/worlds.ts';
import { damagedWorlds } from '../support/damaged-objects.ts';
import { compareDamaged, compareRoughWorld, missedCandidates } from './agreement.ts';
import { newTally, printTally } from './agreement.ts';
import { wireDifferences } from './agreement-lists.ts';

t.setTimeout(1_800_000);
t.comment(`PODREACH_SEED=${SEED} PODREACH_WORLDS=${WORLDS}`);

t.test(
  'input that is not whole is certain only of what is so in every cluster it can be',
  async (t) => {
    const tally = newTally();
    await holds(
      roughWorlds(),
      0.35,
      async (rough) => (await compareRoughWorld(rough, tally)).wrong,
    );
    t.comment(printTally(tally));
    const share = Math.round((100 * tally.certain) / tally.rough);
    t.ok(55 <= share, 'and it is certain of most', { share });
  },
);

t.test('a value that cannot be right, anywhere in a dump, makes no verdict wrong', async (t) => {
  const tally = newTally();
  await holds(damagedWorlds(worlds()), 0.012, async ({ truth, damaged, what }) => {
    const wrong = await compareDamaged({ truth, damaged }, tally);
    return wrong.map((text) => `${what}: ${text}`);
  });
  t.comment(printTally(tally));
  const share = Math.round((100 * tally.certain) / tally.rough);
  t.ok(50 <= share, 'and most of them stay certain', { share });
});

t.test('however rough the input, every implementation lists the same bytes', async (t) => {
  await holds(fc.tuple(roughWorlds(), fc.nat(100)), 0.02, async ([rough, salt]) => {
    const { indexes } = await compareRoughWorld(rough, newTally());
    return [...indexes.flatMap(missedCandidates), ...wireDifferences(indexes, rough.objects, salt)];
  });
  t.pass('no counterexample');
});

t.test('of a pod in two versions, neither ports nor address are certain for others', async (t) => {
  const pod = (name: string, ip: string, ports: readonly object[] = []): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: 'n0', name, labels: { app: name } },
    spec: { containers: [{ name: 'main', ports: ports as [] }], nodeName: 'w1' },
    status: { phase: 'Running', podIP: ip, podIPs: [{ ip }] },
  });
  const http = { port: 'http' };
  const cidr = '10.0.0.2/32';
  const policy = policyObject('n0', 'a', {
    podSelector: { matchLabels: { app: 'a' } },
    policyTypes: ['Egress'],
    egress: [{ to: [{ podSelector: {} }], ports: [http] }, { to: [{ ipBlock: { cidr } }] }],
  });
  const one = pod('b', '10.0.0.3');
  for (const other of [
    pod('b', '10.0.0.3', [{ name: 'http', containerPort: 443 }]),
    pod('b', '10.0.0.2'),
  ]) {
    for (const versions of [
      [one, other],
      [other, one],
    ]) {
      const index = await indexOf([pod('a', '10.0.0.1'), ...versions, policy]);
      const { verdict } = path(index, { from: 'n0/pod/a', to: 'n0/pod/b', port: 'TCP/443' });
      t.equal(verdict, 'UNDETERMINED', JSON.stringify(other.spec));
    }
  }
});

t.test(
  'a pod whose node is not known may be at home on a node that asks whom it reaches',
  async (t) => {
    const pod: KubeObject = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { namespace: 'n0', name: 'a' },
      spec: { containers: [{ name: 'main' }] },
      status: { phase: 'Running', podIP: '10.0.0.1', podIPs: [{ ip: '10.0.0.1' }] },
    };
    const node: KubeObject = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'w1' } };
    const closed = policyObject('n0', 'closed', { podSelector: {}, policyTypes: ['Ingress'] });
    const index = await indexOf([pod, node, closed]);
    const rest = { port: 'any', groupBy: 'POD', exclude: [], implicit: false } as const;
    const { counts } = reachableFrom(index, { source: 'node/w1', maxHops: 1, ...rest });
    t.equal(counts.undetermined, 1, 'the pod is a row');
  },
);

t.test('what a pod may by itself is not told of others that no policy tells apart', async (t) => {
  const pod = (owner: string, podIP: string): KubeObject => {
    const controller = {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      name: owner,
      controller: true,
    };
    const metadata = { namespace: 'n', name: `${owner}-0`, ownerReferences: [controller] };
    return {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata,
      spec: { containers: [{ name: 'main' }], nodeName: 'w1' },
      status: { phase: 'Running', podIP },
    };
  };
  const index = await indexOf([pod('a', '10.0.0.1'), pod('b', '10.0.0.2')]);
  const rest = { port: 'any', groupBy: 'WORKLOAD', exclude: [], implicit: false } as const;
  const list = whoCanReach(index, { target: 'n/pod/a-0', ...rest });
  const names = list.slice(0, list.totalCount).map(({ from }) => from.name);
  t.ok(names.includes('b'), 'the other workload is a row', { names });
});
