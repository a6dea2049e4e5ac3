import type { IngestLimits, IngestProgress, ManifestInput } from '../../model/input.ts';
import type { KeepList, ReadItem } from '../read-item.ts';
import { readArchive } from './archive/read-archive.ts';
import { InputTree } from './archive/input-tree.ts';
import { readTreeFile } from './archive/read-tree-file.ts';
import { startsTar, TAR_BLOCK_BYTES } from './archive/tar-header.ts';
import { decodeBytes, peekBytes } from './decode-bytes.ts';
import { readText } from './read-text.ts';
import { type ByteCounts, type ReadRun, tooLarge } from './report.ts';

/** Between two reports of progress. */
const PROGRESS_INTERVAL_MS = 200;

/**
 * Reads Kubernetes objects out of JSON, YAML or NDJSON, each possibly gzip, alone, in directories or
 * in tar archives, in the order of the input.
 *
 * The format is recognised by content, never by file name; names tell which files of a directory or
 * an archive are read at all. Of each object only what `keep` names becomes a value; nothing else is
 * ever decoded. Memory is bounded by one object, not by the input. Objects that cannot be taken as
 * they stand (duplicate keys, YAML tags) are `problem` items; a text that cannot be read at all fails
 * as a whole, so that nothing is half read.
 *
 * @throws PodreachError `bad-input`, `bad-encoding` or `upload-too-large`
 */
export async function* readObjects(
  inputs: AsyncIterable<ManifestInput>,
  options: {
    readonly keep: KeepList;
    readonly limits: IngestLimits;
    readonly onProgress?: (progress: IngestProgress) => void;
  },
): AsyncGenerator<ReadItem, void, undefined> {
  const run = startRun(options);
  let tree: { readonly name: string; readonly files: InputTree } | undefined;
  for await (const input of inputs) {
    if (tree !== undefined && tree.name !== input.tree?.name) {
      yield* tree.files.settle();
      tree = undefined;
    }
    if (input.tree === undefined) {
      yield* readAlone(run, input);
      continue;
    }
    const { name, path } = input.tree;
    tree ??= { name, files: new InputTree(name) };
    const label = input.file ?? path;
    const bytes = decodeBytes(input.bytes, run.limits, run.counts, label);
    yield* readTreeFile(run, tree.files, { path, label, bytes });
  }
  if (tree !== undefined) yield* tree.files.settle();
  run.report(true);
}

/** A file that stands alone, or a whole archive. */
async function* readAlone(
  run: ReadRun,
  { file, bytes }: ManifestInput,
): AsyncGenerator<ReadItem, void, undefined> {
  const decoded = decodeBytes(bytes, run.limits, run.counts, file);
  const { head, whole } = await peekBytes(decoded, TAR_BLOCK_BYTES);
  yield* startsTar(head) ? readArchive(run, file, whole) : readText(run, file, whole);
}

function startRun(options: Parameters<typeof readObjects>[1]): ReadRun {
  const { keep, limits, onProgress } = options;
  const counts: ByteCounts = { sent: 0, decoded: 0 };
  let objects = 0;
  let last = Date.now();
  return {
    keep,
    limits,
    counts,
    countObject() {
      objects += 1;
      if (objects <= limits.objectsMax) return;
      const hint = 'send fewer kinds or namespaces, or raise the limit for objects';
      throw tooLarge('objects', { limit: limits.objectsMax, received: objects, hint });
    },
    report(isLast) {
      const now = Date.now();
      if (onProgress === undefined || (!isLast && now - last < PROGRESS_INTERVAL_MS)) return;
      last = now;
      onProgress({ bytes: counts.sent, objects });
    },
  };
}
