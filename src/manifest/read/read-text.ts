import type { ReadItem } from '../read-item.ts';
import { filterLogs } from './archive/dump-logs.ts';
import { followPrintedDump, type PrintedDump } from './archive/printed-dump.ts';
import { readJson } from './json/read-json.ts';
import { badInput, type FormatReader, type ReadContext, type ReadRun } from './report.ts';
import { readYaml } from './yaml/read-yaml.ts';

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);
const LINE_FEED = 0x0a;
const OPEN_OBJECT = 0x7b;
const OPEN_ARRAY = 0x5b;
/** Longest indentation of the first line with text. */
const INDENTATION_BYTES_MAX = 64 * 1024;

/**
 * The objects of one text that stands alone: JSON, YAML or NDJSON, or what `kubectl cluster-info dump`
 * prints, which has logs in between.
 *
 * @param file - its name for messages
 * @throws PodreachError `bad-input` or `upload-too-large`
 */
export async function* readText(
  run: ReadRun,
  file: string | undefined,
  bytes: AsyncIterable<Buffer>,
): AsyncGenerator<ReadItem, void, undefined> {
  const printed = followPrintedDump();
  yield* readPrinted(run, { file, bytes }, printed);
  if (!printed.isDump()) return;
  const problem = {
    severity: 'info',
    code: 'DUMP_SHAPE',
    object: 'cluster-info',
    path: '',
    message: 'read as what `kubectl cluster-info dump` prints',
    affectsVerdicts: false,
  } as const;
  yield { type: 'problem', problem };
  yield { type: 'evidence', ...printed.evidence() };
}

/** The objects of one text, each noted by `printed`. @throws as {@link readText} does */
export async function* readPrinted(
  run: ReadRun,
  { file, bytes }: { readonly file: string | undefined; readonly bytes: AsyncIterable<Buffer> },
  printed: PrintedDump,
): AsyncGenerator<ReadItem, void, undefined> {
  const { keep, limits, countObject } = run;
  let found: ReadItem[] = [];
  const emit = (item: ReadItem): void => void found.push(printed.note(item));
  const reader = sniff({ file, keep, limits, emit, countObject });
  const logs = filterLogs(file, countObject);
  for await (const chunk of bytes) {
    const text = logs.push(chunk);
    if (logs.found()) printed.noteLog();
    reader.push(text);
    yield* found;
    found = [];
    run.report(false);
  }
  reader.push(logs.end());
  reader.end();
  yield* found;
}

/**
 * A reader that becomes one for JSON or YAML when the first byte that is no blank arrives. Blank lines
 * go; the indentation of the first line with text stays, YAML needs it.
 */
function sniff(context: ReadContext): FormatReader {
  let reader: FormatReader | undefined;
  /** The first bytes, as long as they may be a byte order mark. */
  let mark: Buffer | undefined = Buffer.alloc(0);
  let line = 1;
  let indentation: Buffer[] = [];
  let indentationBytes = 0;

  const start = (text: Buffer): void => {
    const first = indexOfText(text);
    const blanks = text.subarray(0, first);
    const lastFeed = blanks.lastIndexOf(LINE_FEED);
    if (lastFeed !== -1) {
      line += countLines(blanks);
      indentation = [];
      indentationBytes = 0;
    }
    const rest = blanks.subarray(lastFeed + 1);
    indentationBytes += rest.length;
    if (indentationBytes <= INDENTATION_BYTES_MAX) indentation.push(rest);
    const byte = text[first];
    if (byte === undefined) return;
    if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
      reader = readJson(context, line);
    } else if (indentationBytes <= INDENTATION_BYTES_MAX) {
      reader = readYaml(context, line);
    } else {
      throw badInput(context, line, 'the first line with text starts with too many blanks');
    }
    reader.push(Buffer.concat([...indentation, text.subarray(first)]));
  };

  return {
    push(chunk) {
      if (reader !== undefined) {
        reader.push(chunk);
      } else if (mark === undefined) {
        start(chunk);
      } else {
        const head = Buffer.concat([mark, chunk]);
        const isMark = head.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK);
        const isOpen = BYTE_ORDER_MARK.subarray(0, head.length).equals(head);
        mark = isOpen && !isMark ? head : undefined;
        if (mark === undefined) start(isMark ? head.subarray(BYTE_ORDER_MARK.length) : head);
      }
    },
    end() {
      // What never had a byte of text is empty, unless it is the beginning of a mark.
      if (mark !== undefined && mark.length !== 0) {
        reader = readYaml(context, line);
        reader.push(mark);
      }
      reader?.end();
    },
  };
}

/** The index of the first byte that is no blank; the length when there is none. */
function indexOfText(text: Buffer): number {
  let at = 0;
  while (at < text.length && isBlank(text[at])) at += 1;
  return at;
}

function countLines(text: Buffer): number {
  let lines = 0;
  for (let at = text.indexOf(LINE_FEED); at !== -1; at = text.indexOf(LINE_FEED, at + 1)) {
    lines += 1;
  }
  return lines;
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09 || byte === LINE_FEED || byte === 0x0d;
}
