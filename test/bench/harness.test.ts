import t from 'tap';
import { clusterSnapshot } from '../../bench/generate/cluster-snapshot.ts';
import { BenchContext } from '../../bench/harness/context.ts';
import { contest, outcomeOf, percentile } from '../../bench/harness/measure.ts';
import { json, markdown, summary, tableLines } from '../../bench/harness/report.ts';
import type { Measured } from '../../bench/harness/report.ts';
import { fasterThan, isMet } from '../../bench/harness/row.ts';
import type { Check, Row } from '../../bench/harness/row.ts';
import { podList, parseItems } from '../../bench/reference/item-slices.ts';
import { indexedPairwise, naivePairwise } from '../../bench/reference/pairwise.ts';
import { samplePackets } from '../../bench/rows/questions.ts';
import { compileIndex } from '../../src/engine/compile.ts';
import type { PodOrdinal } from '../../src/engine/model-view.ts';
import { DEFAULT_OPTIONS } from '../../src/engine/options.ts';
import type { PartyId, Relation } from '../../src/engine/party.ts';
import { hasPort } from '../../src/model/connection-set.ts';

const NO_RELATION: Relation = 'NONE';

t.test('evaluators that go pair by pair say what the engine says', async (t) => {
  for (const [size, seed] of [
    ['200/80', 1],
    ['400/400', 2],
    ['600/60', 3],
  ] as const) {
    const context = new BenchContext({ size, seed, pairs: 1 });
    const snapshot = await clusterSnapshot(context.plan);
    const index = compileIndex(snapshot, DEFAULT_OPTIONS);
    const [naive, indexed] = [naivePairwise(snapshot), indexedPairwise(snapshot)];
    const packets = await samplePackets(context, 1000);
    const allowed = packets.filter((packet) => packet.allowed).length;
    t.ok(0.3 < allowed / packets.length, `${allowed} of ${packets.length} are allowed`);
    const party = (pod: number): PartyId => index.partyOfPod(pod as PodOrdinal) ?? (-1 as PartyId);
    const wrong = packets.filter(({ source, destination, protocol, port, allowed }) => {
      const ends = { source: party(source), destination: party(destination) };
      const reach = index.reach({ ...ends, family: 4, relation: NO_RELATION });
      const [from, to] = [naive.pods[source], naive.pods[destination]];
      if (from === undefined || to === undefined) return true;
      const question = { source: from, destination: to, protocol, port };
      return [
        hasPort(reach.allowed, protocol, port),
        naive.canReach(question),
        indexed.canReach(question),
      ].some((said) => said !== allowed);
    });
    t.strictSame(wrong, [], `${size}, seed ${seed}`);
  }
});

t.test('a contest takes both sides in turn and judges the median of their ratios', async (t) => {
  const order: string[] = [];
  const side = (name: string) => (): unknown => order.push(name);
  const outcome = await contest({ figure: side('f'), reference: side('r'), pairs: 3 });
  t.equal(order.join(''), 'fr' + 'fr' + 'rf' + 'fr');
  t.equal(outcome.pairs, 3);
  const times = (cpuMs: number): { cpuMs: number; wallMs: number } => ({ cpuMs, wallMs: cpuMs });
  const judged = outcomeOf([
    [times(1), times(10)],
    [times(30), times(100)],
    [times(900), times(1000)],
  ]);
  t.equal(judged.cpuRatio, 0.3);
  t.strictSame(judged.spread, [0.1, 0.9]);
  const times20 = fasterThan(judged, {
    what: 'each',
    unit: 'ns',
    operations: 10,
    referenceOperations: 1,
    goal: { ratioAtLeast: 20 },
  });
  t.equal(Math.round((times20.ratio ?? 0) * 10), 333, 'times faster, for each operation');
  t.equal(times20.figure, 3e6, 'nanoseconds of one operation');
  t.equal(percentile([5, 1, 4, 2, 3], 0.5), 3);
  t.equal(percentile([5, 1, 4, 2, 3], 0.99), 5);
});

t.test('a time by itself is not held against a busy machine', async (t) => {
  const check = { what: 'p99', unit: 'us', figure: 300 };
  const cases: readonly (readonly [Partial<Check>, load: number, met: boolean | null])[] = [
    [{ goal: { atMost: 200 }, isAbsoluteTime: true }, 0.5, false],
    [{ goal: { atMost: 200 }, isAbsoluteTime: true }, 4, null],
    [{ goal: { atMost: 400 }, isAbsoluteTime: true }, 4, true],
    [{ goal: { atMost: 200 } }, 4, false],
    [{ goal: { ratioAtMost: 2 }, ratio: 2.1 }, 4, false],
    [{ goal: { ratioAtLeast: 2 }, ratio: 2.1 }, 4, true],
    [{ goal: 'none' }, 0, null],
  ];
  for (const [parts, load, met] of cases) {
    t.equal(isMet({ ...check, goal: 'none', ...parts }, load), met, JSON.stringify(parts));
  }
});

t.test('what was measured is told as a table, as Markdown and as JSON', async (t) => {
  const row: Row = {
    id: '99',
    area: 'engine',
    title: 'nothing',
    against: 'nothing else',
    bound: 'time',
    run: () => Promise.resolve([]),
  };
  const check: Check = {
    what: 'CPU',
    unit: 'ms',
    figure: 12.345,
    reference: 100,
    ratio: 0.12345,
    goal: { ratioAtMost: 0.5 },
  };
  const measured: Measured = { row, result: [check], load: 1, tookMs: 5 };
  const all: Measured[] = [measured, { row, result: { skipped: 'too large' }, load: 1, tookMs: 5 }];
  const conditions = { size: '1k/100', seed: 1, pairs: 7 };
  t.match(tableLines(measured), [/^99 +nothing/, /12.3 ms +100 ms +0.123x +<= 0.5x +yes/]);
  t.match(
    markdown(all, conditions),
    '| 99 | nothing: CPU | 12.3 ms | 100 ms | 0.123x | <= 0.5x | yes |',
  );
  t.match(JSON.parse(json(all, conditions)), {
    size: '1k/100',
    rows: [{ id: '99', checks: [{ met: true }] }, { skipped: 'too large' }],
  });
  t.equal(summary(all), '1 of 1 goals met; 1 rows skipped');
});

t.test('the items of a list are found in its text', async (t) => {
  const context = new BenchContext({ size: '200/10', seed: 1, pairs: 1 });
  for (const format of ['raw', 'json'] as const) {
    t.equal(parseItems(podList(context.plan, format)), 200, format);
  }
});
