import type { GroupBy } from '../model/answer.ts';
import type { Direction } from '../model/policy.ts';
import type { ReachIndex } from './reach-index.ts';

/**
 * A question: a pure function from an index and arguments to an answer.
 *
 * @throws PodreachError `bad-ref`, `bad-port`, `ambiguous-ref`, `ref-not-found`, `bad-query`
 */
export interface Query<Args, Answer> {
  (index: ReachIndex, args: Args): Answer;
  /**
   * The same in steps, for questions that can be long. What ends with the first step is short: a step
   * that begins something long comes after a pause.
   */
  readonly steps?: (index: ReachIndex, args: Args) => Steps<Answer>;
}

/**
 * Work that pauses often, so that whoever drives it can do something else in between. The engine
 * knows no clock: how long a turn lasts is the driver's to say.
 */
export type Steps<Answer> = Generator<undefined, Answer, undefined>;

/** The query whose work is `steps`; called as a function it runs to the end at once. */
export function inSteps<Args, Answer>(
  steps: (index: ReachIndex, args: Args) => Steps<Answer>,
): Query<Args, Answer> {
  return Object.assign((index: ReachIndex, args: Args) => atOnce(steps(index, args)), { steps });
}

/** What `work` comes to, without a pause. */
export function atOnce<Answer>(work: Steps<Answer>): Answer {
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
  }
}

/** Something that is worked out once: at once by whoever reads it, or in steps before anybody does. */
export interface Lazily<Value> {
  (): Value;
  readonly steps: () => Steps<Value>;
}

/** @see Lazily */
export function lazily<Value>(work: () => Steps<Value>): Lazily<Value> {
  let made: { readonly value: Value } | undefined;
  const steps = function* (): Steps<Value> {
    made ??= { value: yield* work() };
    return made.value;
  };
  return Object.assign(() => made?.value ?? atOnce(steps()), { steps });
}

/** `path`: every ref and port in the grammar of contract 2. */
export interface PathArgs {
  readonly from: string;
  readonly to: string;
  readonly port: string;
}

/** Members of a `path` answer that take more than its verdict; `legs` are those of an outcome. */
export type PathMember = 'reasons' | 'outcomes' | 'assumptions' | 'text';

/** `who-can-reach`. */
export interface WhoCanReachArgs {
  readonly target: string;
  readonly port: string;
  readonly groupBy: GroupBy;
  /** Refs whose pods, nodes and addresses are left out. */
  readonly exclude: readonly string[];
  /** Whether rows allowed only by self or own-node traffic are listed. */
  readonly implicit: boolean;
}

/** `reachable-from`. */
export interface ReachableFromArgs {
  readonly source: string;
  /** Only these destinations. */
  readonly to?: string;
  readonly port: string;
  readonly groupBy: GroupBy;
  readonly exclude: readonly string[];
  readonly implicit: boolean;
  /** 1 to 10; how many connections in a row may be made to get there. */
  readonly maxHops: number;
}

/** `connectivity`; `of` (either end) excludes `from` and `to`. */
export interface ConnectivityArgs {
  readonly of?: string;
  readonly from?: string;
  readonly to?: string;
  readonly port: string;
  readonly groupBy: GroupBy;
  /** Whether address ranges are added to an end left at its default. */
  readonly external: boolean;
  /** Whether nodes are added to an end left at its default. */
  readonly nodes: boolean;
}

/** `isolation`. */
export interface IsolationArgs {
  readonly of: string;
  readonly direction?: Direction;
  /** Only rows that are (true) or are not (false) isolated in `direction`, or in any direction. */
  readonly isolated?: boolean;
  /** Only rows that are (true) or are not (false) protected by any policy, in the same way. */
  readonly protected?: boolean;
  readonly groupBy: GroupBy;
}

/** `exposure`. */
export interface ExposureArgs {
  readonly of: string;
  readonly groupBy: GroupBy;
}

/** `effective`. */
export interface EffectiveArgs {
  /** Pods that are one answer: where their rules differ, they are parts of it. */
  readonly of: string;
  readonly direction?: Direction;
}

/** `ways-in`. */
export interface WaysInArgs {
  /** Only ways that lead to one of its pods, or to the Service it names. */
  readonly of?: string;
}

/** `policies`. */
export interface PoliciesArgs {
  /** Only policies that select one of its pods. */
  readonly selecting?: string;
}

/** `resolve`. */
export interface ResolveArgs {
  readonly ref: string;
}
