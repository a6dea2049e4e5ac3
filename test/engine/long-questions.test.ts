import t from 'tap';
import { compileClearIndex } from '../../src/engine/clear/clear-index.ts';
import { compileIndex } from '../../src/engine/compile.ts';
import { DEFAULT_OPTIONS } from '../../src/engine/options.ts';
import { SIDE_GROUPS_MAX, checkSide } from '../../src/engine/queries/pair-limits.ts';
import { eachPair } from '../../src/engine/queries/each-pair.ts';
import { groupByParty, targetsOf } from '../../src/engine/queries/ends.ts';
import { path, pathVerdict } from '../../src/engine/queries/path.ts';
import { paths } from '../../src/engine/queries/paths.ts';
import { reachableFrom } from '../../src/engine/queries/reachable-from.ts';
import { whoCanReach } from '../../src/engine/queries/who-can-reach.ts';
import type { Query } from '../../src/engine/query.ts';
import type { ReachIndex } from '../../src/engine/reach-index.ts';
import { resolveRef } from '../../src/engine/refs/resolve-ref.ts';
import type { ReachList } from '../../src/model/answer.ts';
import { PodreachError } from '../../src/model/errors.ts';
import { toJson } from '../../src/render/wire.ts';
import { indexOf, snapshotOf } from '../support/cluster.ts';
import type { KubeObject } from '../support/kube-objects.ts';
import { holds } from '../support/property.ts';
import { worlds } from '../support/worlds.ts';

/*
 * Questions that are long are asked in steps, and others have their turn in between: what a step may
 * do is counted here in pairs that it judges, which no machine makes faster or slower.
 */

/** An index that counts how often it is asked about a pair. */
function counting(index: ReachIndex): { readonly index: ReachIndex; readonly count: () => number } {
  let count = 0;
  return {
    count: () => count,
    index: {
      ...index,
      certain: (...pair) => ((count += 1), index.certain(...pair)),
      reach: (question) => ((count += 1), index.reach(question)),
      legOutcome: (...leg) => ((count += 1), index.legOutcome(...leg)),
    },
  };
}

/** The most pairs that one step judged, how many steps there were, and the answer. */
function stepThrough<Args, Answer>(
  query: Query<Args, Answer>,
  whole: ReachIndex,
  args: Args,
): { readonly most: number; readonly steps: number; readonly answer: Answer } {
  const { index, count } = counting(whole);
  const work = query.steps?.(index, args);
  if (work === undefined) throw new Error('the query has no steps');
  let most = 0;
  for (let steps = 1; ; steps += 1) {
    const before = count();
    const { done, value } = work.next();
    most = Math.max(most, count() - before);
    if (done === true) return { most, steps, answer: value };
  }
}

/** `count` pods, each with a label and a policy of its own, so that no two are alike. */
function unlike(count: number): KubeObject[] {
  return Array.from({ length: count }, (_, i): KubeObject[] => [
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { namespace: 'big', name: `p${i}`, labels: { app: `a${i}` } },
      spec: { nodeName: 'n1', containers: [{ name: 'main' }] },
      status: { phase: 'Running', podIP: `10.0.0.${i}`, podIPs: [{ ip: `10.0.0.${i}` }] },
    },
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { namespace: 'big', name: `only-${i}` },
      spec: {
        podSelector: { matchLabels: { app: `a${i}` } },
        ingress: [{ from: [{ podSelector: { matchLabels: { app: `a${(i + 1) % count}` } } }] }],
      },
    },
  ]).flat();
}

const LISTED = { exclude: [], implicit: false } as const;
const PODS = 50;
/** Far from all pairs, and enough for a turn not to end with every pair. */
const PAIRS_PER_STEP_MAX = 600;

const LONG: readonly { readonly name: string; readonly ask: (index: ReachIndex) => unknown }[] = [
  {
    name: 'path, explained',
    ask: (index) => stepThrough(path, index, { from: 'big/*', to: 'big/*', port: 'tcp/80' }),
  },
  {
    name: 'the verdict of a path',
    ask: (index) => stepThrough(pathVerdict, index, { from: 'big/*', to: 'big/*', port: 'any' }),
  },
  {
    name: 'a batch of paths',
    ask: (index) => {
      const questions = Array.from({ length: 8 }, (_, i) => ({
        from: `big/pod/p${i}`,
        to: 'big/*',
        port: 'tcp/80',
      }));
      return stepThrough(paths, index, { questions, detail: 'full' });
    },
  },
];

t.test('no step of a long question judges many pairs', async (t) => {
  const index = await indexOf(unlike(PODS));
  for (const { name, ask } of LONG) {
    const { most, steps } = ask(index) as ReturnType<typeof stepThrough>;
    t.ok(most <= PAIRS_PER_STEP_MAX, `${name}: ${most} pairs in one step`);
    t.ok(5 < steps, `${name}: ${steps} steps`);
  }
});

