import { PodreachError } from '../model/errors.ts';
import type { Query } from '../engine/query.ts';
import type { ReachIndex } from '../engine/reach-index.ts';
import { TURNS } from './turns.ts';

/** How the long part of a question waits for its place. */
type Run = <Value>(work: () => Promise<Value>) => Promise<Value>;

/**
 * Asks `query`, letting others in between its steps: a list over a whole cluster takes as long as it
 * takes, and a liveness probe does not wait for it.
 *
 * What is answered with its first step holds nothing meanwhile, and need not wait for a place.
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
  const { steps } = query;
  if (steps === undefined) return TURNS.soon(() => query(index, args));
  const work = steps(index, args);
  const first = await TURNS.soon(() => work.next());
  if (first.done === true) return first.value;
  return run(() =>
    TURNS.finish(work, () => {
      if (untilMs < performance.now()) throw tooLong();
    }),
  );
}

const atOnce: Run = (work) => work();

function tooLong(): PodreachError {
  return new PodreachError('busy', 'the question took too long; ask for less, or try again');
}
