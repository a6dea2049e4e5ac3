import { deflateRawSync, inflateRawSync } from 'node:zlib';

import type { Database } from 'better-sqlite3';

import { decodeProvenance } from '../../model/chunk-codec.ts';
import { chunkHash } from '../../model/digest.ts';
import { PodreachError } from '../../model/errors.ts';
import { rowWriters } from './chunk-rows.ts';
import type { RowWriter } from './chunk-rows.ts';
import type { SnapshotPart, StoredPart } from '../snapshot-parts.ts';

/** The chunks of all clusters; none is ever shared between two. */
export interface ChunkTable {
  /**
   * Makes sure that `parts` are stored, and undamaged: one that is there already is read and hashed,
   * and written anew when it is not what it was.
   *
   * @returns the row of each chunk
   */
  ensure(clusterId: number, parts: readonly SnapshotPart[]): number[];
  /** The chunks of a snapshot, not read. */
  ofSnapshot(clusterId: number, seq: number): readonly StoredPart[];
  /** The bytes of one chunk, verified. @throws `snapshot-corrupt` */
  read(clusterId: number, hash: string): Uint8Array;
  /** The chunks that no other snapshot holds. */
  ownOf(seq: number): readonly number[];
  /** Deletes chunks that no snapshot holds any more. */
  delete(ids: readonly number[]): void;
}

interface ChunkRow {
  readonly id: number;
  readonly hash: string;
  readonly kind: string;
  readonly size: number;
  readonly bytes: Uint8Array;
}

/** A quarter of the bytes is left. Higher levels make a few hundredths less of them, and take twice as long. */
const DEFLATE = { level: 1 };

/** The chunks in `database`. */
export function chunkTable(database: Database): ChunkTable {
  const find = database.prepare<[number, string], ChunkRow>(
    'SELECT id, hash, kind, size, bytes FROM chunks WHERE cluster_id = ? AND hash = ?',
  );
  const ofSnapshot = database.prepare<[number], [string, string, string | null]>(
    'SELECT kind, hash, namespace FROM snapshot_chunks ' +
      'JOIN chunks ON chunks.id = snapshot_chunks.chunk_id ' +
      'LEFT JOIN chunk_namespaces ON chunk_namespaces.chunk_id = chunks.id WHERE snapshot_seq = ?',
  );
  ofSnapshot.raw();
  const insert = database.prepare(
    'INSERT INTO chunks (cluster_id, hash, kind, size, bytes) VALUES (?, ?, ?, ?, ?)',
  );
  const insertNamespace = database.prepare(
    'INSERT INTO chunk_namespaces (chunk_id, namespace) VALUES (?, ?)',
  );
  const beginRows = rowWriters(database);
  const repair = database.prepare('UPDATE chunks SET kind = ?, size = ?, bytes = ? WHERE id = ?');
  const ownOf = database
    .prepare<[number], number>(
      'SELECT chunk_id FROM snapshot_chunks AS own WHERE snapshot_seq = ? AND NOT EXISTS ' +
        '(SELECT 1 FROM snapshot_chunks AS other ' +
        'WHERE other.chunk_id = own.chunk_id AND other.snapshot_seq <> own.snapshot_seq)',
    )
    .pluck();
  const deleteChunk = database.prepare('DELETE FROM chunks WHERE id = ?');
  const read = (clusterId: number, hash: string): Uint8Array => {
    const row = find.get(clusterId, hash);
    if (row === undefined) throw damaged(hash, 'is missing');
    return unpack(row);
  };
  const ensureOne = (clusterId: number, part: SnapshotPart, rows: RowWriter): number => {
    const row = find.get(clusterId, part.hash);
    if (row !== undefined && row.kind === part.kind && isWhole(row)) return row.id;
    const { bytes } = part;
    const stored = deflateRawSync(bytes, DEFLATE);
    if (row !== undefined) {
      repair.run(part.kind, bytes.length, stored, row.id);
      return row.id;
    }
    const result = insert.run(clusterId, part.hash, part.kind, bytes.length, stored);
    const id = Number(result.lastInsertRowid);
    if (part.namespace !== undefined) insertNamespace.run(id, part.namespace);
    if (part.content !== undefined) rows.add(id, part.content);
    return id;
  };
  return {
    ensure: (clusterId, parts) => {
      const rows = beginRows();
      const ids = parts.map((part) => ensureOne(clusterId, part, rows));
      rows.finish();
      return ids;
    },
    ofSnapshot: (clusterId, seq) =>
      ofSnapshot.all(seq).map(([kind, hash, known]) => ({
        kind,
        hash,
        namespace: known ?? (kind === 'provenance' ? namespaceOf(read(clusterId, hash)) : ''),
      })),
    read,
    ownOf: (seq) => ownOf.all(seq),
    delete: (ids) => {
      for (const id of ids) deleteChunk.run(id);
    },
  };
}

/** For provenance that was stored when its namespace had no column. */
function namespaceOf(provenance: Uint8Array): string {
  return decodeProvenance(provenance).namespace;
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
