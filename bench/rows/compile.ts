import { contest, timed } from '../harness/measure.ts';
import { fasterThan } from '../harness/row.ts';
import type { Check, Row } from '../harness/row.ts';
import type { BenchContext } from '../harness/context.ts';
import { clusterSnapshot } from '../generate/cluster-snapshot.ts';
import { slimSnapshot } from '../reference/slim-snapshot.ts';
import type { SlimSnapshot } from '../reference/slim-snapshot.ts';
import { compileIndex } from '../../src/engine/compile.ts';
import { buildModelView } from '../../src/engine/model-view.ts';
import { compileFlat } from '../../src/engine/index/flat-compile.ts';
import { IrCache } from '../../src/engine/index/policy-ir.ts';
import { DEFAULT_OPTIONS } from '../../src/engine/options.ts';
import { flatOf, isSmall, viewOf } from './flat.ts';

/** Bytes of an index for each pod and each policy, at most. */
const BYTES_PER_POD = 80;
const BYTES_PER_POLICY = 128;
/** Longest that compiles of the whole product are compared, in milliseconds. */
const PRODUCT_BUDGET_MS = 40_000;

/** Rows about compiling a snapshot, and about what comes of it. */
export const compileRows: readonly Row[] = [
  {
    id: '10',
    area: 'engine',
    title: 'compile',
    against: 'JSON.parse of the slim snapshot',
    bound: 'reading policies: two thirds of it',
    async run(context) {
      const { pods, policies } = await slimOf(context);
      const snapshot = await context.snapshot();
      const reference = (): unknown => [JSON.parse(pods), JSON.parse(policies)];
      const whole = await contest({
        figure: () => compileIndex(snapshot, DEFAULT_OPTIONS),
        reference,
        pairs: context.pairs,
        budgetMs: PRODUCT_BUDGET_MS,
      });
      const goal = { ratioAtMost: 0.4 };
      const product = fasterThan(whole, { what: 'from snapshot to index', unit: 'ms', goal });
      const view = await viewOf(context);
      const flat = await contest({
        figure: () => compileFlat(view),
        reference,
        pairs: context.pairs,
      });
      return [fasterThan(flat, { what: 'flat arrays alone', unit: 'ms', goal }), product];
    },
  },
  {
    id: '11',
    area: 'engine',
    title: 'compile again with policies remembered',
    against: 'a whole compile',
    bound: 'projecting pods onto what policies can see',
    async run(context) {
      const view = await viewOf(context);
      const cache = new IrCache();
      compileFlat(view, cache);
      const outcome = await contest({
        figure: () => compileFlat(view, cache),
        reference: () => compileFlat(view, new IrCache()),
        pairs: context.pairs,
        warmups: 2,
      });
      const check = fasterThan(outcome, {
        what: 'nothing changed',
        unit: 'ms',
        goal: { ratioAtMost: 0.5 },
      });
      const snapshot = await context.snapshot();
      const whole = await contest({
        figure: () => compileIndex(snapshot, DEFAULT_OPTIONS, cache),
        reference: () => compileIndex(snapshot, DEFAULT_OPTIONS),
        pairs: context.pairs,
        warmups: 2,
      });
      return [
        check,
        {
          what: 'in milliseconds',
          unit: 'ms',
          figure: check.figure,
          goal: { atMost: 100 },
          isAbsoluteTime: true,
        },
        fasterThan(whole, {
          what: 'from snapshot to index',
          unit: 'ms',
          goal: { ratioAtMost: 0.5 },
        }),
      ];
    },
  },
  {
    id: '12',
    area: 'engine',
    title: 'compile 25k namespaces, 100k pods, 75k policies',
    against: 'nothing (another controller: 6 s, 1.6 GB)',
    bound: 'reading policies',
    async run(context) {
      if (isSmall(context)) return SMALL;
      const view = buildModelView(await clusterSnapshot(context.planOf('small-namespaces')));
      compileFlat(view);
      let bytes = 0;
      const times = [];
      for (let i = 0; i < context.pairs; i += 1) {
        times.push(await timed(() => (bytes = compileFlat(view).bytes)));
      }
      return [
        cpuCheck('CPU', times, 800),
        { what: 'index', unit: 'MB', figure: bytes / 1e6, goal: { atMost: 32 } },
      ];
    },
  },
  {
    id: '12b',
    area: 'engine',
    title: 'compile other hard shapes',
    against: 'nothing',
    bound: 'reading policies; for blocks, the address signatures of pods',
    async run(context) {
      const checks: Check[] = [];
      for (const shape of ['identical', 'policy-per-pod', 'port-atoms', 'split-blocks'] as const) {
        const view = buildModelView(await clusterSnapshot(context.planOf(shape)));
        compileFlat(view);
        const times = [];
        for (let i = 0; i < context.pairs; i += 1) {
          times.push(await timed(() => compileFlat(view)));
        }
        checks.push(cpuCheck(shape, times, 1000));
      }
      return checks;
    },
  },
  {
    id: '13',
    area: 'engine',
    title: 'compile 150k/50k',
    against: 'JSON.parse of its policies',
    bound: 'reading policies: two thirds of it',
    async run(context) {
      if (isSmall(context)) return SMALL;
      const snapshot = await clusterSnapshot(context.planOf('realistic', '150k/50k'));
      const { policies } = slimSnapshot(snapshot);
      const view = buildModelView(snapshot);
      const outcome = await contest({
        figure: () => compileFlat(view),
        reference: () => JSON.parse(policies),
        pairs: context.pairs,
      });
      const check = fasterThan(outcome, { what: 'CPU', unit: 'ms', goal: { ratioAtMost: 8 } });
      return [
        check,
        {
          what: 'in milliseconds',
          unit: 'ms',
          figure: check.figure,
          goal: { atMost: 1500 },
          isAbsoluteTime: true,
        },
      ];
    },
  },
  {
    id: '14',
    area: 'engine',
    title: 'bytes of the index',
    against: `${BYTES_PER_POD} for each pod and ${BYTES_PER_POLICY} for each policy`,
    bound: 'pods whose addresses blocks tell apart are parties of their own',
    async run(context) {
      const { bytes } = await flatOf(context);
      const { pods, policies } = context.spec;
      const allowed = BYTES_PER_POD * pods + BYTES_PER_POLICY * policies;
      return [
        {
          what: 'flat arrays',
          unit: 'kB',
          figure: bytes / 1000,
          reference: allowed / 1000,
          ratio: bytes / allowed,
          goal: { ratioAtMost: 1 },
        },
        { what: 'for each pod', unit: 'B', figure: bytes / pods, goal: 'none' },
      ];
    },
  },
];

const SMALL = { skipped: 'only at sizes from 100k/10k on' } as const;

/** The slim snapshot of the realistic cluster. */
export function slimOf(context: BenchContext): Promise<SlimSnapshot> {
  return context.once('slim', async () => slimSnapshot(await context.snapshot()));
}

function cpuCheck(
  what: string,
  times: readonly { readonly cpuMs: number }[],
  atMost: number,
): Check {
  const sorted = times.map(({ cpuMs }) => cpuMs).sort((a, b) => a - b);
  const figure = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  return { what, unit: 'ms', figure, goal: { atMost }, isAbsoluteTime: true };
}
