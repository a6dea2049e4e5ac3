import { readFile } from 'node:fs/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { Static } from 'typebox';
import { PodreachError } from '../model/errors.ts';
import { isFresh, tagOf } from './caching.ts';

/** The pages next to the package's own files: the same place for `src` and for `dist`. */
const DOCS = new URL('../../docs/', import.meta.url);

const PAGE = {
  200: {
    description: 'the page, in Markdown',
    content: { 'text/plain': { schema: Type.String() } },
  },
};
const NOTHING = Type.Object({}, { additionalProperties: false });
const CODE = Type.Object({
  code: Type.String({ description: 'a code, as in `reasons`; `.md` after it is ignored' }),
});

/**
 * The page of each code, where `docs` of a reason points, and the list of all: Markdown as plain
 * text, which a browser shows without running or loading anything.
 */
export function addReasonPages(app: FastifyInstance): void {
  app.get(
    '/docs/reasons',
    { schema: { summary: 'all codes', tags: ['service'], querystring: NOTHING, response: PAGE } },
    (request, reply) => sendPage(request, reply, 'reasons.md'),
  );
  app.get<{ Params: Static<typeof CODE> }>(
    '/docs/reasons/:code',
    {
      schema: {
        summary: 'what a code means and what to do',
        tags: ['service'],
        params: CODE,
        querystring: NOTHING,
        response: PAGE,
      },
    },
    (request, reply) => {
      const code = request.params.code.replace(/\.md$/, '');
      // Nothing else may become part of a file name.
      if (/^[A-Z][A-Z_]*$/.test(code)) return sendPage(request, reply, `reasons/${code}.md`);
      throw noPage(code);
    },
  );
}

async function sendPage(
  request: FastifyRequest,
  reply: FastifyReply,
  file: string,
): Promise<FastifyReply> {
  const text = await readFile(new URL(file, DOCS), 'utf8').catch(() => undefined);
  if (text === undefined) throw noPage(file);
  if (isFresh(request, reply, tagOf([text]), false)) return reply.send();
  return reply.type('text/plain; charset=utf-8').send(text);
}

function noPage(what: string): PodreachError {
  return new PodreachError(
    'not-found',
    `there is no page about \`${what.slice(0, 100)}\`; \`docs/reasons\` lists all codes`,
  );
}
