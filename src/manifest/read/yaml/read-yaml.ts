import { isUtf8 } from 'node:buffer';
import { EVENT_ID } from 'js-yaml';
import type { ReadFrom } from '../../read-item.ts';
import { nameOf } from '../kept-object.ts';
import type { ItemType, PlainItem } from '../plain-item.ts';
import {
  badInput,
  type FormatReader,
  isListKind,
  itemKindOf,
  objectProblem,
  type ObjectPath,
  type ReadContext,
  tooLarge,
} from '../report.ts';
import { type ItemPlace, YamlFramer } from './yaml-framer.ts';
import { isWord, scanYamlHead } from './yaml-head.ts';
import { YamlItemReader } from './yaml-item-reader.ts';
import {
  decidingFields,
  emitSkipped,
  isSkipped,
  LINE_TEXT_MAX,
  lineOfYamlPath,
  type ListType,
  type Piece,
  readList,
  readNode,
  type Surroundings,
  typeOf,
} from './yaml-objects.ts';
import { lineIndex, parseYaml, type YamlDocument, YamlTextError } from './yaml-text.ts';

const SPACE = 0x20;
/** Objects that may wait for the kind of their list, in sizes of one object. */
const WAITING_OBJECTS_MAX = 16;
/** What aliases may add to a document, in nodes. */
const ALIAS_NODES_MAX = 100_000;

/** A long list whose items come one by one. */
interface StreamedList extends ListType {
  /** What items are that do not say it. */
  readonly itemType?: ItemType;
  readonly waiting: { readonly bytes: Buffer; readonly line: number }[];
  waitingBytes: number;
}

/**
 * Reads YAML: documents, arrays and lists; kinds that are not kept are not even parsed.
 *
 * @param firstLine 1-based line of the first byte
 */
export function readYaml(context: ReadContext, firstLine: number): FormatReader {
  const { keep, limits, generalOnly } = context;
  const items = generalOnly === true ? undefined : new YamlItemReader(keep, limits.nestingDepthMax);
  const state: { list?: StreamedList | undefined } = {};
  const framer = new YamlFramer(
    {
      document: (bytes, line) => readPiece(context, bytes, line, { in: 'document', level: 0 }),
      listStart(head, line) {
        const { piece, document } = parseListText(context, head, line);
        const { apiVersion, kind } = decidingFields(document, document.root);
        checkListKind(piece, kind, true);
        const itemKind = itemKindOf(kind);
        const isTyped = itemKind !== undefined && apiVersion !== undefined;
        state.list = {
          ...typeOf(apiVersion, kind),
          ...(isTyped ? { itemType: { apiVersion, kind: itemKind } } : {}),
          waiting: [],
          waitingBytes: 0,
        };
      },
      takeItem(text, place) {
        const item = items?.read(text, place.at, place.dashColumn, state.list?.itemType);
        if (item === undefined || item === 'other') return undefined;
        const { objectBytesMax } = limits;
        const isCut = item === 'cut';
        if (objectBytesMax < (isCut ? text.length : item.end) - place.at) return undefined;
        if (isCut) return text.isLast ? undefined : 'cut';
        emitItem(context, item, place);
        return item;
      },
      listItem(bytes, line) {
        if (state.list !== undefined) readStreamedItem(context, state.list, bytes, line);
      },
      listEnd(text, line) {
        const { piece, document } = parseListText(context, text, line);
        const fields = decidingFields(document, document.root);
        checkListKind(piece, fields.kind, false);
        const type = typeOf(fields.apiVersion, fields.kind);
        for (const { bytes, line: itemLine } of state.list?.waiting ?? []) {
          readPiece(context, bytes, itemLine, { in: 'list', list: type, level: 1 });
        }
        state.list = undefined;
        orBadInput(context, piece.text, line, () =>
          readList(piece, document, document.root, fields, 0),
        );
      },
    },
    { limits, file: context.file, firstLine },
  );
  return { push: (chunk) => framer.push(chunk), end: () => framer.end() };
}

/** Emits an item that was read in one pass. */
function emitItem(context: ReadContext, item: PlainItem, place: ItemPlace): void {
  const { apiVersion, kind, value } = item;
  if (!item.isKept) {
    const { name, namespace } = nameOf(value);
    emitSkipped(context, {
      apiVersion,
      kind,
      ...(name === undefined || !isWord(name) ? {} : { name }),
      ...(namespace === undefined || !isWord(namespace) ? {} : { namespace }),
    });
    return;
  }
  context.countObject();
  context.emit({ type: 'object', apiVersion, kind, value, from: placeOf(context, item, place) });
}

