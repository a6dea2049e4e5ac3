import type { Database } from 'better-sqlite3';

import type { Policy } from '../../model/policy.ts';
import type { NamespaceChunk, Problem } from '../../model/snapshot.ts';
import type { PartContent } from '../snapshot-parts.ts';
import { bulkInsert } from './bulk-insert.ts';

/** Writes what SQL can find in chunks; deleting a chunk deletes its rows. */
export interface RowWriter {
  /** Notes the rows of a chunk that is stored. */
  add(chunkId: number, content: PartContent): void;
  /** Writes all that was noted. */
  finish(): void;
}

/** What begins to write index rows into `database`, within one transaction. */
export function rowWriters(database: Database): () => RowWriter {
  const namespaces = bulkInsert(database, 'namespaces', ['chunk_id', 'name', 'known', 'pod_count']);
  const workloads = bulkInsert(database, 'workloads', [
    ...['chunk_id', 'position', 'api_version', 'kind', 'name'],
  ]);
  const policies = bulkInsert(database, 'policies', [
    ...['chunk_id', 'position', 'api_version', 'kind', 'name', 'tier', 'opaque_code'],
  ]);
  const labels = bulkInsert(database, 'pod_labels', ['chunk_id', 'key', 'value']);
  const problems = bulkInsert(database, 'problems', [
    ...['chunk_id', 'position', 'severity', 'code', 'object', 'namespace'],
  ]);
  return () => {
    const into = {
      namespaces: namespaces(),
      workloads: workloads(),
      policies: policies(),
      labels: labels(),
      problems: problems(),
    };
    const addPolicies = (chunkId: number, list: readonly Policy[]): void => {
      for (const [position, { ref, tier, opaque }] of list.entries()) {
        const { apiVersion, kind, name } = ref;
        into.policies.add(chunkId, position, apiVersion, kind, name, tier, opaque?.code ?? null);
      }
    };
    const addNamespace = (chunkId: number, chunk: NamespaceChunk): void => {
      into.namespaces.add(chunkId, chunk.name, chunk.known, chunk.pods.flags.length);
      for (const [position, { apiVersion, kind, name }] of chunk.workloads.entries()) {
        into.workloads.add(chunkId, position, apiVersion, kind, name);
      }
      addPolicies(chunkId, chunk.policies);
      for (const [key, value] of distinctLabels(chunk)) into.labels.add(chunkId, key, value);
    };
    const addProblems = (chunkId: number, list: readonly Problem[]): void => {
      for (const [position, { severity, code, object, namespace }] of list.entries()) {
        into.problems.add(chunkId, position, severity, code, object, namespace ?? null);
      }
    };
    return {
      add: (chunkId, content) => {
        if (content.kind === 'namespace') addNamespace(chunkId, content.chunk);
        else if (content.kind === 'cluster') addPolicies(chunkId, content.chunk.policies);
        else addProblems(chunkId, content.problems);
      },
      finish: () => {
        for (const each of Object.values(into)) each.finish();
      },
    };
  };
}

/** Each label of pods once, whatever other labels stand beside it. */
function* distinctLabels({ labelSets }: NamespaceChunk): Iterable<readonly [string, string]> {
  const seen = new Map<string, Set<string>>();
  for (const labels of labelSets) {
    for (const [key, value] of labels) {
      const values = seen.get(key) ?? new Set();
      if (values.size === 0) seen.set(key, values);
      if (values.has(value)) continue;
      values.add(value);
      yield [key, value];
    }
  }
}
