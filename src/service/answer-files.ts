import { compileIndex } from '../engine/compile.ts';
import { engineId } from '../engine/options.ts';
import type { EngineOptions } from '../engine/options.ts';
import type { Query } from '../engine/query.ts';
import { buildSnapshot, coverageHint } from '../manifest/build-snapshot.ts';
import { keepList } from '../manifest/kinds.ts';
import { readObjects } from '../manifest/read/read-objects.ts';
import type { IngestLimits, IngestProgress, ManifestInput } from '../model/input.ts';
import type { ReadingChoice } from '../model/reading.ts';
import type { Snapshot, SnapshotSource } from '../model/snapshot.ts';
import type { Answer } from './podreach.ts';

/** How to read files that are answered from at once. */
export interface FileOptions extends ReadingChoice {
  readonly limits: IngestLimits;
  readonly engineOptions: EngineOptions;
  /** Default: detected (contract 3). */
  readonly source?: SnapshotSource;
  /** A dump without NetworkPolicies means that there are none. */
  readonly assumeNoPolicies?: boolean;
  /** Refuse the files when anything in them is a problem of severity `error`. */
  readonly strict?: boolean;
  /** Namespace of objects that name none. Default `default`. */
  readonly defaultNamespace?: string;
  readonly onProgress?: (progress: IngestProgress) => void;
}

/** Files as a snapshot that belongs to no cluster and is stored nowhere. */
export interface FileAnswers {
  readonly snapshot: Snapshot;
  /** What is missing and the one command that fixes it; absent when nothing is. */
  readonly hint?: string;
  /** Asks one question. @throws what the query throws */
  readonly ask: <Args, Result>(query: Query<Args, Result>, args: Args) => Answer<Result>;
}

/**
 * Reads `inputs` as one snapshot and answers from it, in this process and without a store.
 *
 * Its header has no id, no cluster and no time: nobody saw these objects anywhere.
 *
 * @throws `bad-input`, `upload-too-large`, `bad-encoding`
 */
export async function openFiles(
  inputs: AsyncIterable<ManifestInput>,
  options: FileOptions,
): Promise<FileAnswers> {
  const { limits, engineOptions, onProgress, ...build } = options;
  const items = readObjects(inputs, {
    keep: keepList,
    limits,
    ...(onProgress === undefined ? {} : { onProgress }),
  });
  const snapshot = await buildSnapshot(items, { ...build, limits });
  const index = compileIndex(snapshot, engineOptions);
  const header = {
    id: null,
    digest: snapshot.digest,
    cluster: null,
    takenAt: null,
    engine: engineId(engineOptions),
    coverage: snapshot.coverage,
  };
  const hint = coverageHint(snapshot);
  return {
    snapshot,
    ...(hint === undefined ? {} : { hint }),
    ask: (query, args) => ({ snapshot: header, result: query(index, args) }),
  };
}
