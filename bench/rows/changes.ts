import { outcomeOf, percentile, timed } from '../harness/measure.ts';
import type { Times } from '../harness/measure.ts';
import type { Check, Row } from '../harness/row.ts';
import type { BenchContext } from '../harness/context.ts';
import { compileIndex, overlayIndex } from '../../src/engine/compile.ts';
import { countReachablePairs } from '../../src/engine/index/count-pairs.ts';
import { diffIndexes } from '../../src/engine/diff/diff-indexes.ts';
import { IrCache } from '../../src/engine/index/policy-ir.ts';
import { DEFAULT_OPTIONS } from '../../src/engine/options.ts';
import type { PartyId } from '../../src/engine/party.ts';
import type { ReachIndex } from '../../src/engine/reach-index.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import { EDITS, changedSnapshot } from './changed-snapshot.ts';
import type { EditKind } from './changed-snapshot.ts';
import { flatOf } from './flat.ts';

/** Edits of each kind that are timed, after as many that are not. */
const EDITS_TIMED = 100;
/** Edits between which differences are looked for. */
const EDITS_COMPARED = 20;

/** Rows about what changes between two snapshots. */
export const changeRows: readonly Row[] = [
  {
    id: '17',
    area: 'engine',
    title: 'one policy changed, until it is answered for',
    against: 'a whole compile',
    bound: 'looking at every namespace once; copying arrays in which numbers moved',
    run: async (context) => {
      const removed = await overlayChecks(context, 'a policy removed', 1 / 200, 1 / 20);
      const rewritten = await overlayChecks(context, 'a policy rewritten', 1 / 200, 1 / 20);
      return [...removed, ...rewritten];
    },
  },
  {
    id: '18',
    area: 'engine',
    title: 'one pod changed, until it is answered for',
    against: 'a whole compile (goal: 20 us where its class is there, 200 us where it is new)',
    bound: 'as row 17; all pods after it move to other parties',
    run: (context) => overlayChecks(context, 'a pod relabelled', undefined, undefined),
  },
  {
    id: '16',
    area: 'engine',
    title: 'exact differences between two snapshots, one object changed',
    against: 'counting all pairs',
    bound: 'telling which ends are affected; judging whom an open pod can reach',
    run: async (context) => {
      const base = await baseOf(context);
      const flat = await flatOf(context);
      const counted = await timesOf(context.pairs, () => countReachablePairs(flat));
      const checks: Check[] = [];
      for (const kind of EDITS) {
        const heads = await headsOf(context, kind, EDITS_COMPARED);
        const times: Times[] = [];
        for (const head of heads) {
          const index =
            overlayIndex(base, head, irOf(context)) ?? compileIndex(head, DEFAULT_OPTIONS);
          times.push(await timed(() => diffIndexes(base, index)));
        }
        checks.push(...sharesOf(times.slice(times.length / 2), counted, kind, 0.1, undefined));
      }
      return checks;
    },
  },
];

async function overlayChecks(
  context: BenchContext,
  kind: EditKind,
  p50: number | undefined,
  p99: number | undefined,
): Promise<readonly Check[]> {
  const snapshot = await context.snapshot();
  const base = await baseOf(context);
  const heads = await headsOf(context, kind, 2 * EDITS_TIMED);
  const times: Times[] = [];
  let left = 0;
  for (const head of heads) {
    times.push(
      await timed(() => {
        const index = overlayIndex(base, head, irOf(context));
        if (index === undefined) left += 1;
        else ask(index);
      }),
    );
  }
  const compiled = await timesOf(context.pairs, () => ask(compileIndex(snapshot, DEFAULT_OPTIONS)));
  const share = {
    what: `${kind}: compiled instead`,
    unit: '%',
    figure: (100 * left) / heads.length,
  };
  return [
    ...sharesOf(times.slice(EDITS_TIMED), compiled, kind, p50, p99),
    { ...share, goal: { atMost: 1 } },
  ];
}

/** Times against the median of another thing, at the middle and near the end. */
function sharesOf(
  times: readonly Times[],
  reference: readonly Times[],
  what: string,
  p50: number | undefined,
  p99: number | undefined,
): readonly Check[] {
  const whole = outcomeOf(reference.map((one) => [one, one])).reference.cpuMs;
  const cpu = times.map(({ cpuMs }) => cpuMs);
  return (
    [
      ['p50', 0.5, p50],
      ['p99', 0.99, p99],
    ] as const
  ).map(([name, share, goal]) => {
    const figure = percentile(cpu, share);
    return {
      what: `${what}: ${name}`,
      unit: 'ms',
      figure,
      reference: whole,
      ratio: figure / whole,
      goal: goal === undefined ? 'none' : { ratioAtMost: goal },
    };
  });
}

/** The first answer, for which some things are laid out. */
function ask(index: ReachIndex): unknown {
  return index.sourcesOf(0 as PartyId).length;
}

async function timesOf(runs: number, run: () => unknown): Promise<readonly Times[]> {
  run();
  const times: Times[] = [];
  for (let i = 0; i < runs; i += 1) times.push(await timed(run));
  return times;
}

function irOf(context: BenchContext): IrCache {
  return context.once('ir', () => new IrCache());
}

async function baseOf(context: BenchContext): Promise<ReachIndex> {
  const snapshot = await context.snapshot();
  return context.once('base', () => compileIndex(snapshot, DEFAULT_OPTIONS, irOf(context)));
}

/** Snapshots with one edit each. */
async function headsOf(context: BenchContext, kind: EditKind, count: number): Promise<Snapshot[]> {
  const snapshot = await context.snapshot();
  return Array.from({ length: count }, (_, edit) => changedSnapshot(snapshot, kind, edit));
}
