import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { FastifyInstance } from 'fastify';
import { PodreachError } from '../model/errors.ts';
import type { RequestCheck } from './guard.ts';
import { HTTP_LIMITS } from './http-limits.ts';

/** Tells whether this process can keep up. */
export interface LoadGuard {
  isOverloaded: () => boolean;
  /** Refuses questions while it cannot. Passes on `busy`. */
  readonly check: RequestCheck;
}

const NANOSECONDS = 1e6;
/** One long turn is over before anybody could be told: only a second late window is overload. */
const LATE_WINDOWS = 2;

/** What overload is judged by. */
export interface LoadParts {
  /** How late the event loop may be. */
  readonly delayMaxMs: number;
  /** Questions that are being answered at the moment. */
  readonly questions: () => number;
  /** Called with each question that is refused. */
  readonly onShed?: () => void;
}

/**
 * Watches how late the event loop is: a process that is asked for more than it can do answers nobody in
 * time, and answers most again when it refuses some. It is overloaded from the second window in which
 * the 99th percentile was over the limit, until the first in which it was not.
 *
 * Where only a few questions are being answered, not they are what makes the process late but the
 * machine, and it would help nobody to refuse one.
 */
export function addLoadGuard(app: FastifyInstance, parts: LoadParts): LoadGuard {
  const { delayMaxMs, questions, onShed = (): void => undefined } = parts;
  const delay = monitorEventLoopDelay({ resolution: HTTP_LIMITS.loadResolutionMs });
  delay.enable();
  let late = 0;
  const hasMany = (): boolean => HTTP_LIMITS.questionsUnderLoadMax <= questions();
  const timer = setInterval(() => {
    const isLate = delayMaxMs < delay.percentile(99) / NANOSECONDS;
    late = isLate && hasMany() ? late + 1 : 0;
    delay.reset();
  }, HTTP_LIMITS.loadWindowMs);
  timer.unref();
  app.addHook('onClose', () => {
    clearInterval(timer);
    delay.disable();
    return Promise.resolve();
  });
  const isOverloaded = (): boolean => LATE_WINDOWS <= late;
  return {
    isOverloaded,
    check: (_request, _reply, done) => {
      if (!isOverloaded() || !hasMany()) {
        done();
        return;
      }
      onShed();
      const message = 'the server has more to do than it can; try again';
      done(new PodreachError('busy', message, { retryAfterSeconds: 2 }));
    },
  };
}
