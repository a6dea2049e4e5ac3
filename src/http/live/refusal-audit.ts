import { ERROR_CODES } from '../../model/errors.ts';
import type { AuditLog } from '../../service/audit.ts';
import { internalError, publicError } from '../errors.ts';

/** Writes that somebody who asked for a WebSocket was not let in, and why. */
export function tellRefusal(audit: AuditLog | undefined, requestId: string, error: unknown): void {
  const { code } = publicError(error) ?? internalError();
  audit?.write({
    time: new Date().toISOString(),
    requestId,
    viewer: null,
    action: 'watch',
    question: 'graphql',
    args: {},
    clusters: [],
    snapshots: [],
    outcome: code,
    status: ERROR_CODES[code].status,
    ms: 0,
  });
}
