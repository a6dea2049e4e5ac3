import type { Database } from 'better-sqlite3';

import type { Policy } from '../../model/policy.ts';
import type { PartContent } from '../snapshot-parts.ts';

/** Writes what SQL can find in a chunk; deleting the chunk deletes these rows. */
export type RowWriter = (chunkId: number, content: PartContent) => void;

/** The writer of index rows on `database`. */
export function rowWriter(database: Database): RowWriter {
  const namespace = database.prepare(
    'INSERT INTO namespaces (chunk_id, name, known, pod_count) VALUES (?, ?, ?, ?)',
  );
  const workload = database.prepare(
    'INSERT INTO workloads (chunk_id, position, api_version, kind, name) VALUES (?, ?, ?, ?, ?)',
  );
  const policy = database.prepare(
    'INSERT INTO policies (chunk_id, position, api_version, kind, name, tier, opaque_code) ' +
      'VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  const label = database.prepare(
    'INSERT INTO pod_labels (chunk_id, label_set, key, value) VALUES (?, ?, ?, ?)',
  );
  const problem = database.prepare(
    'INSERT INTO problems (chunk_id, position, severity, code, object, namespace) ' +
      'VALUES (?, ?, ?, ?, ?, ?)',
  );
  const writePolicies = (chunkId: number, policies: readonly Policy[]): void => {
    for (const [position, { ref, tier, opaque }] of policies.entries()) {
      const { apiVersion, kind, name } = ref;
      policy.run(chunkId, position, apiVersion, kind, name, tier, opaque?.code ?? null);
    }
  };
  return (chunkId, content) => {
    switch (content.kind) {
      case 'namespace': {
        const { name, known, pods, workloads, policies, labelSets } = content.chunk;
        namespace.run(chunkId, name, known, pods.name.length);
        for (const [position, item] of workloads.entries()) {
          workload.run(chunkId, position, item.apiVersion, item.kind, item.name);
        }
        writePolicies(chunkId, policies);
        for (const [position, labels] of labelSets.entries()) {
          for (const [key, value] of labels) label.run(chunkId, position, key, value);
        }
        return;
      }
      case 'cluster':
        writePolicies(chunkId, content.chunk.policies);
        return;
      case 'problems':
        for (const [
          position,
          { severity, code, object, namespace },
        ] of content.problems.entries()) {
          problem.run(chunkId, position, severity, code, object, namespace ?? null);
        }
        return;
    }
  };
}
