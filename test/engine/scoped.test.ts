import fc from 'fast-check';
import t from 'tap';
import { compileIndex } from '../../src/engine/compile.ts';
import { DEFAULT_OPTIONS } from '../../src/engine/options.ts';
import { path } from '../../src/engine/queries/path.ts';
import { policies } from '../../src/engine/queries/policies.ts';
import { waysIn } from '../../src/engine/queries/ways-in.ts';
import { scopedIndex } from '../../src/engine/scoped/scoped-index.ts';
import { OTHERS } from '../../src/model/peer.ts';
import type { KubeObject } from '../support/kube-objects.ts';
import { clusterPolicies } from '../support/cluster-policy-objects.ts';
import { indexOf, snapshotOf, snapshotOfDump, snapshotOfText } from '../support/cluster.ts';
import { endsOf } from '../support/matrix.ts';
import { SEED, WORLDS, holds } from '../support/property.ts';
import { roughWorlds } from '../support/rough-worlds.ts';
import { withTiers } from '../support/tier-policies.ts';
import { worlds } from '../support/worlds.ts';
import { askAll, verdictDifferences } from './scoped-agreement.ts';
import { CANARY, disguise } from './scoped-worlds.ts';

t.setTimeout(1_800_000);
t.comment(`PODREACH_SEED=${SEED} PODREACH_WORLDS=${WORLDS}`);

const scopes = fc.constantFrom(['n0'], ['n1'], ['n0', 'n2'], ['nowhere']);

/** Some with policies of the cluster, which everybody may see. */
const clusters = fc
  .tuple(worlds(), fc.oneof(fc.constant([]), clusterPolicies(2)))
  .map((parts) => parts.flat());

t.test('no verdict is another for a reader of some namespaces', async (t) => {
  await holds(fc.tuple(clusters, scopes), 0.005, async ([objects, told]) => {
    const index = await indexOf(objects);
    const pods = endsOf(objects).filter(({ product }) => product.kind === 'pod');
    return verdictDifferences(index, scopedIndex(index, told), pods);
  });
  t.pass('pairs, and pods with all others together');
});

t.test('names that a reader may not see are in no answer and change none', async (t) => {
  await holds(fc.tuple(clusters, scopes, fc.nat({ max: 1000 })), 0.001, async (world) => {
    const [objects, told, salt] = world;
    const [a, b] = await Promise.all(
      [2 * salt, 2 * salt + 1].map((one) => indexOf(disguise(objects, told, one))),
    );
    if (a === undefined || b === undefined) return [];
    const refs = toldRefs(objects, told);
    const one = askAll(scopedIndex(a, told), refs, salt);
    const other = askAll(scopedIndex(b, told), refs, salt);
    return Object.keys(one).flatMap((question) => {
      const [x = '', y = ''] = [one[question], other[question]];
      if (x.includes(CANARY)) return [`${question}: ${around(x, x.indexOf(CANARY))}`];
      return x === y ? [] : [`${question}: ${firstDifference(x, y)}`];
    });
  });
  t.pass('whatever is asked');
});

t.test('what is wrong with the input is told without names', async (t) => {
  await holds(fc.tuple(roughWorlds(), scopes, fc.nat({ max: 1000 })), 0.001, async (world) => {
    const [{ objects, lists, tiers }, told, salt] = world;
    const sent = disguise(objects, told, salt);
    const whole = await (lists === undefined ? snapshotOf(sent) : snapshotOfDump(sent, lists));
    const index = compileIndex(withTiers(whole, tiers), DEFAULT_OPTIONS);
    const answers = askAll(scopedIndex(index, told), toldRefs(objects, told), salt);
    return Object.entries(answers).flatMap(([question, text]) =>
      text.includes(CANARY) ? [`${question}: ${around(text, text.indexOf(CANARY))}`] : [],
    );
  });
  t.pass('whatever is asked');
});

t.test('what brings traffic from outside of the namespaces leaves a way in open', async (t) => {
  const index = scopedIndex(await indexOf(entrances()), ['shop']);
  const list = waysIn(index, {});
  const rows = list.slice(0, list.totalCount);
  t.same(list.counts, { allowed: 0, partial: 0, denied: 0, undetermined: 3 });
  for (const { via, legs, reasons, controller } of rows) {
    t.ok(
      reasons.some(({ code }) => code === 'HIDDEN'),
      `${via.kind} ${via.name}`,
    );
    t.same(controller?.peers ?? [], []);
    t.notMatch(JSON.stringify([legs, reasons]), /NO_GATEWAY|NO_SERVICE|gateway-1|nginx-1/);
  }
});

t.test('a policy of the cluster is told with the pods of the reader', async (t) => {
  const scoped = scopedIndex(await indexOf(everyoneDenied()), ['shop']);
  const [row] = policies(scoped, {}).slice(0, 1);
  t.match(row?.policy, { kind: 'AdminNetworkPolicy', name: 'quiet' });
  t.match(row?.selects, { podCount: 1, peers: [{ key: 'shop/pod/web' }] });
  const told = path(scoped, { from: 'shop/pod/web', to: OTHERS, port: '80' });
  t.equal(told.verdict, 'DENIED');
  t.match(told.legs, [
    { direction: 'EGRESS', decidedBy: { kind: 'RULE', rule: { policy: { name: 'quiet' } } } },
    { direction: 'INGRESS', decidedBy: { kind: 'HIDDEN' }, policies: [] },
  ]);
});

