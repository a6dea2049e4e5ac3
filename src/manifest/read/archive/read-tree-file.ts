import { PodreachError } from '../../../model/errors.ts';
import type { ReadItem } from '../../read-item.ts';
import { peekBytes } from '../decode-bytes.ts';
import { readPrinted } from '../read-text.ts';
import { badInput, type ReadRun } from '../report.ts';
import { type DumpPlace, placeInDump } from './dump-places.ts';
import type { InputTree } from './input-tree.ts';
import { followPrintedDump } from './printed-dump.ts';
import { startsTar, TAR_BLOCK_BYTES } from './tar-header.ts';

/** One file of a directory or an archive. */
export interface FileOfTree {
  /** In the tree, with `/` between its parts. */
  readonly path: string;
  /** Its name for messages. */
  readonly label: string;
  /** Decompressed. */
  readonly bytes: AsyncIterable<Buffer>;
}

/** Read of the file that says why a list is missing, in bytes. */
const ERRORS_BYTES_MAX = 64 * 1024;
/** What of a text a file has before its first character that counts. */
const BLANKS = /^\uFEFF?\s*/;

/**
 * The objects of one file of a tree. Errors that are only about the file wait in the tree: in the dump
 * of a tool it may be of no use.
 *
 * @throws PodreachError `upload-too-large` past a limit of the whole upload
 */
export async function* readTreeFile(
  run: ReadRun,
  tree: InputTree,
  { path, label, bytes }: FileOfTree,
): AsyncGenerator<ReadItem, void, undefined> {
  const place = placeInDump(path);
  if (place?.role === 'private' || place?.role === 'copy') {
    tree.skip(path, place);
    return;
  }
  if (place?.role === 'errors') {
    if (await isForbidden(bytes)) tree.forbid(place);
    return;
  }
  const file = tree.file(path, label, place);
  const printed = followPrintedDump();
  try {
    const { head, whole } = await peekBytes(bytes, TAR_BLOCK_BYTES);
    const text = startsTar(head) ? refuseArchive(label, whole) : asList(place, head, whole);
    for await (const item of readPrinted(run, { file: label, bytes: text }, printed)) {
      const noted = file.note(item);
      if (noted !== undefined) yield noted;
    }
  } catch (error) {
    if (!isOfFile(error)) throw error;
    file.fail(error);
  }
  file.end(printed.isDump() ? printed.evidence() : undefined);
}

/**
 * Older support bundles have only the items of a list, without their kinds; the path knows them. It
 * becomes the list that it was, all on the same lines.
 */
function asList(
  place: DumpPlace | undefined,
  head: Buffer,
  whole: AsyncIterable<Buffer>,
): AsyncIterable<Buffer> {
  if (place?.shape !== 'support-bundle' || place.kind === undefined) return whole;
  const blanks = BLANKS.exec(head.toString('utf8'))?.[0] ?? '';
  const at = Buffer.byteLength(blanks);
  const isItems = head[at] === 0x5b || /^null\s*$/.test(head.toString('latin1', at));
  if (!isItems) return whole;
  const { apiVersion, kind } = place.kind;
  const start = JSON.stringify({ apiVersion, kind: `${kind}List` }).replace(/\}$/, ',"items":');
  return wrapped(start, at, whole);
}

async function* wrapped(
  start: string,
  skip: number,
  whole: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer> {
  let left = skip;
  yield Buffer.from(start);
  for await (const chunk of whole) {
    const isMark = 0 < left && chunk[0] === 0xef;
    // Blanks keep their lines; a byte order mark may only stand in front.
    yield isMark ? chunk.subarray(3) : chunk;
    left = 0;
  }
  yield Buffer.from('}');
}

async function isForbidden(bytes: AsyncIterable<Buffer>): Promise<boolean> {
  let text = '';
  for await (const chunk of bytes) {
    text += chunk.toString('latin1', 0, ERRORS_BYTES_MAX);
    if (ERRORS_BYTES_MAX <= text.length) break;
  }
  return /\bforbidden\b/i.test(text);
}

/** By a loop, which lets go of the file. */
async function* refuseArchive(label: string, whole: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const chunk of whole) {
    if (0 <= chunk.length) throw archiveWithin(label);
    yield chunk;
  }
}

/** Whether an error is about one file, and not about the upload as a whole. */
function isOfFile(error: unknown): error is PodreachError {
  if (!(error instanceof PodreachError)) return false;
  if (error.code !== 'upload-too-large') return error.code === 'bad-input';
  return ['object', 'document'].includes(error.details.which ?? '');
}

function archiveWithin(label: string): PodreachError {
  return badInput(
    { file: label },
    undefined,
    'it is an archive inside of another archive or a directory, which is not opened',
    'unpack it, or send it by itself',
  );
}
