import fc from 'fast-check';
import t from 'tap';
import { compileIndex } from '../../src/engine/compile.ts';
import { DEFAULT_OPTIONS } from '../../src/engine/options.ts';
import { scopedIndex } from '../../src/engine/scoped/scoped-index.ts';
import type { KubeObject } from '../support/kube-objects.ts';
import { clusterPolicies } from '../support/cluster-policy-objects.ts';
import { indexOf, snapshotOf, snapshotOfDump } from '../support/cluster.ts';
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
