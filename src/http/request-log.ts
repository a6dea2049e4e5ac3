import type { FastifyInstance } from 'fastify';

/**
 * Logs every request that was answered, at `info`, under its id: which route, how it ended, how long it
 * took. Not what was asked: query strings name the parts of a cluster.
 */
export function addRequestLog(app: FastifyInstance): void {
  app.addHook('onResponse', (request, reply, done) => {
    // What is written at once is in the head only, which node does not tell afterwards.
    const length = reply.getHeader('content-length');
    request.log.info(
      {
        method: request.method,
        route: request.routeOptions.url ?? null,
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime * 1000) / 1000,
        // Of what is streamed nobody counts the bytes.
        ...(length === undefined ? {} : { bytes: Number(length) }),
      },
      'request answered',
    );
    done();
  });
  app.addHook('onRequestAbort', (request, done) => {
    const { method, routeOptions } = request;
    request.log.info({ method, route: routeOptions.url ?? null }, 'the sender went away');
    done();
  });
}
