import type { FastifyInstance, FastifyRequest } from 'fastify';
import { EVERYONE } from '../service/viewer.ts';
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

/** Who sent the request. Without authentication everybody is the same and sees everything. */
export function viewerOf(request: Pick<FastifyRequest, 'viewer'>): Viewer {
  return request.viewer ?? EVERYONE;
}