function placeOf(context: ReadContext, item: PlainItem, place: ItemPlace): ReadFrom {
  const { file, limits } = context;
  const { line, dashColumn } = place;
  let { bytes } = item;
  if (LINE_TEXT_MAX < bytes.length && LINE_TEXT_MAX < bytes.toString('utf8').length) {
    return file === undefined ? { line } : { file, line };
  }
  // Parsed when somebody asks: few do.
  const lineOf = (path: ObjectPath): number | undefined => {
    const own = Buffer.from(bytes);
    own[dashColumn] = SPACE;
    return lineOfYamlPath(own.toString('utf8'), { line, limits, document: 0 }, path);
  };
  const detach = (): void => void (bytes = Buffer.from(bytes));
  return file === undefined ? { line, lineOf, detach } : { file, line, lineOf, detach };
}

function parseListText(
  context: ReadContext,
  bytes: Buffer,
  line: number,
): { readonly piece: Piece; readonly document: YamlDocument } {
  const text = decodeText(context, bytes, line);
  const piece = orBadInput(context, text, line, () => parsePiece(context, text, line));
  const [document] = piece.documents;
  if (piece.documents.length !== 1 || document?.events[document.root]?.type !== EVENT_ID.MAPPING) {
    throw badInput(context, line, 'the list cannot be read: send it as JSON');
  }
  return { piece, document };
}

function checkListKind(piece: Piece, kind: string | undefined, mayFollow: boolean): void {
  if ((mayFollow && kind === undefined) || isListKind(kind)) return;
  throw badInput(piece.context, piece.line, 'an object with `items` has no list kind');
}

function readStreamedItem(
  context: ReadContext,
  list: StreamedList,
  bytes: Buffer,
  line: number,
): void {
  const isTypeKnown =
    list.kind === 'List' || (list.kind !== undefined && list.apiVersion !== undefined);
  const surroundings: Surroundings = { in: 'list', list, level: 1 };
  if (isTypeKnown || scanYamlHead(bytes.toString('utf8')) !== undefined) {
    readPiece(context, bytes, line, surroundings);
    return;
  }
  list.waiting.push({ bytes, line });
  list.waitingBytes += bytes.length;
  const limit = context.limits.objectBytesMax * WAITING_OBJECTS_MAX;
  if (list.waitingBytes <= limit) return;
  throw tooLarge(
    'object',
    { limit, received: list.waitingBytes, hint: 'put `kind` and `apiVersion` before `items`' },
    { file: context.file, line },
  );
}

function decodeText(context: ReadContext, bytes: Buffer, line: number): string {
  if (!isUtf8(bytes)) throw badInput(context, line, 'the text is not UTF-8');
  return bytes.toString('utf8');
}

function readPiece(
  context: ReadContext,
  bytes: Buffer,
  line: number,
  surroundings: Surroundings,
): void {
  const text = decodeText(context, bytes, line);
  const head = scanYamlHead(text);
  if (head !== undefined && isSkipped(context, head)) {
    emitSkipped(context, head);
    return;
  }
  try {
    const piece = parsePiece(context, text, line);
    for (const document of piece.documents) {
      readNode(piece, document, document.root, surroundings);
    }
  } catch (error) {
    if (!(error instanceof YamlTextError)) throw error;
    const broken = scanYamlHead(text, true);
    if (broken === undefined || !isSkipped(context, broken))
      throw unreadable(context, text, line, error);
    emitSkipped(context, broken);
    context.emit(
      objectProblem(context, broken, {
        code: 'UNREADABLE_SKIPPED',
        severity: 'info',
        affectsVerdicts: false,
        message: 'the object cannot be parsed; podreach does not read its kind',
        line: line + error.line,
      }),
    );
  }
}

/** What `read` returns; text that it cannot read fails the ingest. */
function orBadInput<T>(context: ReadContext, text: string, line: number, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof YamlTextError ? unreadable(context, text, line, error) : error;
  }
}

function unreadable(context: ReadContext, text: string, line: number, error: YamlTextError): Error {
  const hint = text.includes('{{')
    ? 'this looks like a template: render it first, for example with `helm template`'
    : undefined;
  return badInput(context, line + error.line, error.message, hint);
}

function parsePiece(context: ReadContext, text: string, line: number): Piece {
  const documents = parseYaml(text, context.limits);
  const nodes = (documents[0]?.events.length ?? 0) + ALIAS_NODES_MAX;
  const lineOf = lineIndex(text);
  return { context, text, line, documents, budget: { nodes }, lineOf: (at) => line + lineOf(at) };
}
