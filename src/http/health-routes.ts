import type { FastifyInstance, FastifyReply, FastifySchema } from 'fastify';
import { Type } from 'typebox';
import type { Static } from 'typebox';
import type { HealthCheck } from '../service/health.ts';
import type { Podreach } from '../service/podreach.ts';
import { responses } from './rest/response-schemas.ts';

const VERBOSE = Type.Object(
  {
    verbose: Type.Unsafe<boolean>({
      type: 'boolean',
      default: false,
      allowEmptyValue: true,
      description: 'tell each check',
    }),
  },
  { additionalProperties: false },
);

const TEXT = {
  description: '`ok`, or what is wrong',
  content: { 'text/plain': { schema: Type.String() } },
};
const health = (summary: string): FastifySchema => ({
  summary,
  tags: ['service'],
  querystring: VERBOSE,
  response: responses({ 200: TEXT, 503: TEXT }),
});

/** What health follows from. */
export interface HealthParts {
  readonly podreach: Podreach;
  /** Whether the server has been told to stop. */
  readonly isDraining: () => boolean;
  /** Whether questions are being refused. */
  readonly isOverloaded: () => boolean;
}

/**
 * `/livez` says that this process runs, and looks at nothing else: whoever restarts what does not live
 * must not do so because a disk is slow. `/readyz` says whether questions can be answered here, now.
 */
export function addHealthRoutes(
  app: FastifyInstance,
  { podreach, isDraining, isOverloaded }: HealthParts,
): void {
  app.get<{ Querystring: Static<typeof VERBOSE> }>(
    '/livez',
    { schema: health('whether the process runs') },
    (request, reply) => sendHealth(reply, [], request.query.verbose),
  );
  for (const [url, summary] of [
    ['/readyz', 'whether questions can be answered'],
    ['/healthz', 'the same as `/readyz`'],
  ] as const) {
    app.get<{ Querystring: Static<typeof VERBOSE> }>(
      url,
      { schema: health(summary) },
      async (request, reply) => {
        const checks: readonly HealthCheck[] = [
          ...(await podreach.health()),
          { name: 'load', essential: true, passed: !isOverloaded() },
          { name: 'running', essential: true, passed: !isDraining() },
        ];
        return sendHealth(reply, checks, request.query.verbose);
      },
    );
  }
}

/** Machines look at the status alone, people at `?verbose`. */
function sendHealth(
  reply: FastifyReply,
  checks: readonly HealthCheck[],
  verbose: boolean,
): FastifyReply {
  const isReady = checks.every(({ passed, essential }) => passed || !essential);
  const end = isReady
    ? checks.every(({ passed }) => passed)
      ? 'ok'
      : 'ok, but not well'
    : 'not ready';
  return reply
    .code(isReady ? 200 : 503)
    .header('cache-control', 'no-store')
    .type('text/plain; charset=utf-8')
    .send(`${verbose ? checks.map(lineOf).join('') : ''}${end}\n`);
}

function lineOf({ name, passed, detail }: HealthCheck): string {
  const state = passed ? `[+] ${name} ok` : `[-] ${name} failed`;
  return `${state}${detail === undefined ? '' : `: ${detail}`}\n`;
}
