import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { AuditAction, AuditEntry, AuditLog } from '../service/audit.ts';
import { emptyNotes } from './audit-notes.ts';
import { isOpenRoute } from './authenticate.ts';
import { HTTP_LIMITS } from './http-limits.ts';
import { logText } from './safe-log.ts';

/** Writes one entry for each request that needs a credential, when it was answered or its stream began. */
export function addAudit(
  app: FastifyInstance,
  audit: AuditLog | undefined,
  basePath: string,
): void {
  app.decorateRequest('auditNotes', null);
  if (audit === undefined) return;
  app.addHook('onRequest', (request, reply, done) => {
    let isTold = isOpenRoute(request.routeOptions.url, basePath);
    request.auditNotes = emptyNotes(() => {
      if (!isTold) audit.write(entryOf(request, reply, basePath));
      isTold = true;
    });
    done();
  });
  app.addHook('onResponse', (request, _reply, done) => {
    request.auditNotes?.tell();
    done();
  });
}

function entryOf(request: FastifyRequest, reply: FastifyReply, basePath: string): AuditEntry {
  const { viewer, method, id } = request;
  const notes = request.auditNotes ?? emptyNotes();
  const { url } = request.routeOptions;
  const route = url === undefined ? null : url.slice(basePath.length).replace(/^\/api\/v1/, '');
  const { cluster, ...parameters } = textsOf(request.params);
  const args = textsOf(notes.args ?? (route === GRAPHQL ? {} : request.query));
  const status = reply.statusCode;
  return {
    time: new Date().toISOString(),
    requestId: id,
    viewer: viewer?.name ?? null,
    action: notes.action ?? actionOf(method, route),
    question: notes.question ?? route,
    args: { ...parameters, ...args },
    // One that was only named is of interest as well.
    clusters: [...new Set([...(cluster === undefined ? [] : [cluster]), ...notes.clusters])],
    snapshots: [...notes.snapshots],
    outcome: notes.outcome ?? (status < 400 ? 'ok' : 'failed'),
    status,
    ms: Math.round(reply.elapsedTime * 10) / 10,
  };
}

/** What it asks is told by its notes, whether it came in the query string or in the body. */
const GRAPHQL = '/graphql';

function actionOf(method: string, route: string | null): AuditAction {
  if (method === 'DELETE') return 'delete';
  return method === 'POST' && route?.endsWith('/snapshots') === true ? 'ingest' : 'ask';
}

/** Arguments as texts, so many of such a length. */
export function textsOf(values: unknown): Record<string, string> {
  if (typeof values !== 'object' || values === null) return {};
  return Object.fromEntries(
    Object.entries(values)
      .filter(([, value]) => value !== undefined)
      .slice(0, HTTP_LIMITS.auditArgsMax)
      .map(([name, value]) => [
        cut(name),
        cut(typeof value === 'string' ? value : JSON.stringify(value)),
      ]),
  );
}

function cut(text: string): string {
  return logText(text, HTTP_LIMITS.auditTextLengthMax);
}
