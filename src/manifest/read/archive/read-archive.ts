import type { ReadItem } from '../../read-item.ts';
import { decodeEntry } from '../decode-bytes.ts';
import { badInput, type ReadRun } from '../report.ts';
import { isArchiveName, isManifestName } from './dump-places.ts';
import { InputTree } from './input-tree.ts';
import { readTreeFile } from './read-tree-file.ts';
import { labelIn, readTar, type TarEntry } from './read-tar.ts';

/** Helm packs the charts that a chart needs; they are templates, not manifests. */
const PACKED_CHART = /(^|\/)charts\/[^/]+\.tgz$/;

/**
 * The objects of a tar archive: of every file in it that is named as manifests are.
 *
 * Links are not followed and nothing but files is read; names are only labels.
 *
 * @param file - name of the archive for messages
 * @throws PodreachError `bad-encoding` for a damaged archive, `bad-input`, `upload-too-large`
 */
export async function* readArchive(
  run: ReadRun,
  file: string | undefined,
  bytes: AsyncIterable<Buffer>,
): AsyncGenerator<ReadItem, void, undefined> {
  const tree = new InputTree(file);
  for await (const entry of readTar(bytes, run.limits, file)) {
    yield* readEntry(run, tree, file, entry);
    run.report(false);
  }
  yield* tree.settle();
  if (tree.filesRead !== 0) return;
  throw badInput({ file }, undefined, 'the archive holds no .yaml, .yml, .json or .ndjson file');
}

async function* readEntry(
  run: ReadRun,
  tree: InputTree,
  file: string | undefined,
  { path, type, bytes }: TarEntry,
): AsyncGenerator<ReadItem, void, undefined> {
  if (type === 'file' && isArchiveName(path) && !PACKED_CHART.test(path)) {
    tree.skipArchive(path);
  } else if (!isManifestName(path)) {
    tree.skip(path);
  } else if (type === 'file') {
    const label = labelIn(file, path);
    const content = decodeEntry(bytes, run.limits, run.counts, label);
    yield* readTreeFile(run, tree, { path, label, bytes: content });
  } else if (type === 'symlink') {
    tree.lack(path, {
      severity: 'error',
      code: 'LINK_NOT_FOLLOWED',
      object: 'input',
      path: '',
      message: `\`${path}\` is a link, which is not followed; pack it with \`tar --dereference\``,
      affectsVerdicts: true,
      file: labelIn(file, path),
    });
  } else {
    tree.skip(path);
  }
}
