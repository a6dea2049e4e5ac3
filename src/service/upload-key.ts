import { createHash } from 'node:crypto';
import type { IngestTask } from './jobs/ingest-runner.ts';
import type { IngestOptions } from './podreach.ts';
import type { Viewer } from './viewer.ts';

/**
 * What the store knows an upload by. It tells neither the viewer nor what they called it, and the same
 * name of two viewers is two keys: nobody learns which ones others use.
 */
export function uploadKeyOf(
  { name }: Viewer,
  { idempotencyKey }: IngestOptions,
): Pick<IngestTask, 'key'> {
  if (idempotencyKey === undefined) return {};
  const both = JSON.stringify([name, idempotencyKey]);
  return { key: createHash('sha256').update(both).digest('hex') };
}
