import { setImmediate } from 'node:timers/promises';
import { PodreachError } from '../model/errors.ts';
import type { Query, Steps } from '../engine/query.ts';
import type { ReachIndex } from '../engine/reach-index.ts';

/** How long a question may keep everybody else waiting before it lets them in, in milliseconds. */
const TURN_MS = 5;

/** Steps between two looks at the clock. */
const STEPS_PER_LOOK = 4;

/** How the long part of a question waits for its place. */
type Run = <Value>(work: () => Promise<Value>) => Promise<Value>;

/**
 * Asks `query`, letting others in between its steps: a list over a whole cluster takes as long as it
 * takes, and a liveness probe does not wait for it.
 *
 * What is answered with its first step is answered at once: it holds nothing meanwhile, and need not
 * wait for a place.
 *
 * @param run does what comes after the first step, when there is a place for it
 * @param untilMs on the clock of `performance.now()`: nobody waits for it after that
 * @throws what the query throws, `busy` when it takes too long
 */
export async function askInTurns<Args, Answer>(
  query: Query<Args, Answer>,
  index: ReachIndex,
  args: Args,
  { run = atOnce, untilMs = Number.POSITIVE_INFINITY }: { run?: Run; untilMs?: number } = {},
): Promise<Answer> {
  if (query.steps === undefined) return query(index, args);
  const work = query.steps(index, args);
  const first = work.next();
  return first.done === true ? first.value : run(() => inTurns(work, untilMs));
}

const atOnce: Run = (work) => work();

async function inTurns<Answer>(work: Steps<Answer>, untilMs: number): Promise<Answer> {
  let turnEnds = performance.now() + TURN_MS;
  for (let count = 1; ; count += 1) {
    const { done, value } = work.next();
    if (done === true) return value;
    if (count % STEPS_PER_LOOK !== 0 || performance.now() < turnEnds) continue;
    await setImmediate();
    if (untilMs < performance.now()) throw tooLong();
    turnEnds = performance.now() + TURN_MS;
  }
}

function tooLong(): PodreachError {
  return new PodreachError('busy', 'the question took too long; ask for less, or try again');
}
