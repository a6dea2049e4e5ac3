import { readFile } from 'node:fs/promises';
import type { FastifyInstance } from 'fastify';
import { PodreachError } from '../../model/errors.ts';
import { isFresh, tagOf } from '../caching.ts';
import { VIEWER_PAGE, VIEWER_START } from './viewer-page.ts';

/** The files of Swagger UI. Its plugin would serve them with absolute links and inline styles. */
const FILES = new URL('static/', import.meta.resolve('@fastify/swagger-ui'));

const ASSETS: ReadonlyMap<string, string> = new Map([
  ['swagger-ui-bundle.js', 'text/javascript; charset=utf-8'],
  ['swagger-ui.css', 'text/css; charset=utf-8'],
  ['favicon-32x32.png', 'image/png'],
]);

interface Asset {
  readonly bytes: Buffer;
  readonly tag: string;
}

/**
 * `/docs/`: the OpenAPI document to look at and to try out. Everything it loads is of this server.
 *
 * @param policy the content security policy of the page
 */
export function addApiViewer(app: FastifyInstance, policy: string): void {
  // Files that are read once are kept: there are three.
  const assets = new Map<string, Promise<Asset>>();
  const options = { schema: { hide: true } };
  app.get('/docs', options, (_request, reply) => reply.redirect('docs/'));
  app.get('/docs/', options, (request, reply) => {
    void reply.header('content-security-policy', policy);
    if (isFresh(request, reply, tagOf([VIEWER_PAGE]), false)) return reply.send();
    return reply.type('text/html; charset=utf-8').send(VIEWER_PAGE);
  });
  app.get('/docs/assets/start.js', options, (request, reply) => {
    if (isFresh(request, reply, tagOf([VIEWER_START]), false)) return reply.send();
    return reply.type('text/javascript; charset=utf-8').send(VIEWER_START);
  });
  app.get<{ Params: { readonly name: string } }>(
    '/docs/assets/:name',
    options,
    async (request, reply) => {
      const { name } = request.params;
      const mediaType = ASSETS.get(name);
      if (mediaType === undefined) {
        throw new PodreachError('not-found', 'the viewer has no such file');
      }
      const asset = assets.get(name) ?? readAsset(name);
      assets.set(name, asset);
      const { bytes, tag } = await asset;
      if (isFresh(request, reply, tag, false)) return reply.send();
      return reply.type(mediaType).send(bytes);
    },
  );
}

async function readAsset(name: string): Promise<Asset> {
  const bytes = await readFile(new URL(name, FILES));
  return { bytes, tag: tagOf([bytes.toString('latin1')]) };
}
