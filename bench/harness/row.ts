import type { BenchContext } from './context.ts';
import type { Outcome } from './measure.ts';

/** What is compared with a goal: the ratio to the reference, or the figure itself. */
export type Goal =
  | { readonly ratioAtMost: number }
  | { readonly ratioAtLeast: number }
  | { readonly atMost: number }
  /** Told for its own sake. */
  | 'none';

/** One line of the table. */
export interface Check {
  readonly what: string;
  readonly unit: string;
  readonly figure: number;
  /** What the reference came to, in the same unit. */
  readonly reference?: number;
  /** Figure / reference; where more is better, reference / figure. */
  readonly ratio?: number;
  readonly spread?: readonly [lowest: number, highest: number];
  readonly pairs?: number;
  readonly goal: Goal;
  /** Whether a time of its own, not a ratio, is judged: only on a quiet machine. */
  readonly isAbsoluteTime?: boolean;
}

/** What a row came to; `skipped` says why there is nothing. */
export type RowResult = readonly Check[] | { readonly skipped: string };

/** One row of the table of goals. */
export interface Row {
  /** As the goals are numbered. */
  readonly id: string;
  readonly area: 'engine' | 'ingest' | 'store' | 'http' | 'process';
  readonly title: string;
  /** What it is compared with. */
  readonly against: string;
  /** What keeps it from being better. */
  readonly bound: string;
  readonly run: (context: BenchContext) => Promise<RowResult>;
}

/** Whether the goal of a check is met; null when it has none, or must not be judged. */
export function isMet(check: Check, load: number): boolean | null {
  const { goal, ratio, figure } = check;
  if (goal === 'none') return null;
  if ('ratioAtMost' in goal) return ratio === undefined ? null : ratio <= goal.ratioAtMost;
  if ('ratioAtLeast' in goal) return ratio === undefined ? null : goal.ratioAtLeast <= ratio;
  if (check.isAbsoluteTime === true && LOAD_MAX < load && goal.atMost < figure) return null;
  return figure <= goal.atMost;
}

/** Above this load average a time that is too long says nothing. */
export const LOAD_MAX = 1.5;

/** The check of a contest where less is better: CPU time per operation against the reference. */
export function fasterThan(
  outcome: Outcome,
  parts: {
    readonly what: string;
    readonly unit: 'ms' | 'us' | 'ns';
    /** Operations in one run of the figure, and of the reference. */
    readonly operations?: number;
    readonly referenceOperations?: number;
    readonly goal: Goal;
  },
): Check {
  const { what, unit, operations = 1, goal } = parts;
  const { referenceOperations = operations } = parts;
  const perMs = unit === 'ms' ? 1 : unit === 'us' ? 1e3 : 1e6;
  const scale = referenceOperations / operations;
  // `at least` goals count how many times faster, `at most` goals what share of the reference.
  const inverse = goal !== 'none' && 'ratioAtLeast' in goal;
  const ratioOf = (ratio: number): number => (inverse ? 1 / (ratio * scale) : ratio * scale);
  const [lowest, highest] = outcome.spread;
  return {
    what,
    unit,
    figure: (outcome.figure.cpuMs * perMs) / operations,
    reference: (outcome.reference.cpuMs * perMs) / referenceOperations,
    ratio: ratioOf(outcome.cpuRatio),
    spread: inverse ? [ratioOf(highest), ratioOf(lowest)] : [ratioOf(lowest), ratioOf(highest)],
    pairs: outcome.pairs,
    goal,
  };
}
