import type { Database } from 'better-sqlite3';

import { PodreachError } from '../../model/errors.ts';
import { chunkHash } from '../../model/digest.ts';
import { openSnapshot } from '../snapshot-parts.ts';
import { chunkTable } from './chunks.ts';
import { snapshotTable } from './snapshots.ts';
import { expectedOf, naming } from './stored-rows.ts';

/** How far a verification is: chunks of all chunks. */
export type OnVerified = (done: number, all: number) => void;

/** That every page, key and reference is what SQLite expects. @throws `store-failed`, the reason alone */
export function verifyPages(database: Database): void {
  const found = database.pragma('integrity_check', { simple: true });
  if (found !== 'ok')
    throw new PodreachError('store-failed', String(found).split('\n', 1)[0] ?? '');
  const [stray] = database.pragma('foreign_key_check') as readonly unknown[];
  if (stray !== undefined) throw new PodreachError('store-failed', 'a reference leads nowhere');
}

/**
 * That every snapshot is made of the chunks of its digest, and every chunk has its hash.
 *
 * @throws `store-failed` naming the first snapshots that are damaged, and what to do
 */
export function verifySnapshots(
  database: Database,
  onVerified: OnVerified = () => undefined,
): void {
  const snapshots = snapshotTable(database);
  const chunks = chunkTable(database);
  const damaged = damagedChunks(database, onVerified);
  const bad: string[] = [];
  for (const cluster of snapshots.clusters('', ALL)) {
    for (const row of snapshots.page(cluster.id, 0, ALL)) {
      try {
        naming(row.id, () => {
          const parts = chunks.ofSnapshot(cluster.id, row.seq);
          for (const { hash } of parts) {
            if (damaged.has(`${cluster.id} ${hash}`)) chunks.read(cluster.id, hash);
          }
          openSnapshot(expectedOf(row), parts, { read: (hash) => chunks.read(cluster.id, hash) });
        });
      } catch (error) {
        if (!(error instanceof PodreachError) || error.code !== 'snapshot-corrupt') throw error;
        bad.push(`${row.id} of ${cluster.name}`);
      }
    }
  }
  if (bad.length === 0) return;
  const more = bad.length <= NAMED_MAX ? '' : ` and ${bad.length - NAMED_MAX} more`;
  throw new PodreachError(
    'store-failed',
    `it holds damaged snapshots: ${bad.slice(0, NAMED_MAX).join(', ')}${more}`,
    {
      hint: 'ingest those clusters again, which repairs what is the same, or delete the snapshots',
    },
  );
}

/** Deletes indexes that are not what was put: they are compiled anew. */
export function dropDamagedIndexes(database: Database): void {
  const rows = database.prepare<[], { seq: number; checksum: string; bytes: Uint8Array }>(
    'SELECT snapshot_seq AS seq, checksum, bytes FROM indexes',
  );
  const damaged = new Set<number>();
  for (const { seq, checksum, bytes } of rows.iterate()) {
    if (chunkHash(bytes) !== checksum) damaged.add(seq);
  }
  const drop = database.prepare('DELETE FROM indexes WHERE snapshot_seq = ?');
  for (const seq of damaged) drop.run(seq);
}

const ALL = Number.MAX_SAFE_INTEGER;
const NAMED_MAX = 5;

/** Chunks that do not have their hash, as `cluster hash`; each is read once, however many hold it. */
function damagedChunks(database: Database, onVerified: OnVerified): ReadonlySet<string> {
  const chunks = chunkTable(database);
  const all = database
    .prepare<[], [number, string]>('SELECT cluster_id, hash FROM chunks ORDER BY id')
    .raw()
    .all();
  const damaged = new Set<string>();
  for (const [i, [clusterId, hash]] of all.entries()) {
    try {
      chunks.read(clusterId, hash);
    } catch (error) {
      if (!(error instanceof PodreachError) || error.code !== 'snapshot-corrupt') throw error;
      damaged.add(`${clusterId} ${hash}`);
    }
    onVerified(i + 1, all.length);
  }
  return damaged;
}
