import cors from '@fastify/cors';
import type { FastifyInstance } from 'fastify';
import { PodreachError } from '../model/errors.ts';

/** Headers that a page may send. */
const HEADERS = [
  'Authorization',
  'X-Podreach-Token',
  'Content-Type',
  'Content-Encoding',
  'If-None-Match',
  'Last-Event-ID',
  'Idempotency-Key',
  'X-Request-Id',
];

/** Seconds for which a browser need not ask again. */
const PREFLIGHT_SECONDS = 600;

/**
 * Lets pages of `origins` ask from a browser, and read the answers.
 *
 * Never with credentials: a page sends its token itself, and no cookie or client certificate of
 * whoever looks at it is worth anything. No header is exposed: everything in an answer is in its
 * body. Preflights have no token and are answered before anybody looks for one, so this has to be
 * registered before what does; and after the check of `Host`. Nothing may be deleted from a page.
 */
export async function allowOrigins(
  app: FastifyInstance,
  origins: ReadonlySet<string>,
): Promise<void> {
  if (origins.size === 0) return;
  await app.register(cors, {
    origin: (origin, done) => {
      done(null, origin !== undefined && origins.has(origin) ? origin : false);
    },
    methods: ['GET', 'HEAD', 'POST'],
    allowedHeaders: HEADERS,
    maxAge: PREFLIGHT_SECONDS,
    // What is no preflight is told by our own handler of unknown methods.
    strictPreflight: false,
  });
}

/**
 * The origins of a list, as browsers write them.
 *
 * @throws `bad-query` for `*`, which would let every page that somebody looks at read the map of a
 * cluster, and for what is no origin
 */
export function readOrigins(list: readonly string[]): ReadonlySet<string> {
  return new Set(
    list.map((text) => {
      const url = URL.canParse(text) ? new URL(text) : undefined;
      const isOrigin =
        url !== undefined && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`;
      if (isOrigin) return url.origin;
      const message = `\`${text}\` is no origin of pages; write https://portal.example`;
      throw new PodreachError('bad-query', message, { parameter: 'corsOrigins' });
    }),
  );
}