t.test('a path between few pods is answered with the first step', async (t) => {
  const index = await indexOf(unlike(4));
  const { steps } = stepThrough(path, index, { from: 'big/*', to: 'big/pod/p1', port: 'any' });
  t.equal(steps, 1);
});

/** Lists about an end that reaches, and is reached by, two others of many; `rows` of them. */
const LARGE_ENDS: readonly {
  readonly name: string;
  readonly ask: (index: ReachIndex) => ReachList;
}[] = [
  {
    name: 'who can reach all of them',
    ask: (index) =>
      whoCanReach(index, { target: 'big/*', port: 'tcp/80', groupBy: 'POD', ...LISTED }),
  },
  {
    name: 'where all of them lead',
    ask: (index) =>
      reachableFrom(index, {
        source: 'big/*',
        port: 'tcp/80',
        groupBy: 'POD',
        maxHops: 1,
        ...LISTED,
      }),
  },
];

t.test(
  'an end of many kinds is judged by all of them, most of which a row cannot reach',
  async (t) => {
    const snapshot = await snapshotOf(unlike(PODS));
    const flat = compileIndex(snapshot, DEFAULT_OPTIONS);
    // Of the clear index everybody may be met, so that nothing is left out.
    const clear = compileClearIndex(snapshot, DEFAULT_OPTIONS);
    for (const { name, ask } of LARGE_ENDS) {
      const [list, expected] = [ask(flat), ask(clear)];
      t.same(list.counts, expected.counts, name);
      t.equal(list.counts.partial, PODS, `${name}: nobody reaches all`);
      t.equal(
        JSON.stringify(toJson(list.slice(0, PODS))),
        JSON.stringify(toJson(expected.slice(0, PODS))),
        `${name}: rows`,
      );
    }
  },
);

t.test(
  'an end of too many kinds is refused before anything is judged, and says what to ask',
  (t) => {
    const kinds = Array.from({ length: SIDE_GROUPS_MAX });
    t.doesNotThrow(() => checkSide('target', kinds));
    t.throws(() => checkSide('target', [...kinds, 1]), {
      code: 'answer-too-large',
      message: /2501 kinds .* `connectivity`/,
      details: { parameter: 'target' },
    });
    t.end();
  },
);

t.test(
  'of a large end, who cannot be reached is told once; who meets itself is judged',
  async (t) => {
    const index = await indexOf(unlike(4));
    const { pods } = resolveRef(index.directory, 'big/*', 'source');
    const groups = groupByParty(index, { pods, nodes: [], ranges: [] });
    const targets = targetsOf(index, groups, 'any').groups;
    const [source] = groups;
    if (source === undefined) throw new Error('the cluster has no pods');
    const met = new Set([source.party, ...Array.from(index.destinationsOf(source.party))]);
    const expected = targets.filter(({ party }) => met.has(party)).map(({ party }) => party);
    const judged: number[] = [];
    let shut = 0;
    eachPair(
      // Four are most of a cluster of so few parties.
      { ...index, partyCount: 4 },
      [source],
      targets,
      (_, { party }) => judged.push(party),
      () => (shut += 1),
    );
    t.same(judged.sort(), expected.sort());
    t.equal(shut, 1);
  },
);

t.test(
  'a batch about a snapshot that goes meanwhile is no answer; a question that cannot be asked is one',
  async (t) => {
    const index = await indexOf(unlike(4));
    const ask = (to: string, at: ReachIndex): unknown =>
      paths(at, { questions: [{ from: 'big/*', to, port: 'any' }], detail: 'verdict' });
    const deleted = (): never => {
      throw new PodreachError('snapshot-not-found', 'it was deleted meanwhile');
    };
    const gone = { ...index, certain: deleted, reach: deleted };
    t.throws(() => ask('big/*', gone), { code: 'snapshot-not-found' });
    t.match(ask('big/pod/none', gone), [{ code: 'ref-not-found', details: { parameter: 'to' } }]);
    t.match(ask('big/*', index), [{ verdict: 'PARTIAL' }]);
  },
);

t.test('what is worked out in steps is what is worked out at once', async () => {
  await holds(worlds(), 0.001, async (objects) => {
    const index = await indexOf(objects);
    return [
      ['*/*', '*/*'],
      ['internet', '*/*'],
      ['*/*', 'node/*'],
    ].flatMap(([from = '', to = '']) => {
      const args = { from, to, port: 'any' };
      const inSteps = JSON.stringify(toJson(stepThrough(path, index, args).answer));
      const atOnce = JSON.stringify(toJson(path(index, args)));
      return inSteps === atOnce ? [] : [`${from} to ${to}: ${inSteps} and ${atOnce}`];
    });
  });
});
