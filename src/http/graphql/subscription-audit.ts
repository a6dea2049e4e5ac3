import { OperationTypeNode } from 'graphql';
import { ERROR_CODES } from '../../model/errors.ts';
import type { AuditLog } from '../../service/audit.ts';
import { textsOf } from '../audit.ts';
import { emptyNotes } from '../audit-notes.ts';
import type { AuditNotes } from '../audit-notes.ts';
import { publicError } from '../errors.ts';
import type { SocketExtra } from '../live/socket-connection.ts';
import type { GraphqlRequest } from './graphql-request.ts';
import { operationTypeOf } from './operation-type.ts';

/** HTTP status of a connection that is a WebSocket from then on. */
const SWITCHING_PROTOCOLS = 101;

/**
 * Notes about a subscription; what `tell` writes is one entry that says that it began, or was refused for
 * `outcome`.
 *
 * @param asked undefined when it cannot be read
 */
export function subscriptionNotes(
  audit: AuditLog,
  { connection, upgrade }: SocketExtra,
  asked: GraphqlRequest | undefined,
): AuditNotes {
  const startedAt = performance.now();
  const notes = emptyNotes(() => {
    const { outcome } = notes;
    const { query = '', variables, operationName } = asked ?? {};
    // What may be a mutation brings a body, and is refused.
    const isShown = operationTypeOf(query, operationName) === OperationTypeNode.SUBSCRIPTION;
    const known = Object.entries(ERROR_CODES).find(([code]) => code === outcome);
    audit.write({
      time: new Date().toISOString(),
      requestId: upgrade.requestId,
      viewer: connection.viewer.name,
      action: 'watch',
      question: 'graphql',
      args: textsOf(isShown ? { operationName, query, variables } : { operationName }),
      clusters: [...notes.clusters],
      snapshots: [],
      outcome: outcome ?? 'ok',
      status: outcome === undefined ? SWITCHING_PROTOCOLS : (known?.[1].status ?? 400),
      ms: Math.round((performance.now() - startedAt) * 10) / 10,
    });
  });
  return notes;
}

/** The code of what is wrong with a subscription. */
export function codeOf(error: { readonly originalError?: unknown }): string {
  const { originalError } = error;
  if (originalError === undefined || originalError === null) return 'bad-query';
  return publicError(originalError)?.code ?? 'internal';
}
