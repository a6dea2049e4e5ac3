import type { FastifyInstance, FastifyReply } from 'fastify';
import { PodreachError } from '../model/errors.ts';
import { isBodyMissing } from './unread-body.ts';

/**
 * Gives every route that is added to `app` after this a deadline, unless it has a time of its own.
 *
 * All deadlines are equally far ahead, so that the oldest request is always the next to be late: one
 * timer serves all of them. (The framework has one for each, and forgets it once a body is read.)
 */
export function addDeadlines(app: FastifyInstance, timeoutMs: number): void {
  const waiting = new Map<FastifyReply, number>();
  let timer: NodeJS.Timeout | undefined;

  const arm = (): void => {
    const [due] = waiting.values();
    timer =
      due === undefined ? undefined : setTimeout(expire, Math.max(1, due - performance.now()));
  };
  const expire = (): void => {
    const now = performance.now();
    for (const [reply, due] of waiting) {
      if (now < due) break;
      waiting.delete(reply);
      endLate(reply);
    }
    arm();
  };

  app.addHook('onRoute', (route) => {
    if (route.handlerTimeout !== undefined) return;
    const given = route.onRequest ?? [];
    route.onRequest = [
      (_request, reply, done) => {
        waiting.set(reply, performance.now() + timeoutMs);
        reply.raw.once('close', () => waiting.delete(reply));
        if (timer === undefined) arm();
        done();
      },
      ...(Array.isArray(given) ? given : [given]),
    ];
  });
  app.addHook('onClose', () => {
    clearTimeout(timer);
    return Promise.resolve();
  });
}

/** Of a list that is being sent, `sent` says that it is in other hands. */
function endLate(reply: FastifyReply): void {
  if (reply.sent) return;
  if (reply.raw.headersSent) reply.raw.destroy();
  else void reply.send(isBodyMissing(reply.request) ? tooSlow() : tooLong());
}

function tooLong(): PodreachError {
  return new PodreachError('busy', 'the question took too long; ask for less, or try again');
}

function tooSlow(): PodreachError {
  return new PodreachError('request-too-slow', 'the body of the request did not come in time');
}
