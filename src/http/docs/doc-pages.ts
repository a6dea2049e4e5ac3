import { readFile } from 'node:fs/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { Static } from 'typebox';
import { PodreachError } from '../../model/errors.ts';
import { isFresh, tagOf } from '../caching.ts';
import { NOT_MODIFIED, responses } from '../rest/response-schemas.ts';

/** The pages next to the package's own files: the same place for `src` and for `dist`. */
const DOCS = new URL('../../../docs/', import.meta.url);

const PAGE = responses({
  200: {
    description: 'the page, in Markdown',
    content: { 'text/plain': { schema: Type.String() } },
  },
  304: NOT_MODIFIED,
});
const NOTHING = Type.Object({}, { additionalProperties: false });
const CODE = Type.Object({
  code: Type.String({ description: 'a code, as in `reasons`; `.md` after it is ignored' }),
});

const FILE = Type.Object({
  file: Type.String({ description: 'a file of the documentation, such as `api.md`' }),
});

/**
 * The page of each code, where `docs` of a reason points, the list of all, and the documentation they
 * refer to: Markdown as plain text, which a browser shows without running or loading anything. Each lies
 * where the relative links of the others lead.
 */
export function addDocPages(app: FastifyInstance): void {
  app.get<{ Params: Static<typeof FILE> }>(
    '/docs/:file',
    {
      schema: {
        summary: 'the documentation',
        tags: ['service'],
        params: FILE,
        querystring: NOTHING,
        response: PAGE,
      },
    },
    (request, reply) => {
      const { file } = request.params;
      if (/^[a-z][a-z-]*\.md$/.test(file)) return sendPage(request, reply, file);
      throw noPage(file);
    },
  );
  app.get(
    '/docs/reasons',
    { schema: { summary: 'all codes', tags: ['service'], querystring: NOTHING, response: PAGE } },
    (request, reply) => sendPage(request, reply, 'reasons.md'),
  );
  // From there, links of the list would lead elsewhere.
  app.get('/docs/reasons/', { schema: { hide: true } }, (_request, reply) =>
    reply.redirect('../reasons'),
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
