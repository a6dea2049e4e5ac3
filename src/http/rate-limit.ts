import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance } from 'fastify';
import { PodreachError } from '../model/errors.ts';
import { EVERYONE } from '../service/viewer.ts';
import { HTTP_LIMITS } from './http-limits.ts';
import { viewerOf } from './viewer.ts';

/**
 * Gives every route that is added to `app` after this a rate: of one caller, who is known by a credential,
 * or else by the address of the connection, at most `perMinuteMax` requests a minute. Answers say how
 * many are left (`RateLimit-*`); what is over is `too-many-requests`.
 */
export async function addRateLimit(app: FastifyInstance, perMinuteMax: number): Promise<void> {
  await app.register(rateLimit, {
    max: perMinuteMax,
    timeWindow: HTTP_LIMITS.rateWindowMs,
    cache: HTTP_LIMITS.rateCallersKept,
    enableDraftSpec: true,
    keyGenerator: (request) => {
      const viewer = viewerOf(request);
      return viewer === EVERYONE ? `address ${request.ip}` : `viewer ${viewer.name}`;
    },
    errorResponseBuilder: (_request, { ttl }) =>
      new PodreachError(
        'too-many-requests',
        `more than ${perMinuteMax} requests in a minute; ask for less at a time, or raise ` +
          '`--requests-per-minute-max`',
        { retryAfterSeconds: Math.max(1, Math.ceil(ttl / 1000)) },
      ),
  });
}
