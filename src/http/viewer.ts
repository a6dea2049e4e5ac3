import type { FastifyInstance, FastifyRequest } from 'fastify';
import { PodreachError } from '../model/errors.ts';
import type { Viewer } from '../service/viewer.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Null until it is known who sent the request. */
    viewer: Viewer | null;
  }
}

/** Gives every request a place for who sent it. */
export function addViewers(app: FastifyInstance): void {
  app.decorateRequest('viewer', null);
}

/**
 * Who sent the request.
 *
 * @throws `unauthorized` where nobody was asked: nobody is taken for anybody by oversight
 */
export function viewerOf(request: Pick<FastifyRequest, 'viewer'>): Viewer {
  if (request.viewer !== null) return request.viewer;
  throw unauthorized();
}

/** The same whatever was wrong with a credential: none, unknown, expired, revoked. */
export function unauthorized(): PodreachError {
  return new PodreachError(
    'unauthorized',
    'a credential is needed that is known and has not ended; send `Authorization: Bearer TOKEN` or ' +
      '`X-Podreach-Token: TOKEN`',
  );
}
