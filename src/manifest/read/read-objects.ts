import type { IngestLimits, IngestProgress, ManifestInput } from '../../model/input.ts';
import type { KeepList, ReadItem } from '../read-item.ts';
import { type ByteCounts, decodeBytes } from './decode-bytes.ts';
import { readJson } from './json/read-json.ts';
import { type FormatReader, type ReadContext, tooLarge } from './report.ts';
import { readYaml } from './yaml/read-yaml.ts';

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);
const LINE_FEED = 0x0a;
const OPEN_OBJECT = 0x7b;
const OPEN_ARRAY = 0x5b;
/** Between two reports of progress. */
const PROGRESS_INTERVAL_MS = 200;

/**
 * Reads Kubernetes objects out of JSON, YAML or NDJSON, each possibly gzip, in the order of the input.
 *
 * The format is recognised by content, never by file name. Of each object only what `keep` names
 * becomes a value; nothing else is ever decoded. Memory is bounded by one object, not by the input.
 * Objects that cannot be taken as they stand (duplicate keys, YAML tags) are `problem` items; a text
 * that cannot be read at all fails as a whole, so that nothing is half read.
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
  const { keep, limits } = options;
  const counts: ByteCounts = { sent: 0, decoded: 0 };
  let objects = 0;
  const countObject = (): void => {
    objects += 1;
    if (objects <= limits.objectsMax) return;
    const hint = 'send fewer kinds or namespaces, or raise the limit for objects';
    throw tooLarge('objects', { limit: limits.objectsMax, received: objects, hint });
  };
  const report = throttle(options.onProgress);
  let found: ReadItem[] = [];
  for await (const { file, bytes } of inputs) {
    const emit = (item: ReadItem): void => void found.push(item);
    const reader = sniff({ file, keep, limits, emit, countObject });
    for await (const chunk of decodeBytes(bytes, limits, counts)) {
      reader.push(chunk);
      yield* found;
      found = [];
      report({ bytes: counts.sent, objects }, false);
    }
    reader.end();
    yield* found;
    found = [];
  }
  report({ bytes: counts.sent, objects }, true);
}

function throttle(
  onProgress: ((progress: IngestProgress) => void) | undefined,
): (progress: IngestProgress, isLast: boolean) => void {
  let last = Date.now();
  return (progress, isLast) => {
    const now = Date.now();
    if (onProgress === undefined || (!isLast && now - last < PROGRESS_INTERVAL_MS)) return;
    last = now;
    onProgress(progress);
  };
}

/** A reader that becomes one for JSON or YAML when the first byte that is no blank arrives. */
function sniff(context: ReadContext): FormatReader {
  let reader: FormatReader | undefined;
  let head = Buffer.alloc(0);
  let line = 1;
  let isStart = true;
  return {
    push(chunk) {
      if (reader !== undefined) {
        reader.push(chunk);
        return;
      }
      head = Buffer.concat([head, chunk]);
      if (isStart) {
        const mark = head.subarray(0, BYTE_ORDER_MARK.length);
        if (mark.equals(BYTE_ORDER_MARK)) head = head.subarray(BYTE_ORDER_MARK.length);
        else if (mark.equals(BYTE_ORDER_MARK.subarray(0, mark.length))) return;
        isStart = false;
      }
      const first = head.findIndex((byte) => !isBlank(byte));
      // Blank lines go; the indentation of the first line with text stays, YAML needs it.
      const lastFeed =
        first === 0 ? -1 : head.lastIndexOf(LINE_FEED, first === -1 ? undefined : first);
      for (let at = 0; at <= lastFeed; at += 1) if (head[at] === LINE_FEED) line += 1;
      const byte = head[first];
      head = head.subarray(lastFeed + 1);
      if (byte === undefined) return;
      reader =
        byte === OPEN_OBJECT || byte === OPEN_ARRAY
          ? readJson(context, line)
          : readYaml(context, line);
      reader.push(head);
      head = Buffer.alloc(0);
    },
    end() {
      // What never had a byte of text is empty, unless it is the beginning of a mark.
      if (reader === undefined && isStart && head.length !== 0) {
        reader = readYaml(context, line);
        reader.push(head);
      }
      reader?.end();
    },
  };
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x09 || byte === LINE_FEED || byte === 0x0d;
}