t.test('coverage and places of objects are told as far as the reader may see them', async (t) => {
  const policies = ['shop', 'edge'].map((namespace) => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { namespace, name: 'p' },
    spec: { podSelector: {} },
  }));
  const text = [...entrances(), ...policies].map((object) => `${JSON.stringify(object)}\n`);
  const whole = await snapshotOfText(text.join(''), { source: 'MANIFESTS', file: 'all.ndjson' });
  const { snapshot } = scopedIndex(compileIndex(whole, DEFAULT_OPTIONS), ['shop']).view;
  const counts = Object.fromEntries(snapshot.coverage.map(({ kind, count }) => [kind, count]));
  const { Pod, Service, Gateway, HTTPRoute, Ingress, NetworkPolicy } = counts;
  t.same(
    { Pod, Service, Gateway, HTTPRoute, Ingress, NetworkPolicy },
    { Pod: 1, Service: 1, Gateway: 0, HTTPRoute: 2, Ingress: 1, NetworkPolicy: 1 },
  );
  t.same(
    [...snapshot.provenance.keys()].filter((name) => name !== ''),
    ['shop'],
  );
  t.ok(whole.provenance.has('edge'));
  t.same([...snapshot.namespaces.keys()], ['shop']);
});

t.test('of pods that have no name here one row speaks, after those that have', async (t) => {
  const pods = ['shop/a', 'shop/b', 'pay/c', 'pay/d'].map((key, i): KubeObject => {
    const [namespace = '', name = ''] = key.split('/');
    const ip = `10.0.0.${i + 1}`;
    return {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { namespace, name },
      spec: { containers: [{ name }] },
      status: { phase: 'Running', podIP: ip, podIPs: [{ ip }] },
    };
  });
  const scoped = scopedIndex(await indexOf(pods), ['shop']);
  const answer = path(scoped, { from: '10.0.0.0/29', to: 'shop/pod/a', port: '80' });
  const told = answer.outcomes.flatMap(({ from }) => from.nodes.map(({ ref }) => ref));
  t.ok(told.includes('shop/pod/b'));
  t.ok(told.includes(OTHERS));
  t.notOk(told.some((ref) => ref.startsWith('pay')));
  const single = path(scoped, { from: '10.0.0.3', to: 'shop/pod/a', port: '80' });
  t.equal(single.from.ref, OTHERS, 'an address that one of them owns is theirs');
});

/** An Ingress, a route and a Service of `shop` whose controller, Gateway and backend are elsewhere. */
function entrances(): KubeObject[] {
  const of = (apiVersion: string, kind: string, at: string, name: string, rest: object) =>
    ({ apiVersion, kind, metadata: { namespace: at, name }, ...rest }) as KubeObject;
  const gateway = 'gateway.networking.k8s.io/v1';
  const backends = (namespace: string): object => ({
    parentRefs: [{ name: 'main', namespace: 'edge' }],
    rules: [{ backendRefs: [{ name: 'web', namespace, port: 80 }] }],
  });
  const labels = {
    'app.kubernetes.io/name': 'ingress-nginx',
    'app.kubernetes.io/component': 'controller',
  };
  return [
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { namespace: 'shop', name: 'web', labels: { app: 'x' } },
      spec: { containers: [{ name: 'web' }] },
    },
    of('v1', 'Service', 'shop', 'web', { spec: { selector: { app: 'x' }, ports: [{ port: 80 }] } }),
    of('v1', 'Pod', 'edge', 'gateway-1', { spec: { containers: [{ name: 'gateway' }] } }),
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { namespace: 'edge', name: 'nginx-1', labels },
      spec: { containers: [{ name: 'nginx' }] },
    },
    of(gateway, 'Gateway', 'edge', 'main', {
      spec: { gatewayClassName: 'c', listeners: [{ name: 'http', port: 80, protocol: 'HTTP' }] },
    }),
    of(gateway, 'HTTPRoute', 'shop', 'here', { spec: backends('shop') }),
    of(gateway, 'HTTPRoute', 'shop', 'there', { spec: backends('pay') }),
    of('networking.k8s.io/v1', 'Ingress', 'shop', 'web', {
      spec: { defaultBackend: { service: { name: 'web', port: { number: 80 } } } },
    }),
  ];
}

/** Two namespaces with a pod each, and a policy of administrators that lets nobody send anything. */
function everyoneDenied(): KubeObject[] {
  const pod = (namespace: string, name: string): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace, name },
    spec: { containers: [{ name }] },
  });
  const quiet = {
    apiVersion: 'policy.networking.k8s.io/v1alpha1',
    kind: 'AdminNetworkPolicy',
    metadata: { name: 'quiet' },
    spec: {
      priority: 1,
      subject: { namespaces: {} },
      egress: [{ action: 'Deny', to: [{ namespaces: {} }] }],
    },
  };
  return [pod('shop', 'web'), pod('pay', 'db'), quiet as KubeObject];
}

function toldRefs(objects: readonly KubeObject[], told: readonly string[]): string[] {
  const pods = endsOf(objects).filter(
    ({ product }) => product.kind !== 'pod' || told.includes(product.namespace),
  );
  return pods.map(({ ref }) => ref);
}

function firstDifference(a: string, b: string): string {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at += 1;
  return `${around(a, at)} <> ${around(b, at)}`;
}

function around(text: string, at: number): string {
  return text.slice(Math.max(0, at - 200), at + 100);
}
