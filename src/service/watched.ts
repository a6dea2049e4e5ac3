import { AsyncResource } from 'node:async_hooks';
import type { SnapshotStore } from '../store/snapshot-store.ts';
import { checkHealth, probesOf } from './health.ts';
import type { HealthProbe } from './health.ts';
import type { IndexCache } from './index-cache.ts';
import type { IndexCompiler } from './jobs/compile-thread.ts';
import type { IngestRunner, IngestTask } from './jobs/ingest-runner.ts';
import { timed } from './observer.ts';
import type { Observer } from './observer.ts';
import type { Podreach } from './podreach.ts';
import type { QuestionGate } from './question-gate.ts';
import { questionKind } from './question-kind.ts';

/** A service that nobody watches yet. */
export type Core = Omit<Podreach, 'health' | 'usage'>;

/** What of a service is looked at from outside. */
export interface WatchedParts {
  readonly observer: Observer;
  readonly gate: QuestionGate;
  readonly cache: IndexCache;
  readonly store: SnapshotStore;
  readonly runner: IngestRunner;
  readonly compiler?: IndexCompiler;
  readonly probes?: readonly HealthProbe[];
}

/** `podreach`, whose questions go through the gate and are told, like its uploads, to the observer. */
export function watched(podreach: Core, parts: WatchedParts): Podreach {
  const { observer, gate, cache, runner, compiler } = parts;
  const question = <Value>(query: unknown, work: () => Promise<Value>): Promise<Value> =>
    timed(
      () => gate.enter(work),
      (event) => observer.questionAnswered?.({ ...event, kind: questionKind(query) }),
    );
  return {
    ...podreach,
    health: () => checkHealth(probesOf(parts)),
    usage: () => ({
      indexCache: cache.usage,
      answerCache: podreach.answers.usage,
      questions: gate.counts,
      ingests: runner.usage?.(),
      compiles: compiler?.usage?.(),
    }),
    ask: (viewer, ref, query, args, judging) =>
      question(query, () => podreach.ask(viewer, ref, query, args, judging)),
    askList: (viewer, ref, asked, judging) =>
      question(asked.query, () => podreach.askList(viewer, ref, asked, judging)),
    ingest: (viewer, cluster, inputs, options) =>
      timed(
        () => podreach.ingest(viewer, cluster, inputs, options),
        (event) => observer.ingestEnded?.({ ...event, cluster }),
      ),
  };
}

/** Tells the phases of an ingest in the context of who started it, whoever reports them. */
export function phaseTeller(observer: Observer): Pick<IngestTask, 'onPhase'> {
  const { ingestPhase } = observer;
  return ingestPhase === undefined ? {} : { onPhase: AsyncResource.bind(ingestPhase) };
}
