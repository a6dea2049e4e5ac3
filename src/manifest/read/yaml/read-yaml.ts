import { isUtf8 } from 'node:buffer';
import { EVENT_ID } from 'js-yaml';
import {
  badInput,
  type FormatReader,
  isListKind,
  objectProblem,
  type ReadContext,
  tooLarge,
} from '../report.ts';
import { YamlFramer } from './yaml-framer.ts';
import { scanYamlHead } from './yaml-head.ts';
import {
  decidingFields,
  emitSkipped,
  isSkipped,
  type ListType,
  type Piece,
  readList,
  readNode,
  type Surroundings,
  typeOf,
} from './yaml-objects.ts';
import { lineIndex, parseYaml, type YamlDocument, YamlTextError } from './yaml-text.ts';

/** Objects that may wait for the kind of their list, in sizes of one object. */
const WAITING_OBJECTS_MAX = 16;
/** What aliases may add to a document, in nodes. */
const ALIAS_NODES_MAX = 100_000;

/** A long list whose items come one by one. */
interface StreamedList extends ListType {
  readonly waiting: { readonly bytes: Buffer; readonly line: number }[];
  waitingBytes: number;
}

/**
 * Reads YAML: documents, arrays and lists; kinds that are not kept are not even parsed.
 *
 * @param firstLine 1-based line of the first byte
 */
export function readYaml(context: ReadContext, firstLine: number): FormatReader {
  const state: { list?: StreamedList | undefined } = {};
  const framer = new YamlFramer(
    {
      document: (bytes, line) => readPiece(context, bytes, line, { in: 'document', level: 0 }),
      listStart(head, line) {
        const { piece, document } = parseListText(context, head, line);
        const { apiVersion, kind } = decidingFields(document, document.root);
        checkListKind(piece, kind, true);
        state.list = { ...typeOf(apiVersion, kind), waiting: [], waitingBytes: 0 };
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
    { limits: context.limits, file: context.file, firstLine },
  );
  return { push: (chunk) => framer.push(chunk), end: () => framer.end() };
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
