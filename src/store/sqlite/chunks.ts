import { deflateRawSync, inflateRawSync } from 'node:zlib';

import type { Database } from 'better-sqlite3';

import { chunkHash } from '../../model/digest.ts';
import { PodreachError } from '../../model/errors.ts';
import { encodePart } from '../snapshot-parts.ts';
import type { SnapshotPart, StoredPart } from '../snapshot-parts.ts';
import { rowWriter } from './chunk-rows.ts';

/** The chunks of all clusters; none is ever shared between two. */
export interface ChunkTable {
  /**
   * Makes sure that `part` is stored, and undamaged: one that is there already is read and hashed,
   * and written anew when it is not what it was.
   *
   * @returns the row of the chunk
   */
  ensure(clusterId: number, part: SnapshotPart): number;
  /** The chunks of a snapshot, each verified when it is reached. @throws `snapshot-corrupt` */
  ofSnapshot(seq: number): Iterable<StoredPart>;
  /** The bytes of one chunk, verified. @throws `snapshot-corrupt` */
  read(clusterId: number, hash: string): Uint8Array;
  /** Deletes the chunks of a cluster that no snapshot holds. */
  deleteUnused(clusterId: number): void;
}

interface ChunkRow {
  readonly id: number;
  readonly hash: string;
  readonly kind: string;
  readonly size: number;
  readonly bytes: Uint8Array;
}

/** Text of this kind gets a fifth smaller with the highest level, and takes five times as long. */
const DEFLATE_LEVEL = 3;

/** The chunks in `database`. */
export function chunkTable(database: Database): ChunkTable {
  const writeRows = rowWriter(database);
  const find = database.prepare<[number, string], ChunkRow>(
    'SELECT id, hash, kind, size, bytes FROM chunks WHERE cluster_id = ? AND hash = ?',
  );
  const ofSnapshot = database.prepare<[number], ChunkRow>(
    'SELECT id, hash, kind, size, bytes FROM snapshot_chunks ' +
      'JOIN chunks ON chunks.id = snapshot_chunks.chunk_id WHERE snapshot_seq = ?',
  );
  const insert = database.prepare(
    'INSERT INTO chunks (cluster_id, hash, kind, size, bytes) VALUES (?, ?, ?, ?, ?)',
  );
  const repair = database.prepare('UPDATE chunks SET kind = ?, size = ?, bytes = ? WHERE id = ?');
  const deleteUnused = database.prepare(
    'DELETE FROM chunks WHERE cluster_id = ? AND NOT EXISTS ' +
      '(SELECT 1 FROM snapshot_chunks WHERE chunk_id = chunks.id)',
  );
  return {
    ensure: (clusterId, part) => {
      const row = find.get(clusterId, part.hash);
      if (row !== undefined && row.kind === part.kind && isWhole(row)) return row.id;
      const bytes = encodePart(part);
      const stored = deflateRawSync(bytes, { level: DEFLATE_LEVEL });
      if (row !== undefined) {
        repair.run(part.kind, bytes.length, stored, row.id);
        return row.id;
      }
      const result = insert.run(clusterId, part.hash, part.kind, bytes.length, stored);
      const id = Number(result.lastInsertRowid);
      writeRows(id, part);
      return id;
    },
    *ofSnapshot(seq) {
      for (const row of ofSnapshot.iterate(seq)) {
        yield { kind: row.kind, hash: row.hash, bytes: unpack(row) };
      }
    },
    read: (clusterId, hash) => {
      const row = find.get(clusterId, hash);
      if (row === undefined) throw damaged(hash, 'is missing');
      return unpack(row);
    },
    deleteUnused: (clusterId) => {
      deleteUnused.run(clusterId);
    },
  };
}

function isWhole(row: ChunkRow): boolean {
  try {
    unpack(row);
    return true;
  } catch (error) {
    if (error instanceof PodreachError) return false;
    throw error;
  }
}

/** The bytes of a chunk, if they still have its hash. */
function unpack({ hash, kind, size, bytes }: ChunkRow): Uint8Array {
  let plain: Uint8Array;
  try {
    // The limit keeps a damaged stream from growing without bound.
    plain = inflateRawSync(bytes, { maxOutputLength: Math.max(1, size) });
  } catch {
    throw damaged(hash, `(${kind}) cannot be decompressed`);
  }
  if (chunkHash(plain) !== hash) throw damaged(hash, `(${kind}) does not match its hash`);
  return plain;
}

function damaged(hash: string, what: string): PodreachError {
  return new PodreachError('snapshot-corrupt', `chunk \`${hash}\` ${what}`);
}
