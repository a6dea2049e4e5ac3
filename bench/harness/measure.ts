import { performance } from 'node:perf_hooks';

/** Two things to compare, each done once in a run. */
export interface Contest {
  readonly figure: () => unknown;
  readonly reference: () => unknown;
  /** Runs of each that count. */
  readonly pairs: number;
  /** Runs of each before any is counted. */
  readonly warmups?: number;
  /** No pair is begun after this time, but one always is. */
  readonly budgetMs?: number;
}

/** What one side of a contest took, in milliseconds. */
export interface Times {
  readonly cpuMs: number;
  readonly wallMs: number;
}

/** How a contest ended: medians over its pairs. */
export interface Outcome {
  readonly figure: Times;
  readonly reference: Times;
  /** Median of the ratios figure / reference of each pair. */
  readonly cpuRatio: number;
  readonly wallRatio: number;
  /** Smallest and largest ratio of CPU time. */
  readonly spread: readonly [lowest: number, highest: number];
  readonly pairs: number;
}

/** Longest that one contest goes on, in milliseconds, unless it says so itself. */
const BUDGET_MS = 60_000;

/**
 * Compares two things in one process: in turn, so that what else the machine does hits both, each
 * first as often as the other. CPU time is that of the process, its collector included.
 */
export async function contest(options: Contest): Promise<Outcome> {
  const { figure, reference, warmups = 1, budgetMs = BUDGET_MS } = options;
  const started = performance.now();
  const isLate = (): boolean => budgetMs < performance.now() - started;
  for (let i = 0; i < warmups && !isLate(); i += 1) {
    await figure();
    await reference();
  }
  const pairs: (readonly [Times, Times])[] = [];
  while (pairs.length < Math.max(1, options.pairs) && (pairs.length === 0 || !isLate())) {
    if (pairs.length % 2 === 0) {
      const first = await timed(figure);
      pairs.push([first, await timed(reference)]);
    } else {
      const first = await timed(reference);
      pairs.push([await timed(figure), first]);
    }
  }
  return outcomeOf(pairs);
}

/** Times of one run. */
export async function timed(run: () => unknown): Promise<Times> {
  const cpu = process.cpuUsage();
  const wall = performance.now();
  await run();
  const wallMs = performance.now() - wall;
  const { user, system } = process.cpuUsage(cpu);
  return { cpuMs: (user + system) / 1000, wallMs };
}

/** The outcome of pairs that were timed elsewhere. */
export function outcomeOf(pairs: readonly (readonly [figure: Times, reference: Times])[]): Outcome {
  const ratios = pairs.map(([a, b]) => a.cpuMs / b.cpuMs);
  const side = (at: 0 | 1): Times => ({
    cpuMs: median(pairs.map((pair) => pair[at].cpuMs)),
    wallMs: median(pairs.map((pair) => pair[at].wallMs)),
  });
  return {
    figure: side(0),
    reference: side(1),
    cpuRatio: median(ratios),
    wallRatio: median(pairs.map(([a, b]) => a.wallMs / b.wallMs)),
    spread: [Math.min(...ratios), Math.max(...ratios)],
    pairs: pairs.length,
  };
}

/** The middle one of `values`, which must not be empty. */
export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** The value that `share` of `values` do not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = Math.min(sorted.length - 1, Math.floor(share * sorted.length));
  return sorted[at] ?? Number.NaN;
}

/** Calls of each input, of which the shortest counts: the others met something else. */
const CALLS = 3;
/** Longest that calls are timed, in milliseconds: inputs that come later are left out. */
const CALLS_BUDGET_MS = 20_000;

/** Wall times of single calls in microseconds, one for each of `inputs`, after a warm-up. */
export function latenciesUs<Input>(
  inputs: readonly Input[],
  call: (input: Input) => unknown,
): number[] {
  const started = performance.now();
  const isLate = (budgetMs: number): boolean => budgetMs < performance.now() - started;
  for (const input of inputs.slice(0, Math.ceil(inputs.length / 4))) {
    if (isLate(CALLS_BUDGET_MS / 4)) break;
    call(input);
  }
  return inputs.flatMap((input, at) => {
    if (0 < at && isLate(CALLS_BUDGET_MS)) return [];
    let shortest = Infinity;
    for (let i = 0; i < CALLS; i += 1) {
      const start = performance.now();
      call(input);
      shortest = Math.min(shortest, performance.now() - start);
    }
    return [shortest * 1000];
  });
}
