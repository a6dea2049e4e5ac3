import type { ReadFrom } from '../../read-item.ts';
import {
  fileOf,
  IDENTITY_KEEP,
  isTruncated,
  LIST_KEEP,
  nameOf,
  withoutType,
} from '../kept-object.ts';
import type { PlainItem } from '../plain-item.ts';
import {
  badInput,
  type FormatReader,
  formatPath,
  type ObjectIdentity,
  objectProblem,
  type ReadContext,
} from '../report.ts';
import { JsonFramer, type JsonObjectText } from './json-framer.ts';
import { lineOfJsonPath } from './json-lines.ts';
import { decodeJsonObject } from './json-values.ts';

/** Objects up to this size keep their bytes, so that lines can be found later. */
const LINE_BYTES_MAX = 64 * 1024;

/**
 * Reads JSON: objects, arrays of them and lists, one or many, with blanks, commas, `---` or nothing
 * between them.
 *
 * @param firstLine 1-based line of the first byte
 */
export function readJson(context: ReadContext, firstLine: number): FormatReader {
  const framer = new JsonFramer(
    {
      item: (item, line) => emitItem(context, item, line),
      object: (text) => emitObject(context, text),
      list: (text) => emitList(context, text),
      notAnObject(line, inList) {
        context.countObject();
        context.emit(
          objectProblem(
            context,
            {},
            {
              code: 'NOT_AN_OBJECT',
              severity: 'warning',
              affectsVerdicts: inList,
              message: 'this is no Kubernetes object: remove it, or write an object here',
              line,
            },
          ),
        );
      },
    },
    { ...context, firstLine },
  );
  return { push: (chunk) => framer.push(chunk), end: () => framer.end() };
}

function emitItem(context: ReadContext, item: PlainItem, line: number): void {
  context.countObject();
  const { apiVersion, kind, value, bytes, lines } = item;
  if (!item.isKept) {
    context.emit({ type: 'skipped', apiVersion, kind, ...nameOf(value) });
    return;
  }
  const from = placeOf(context, bytes, line, lines === 0);
  context.emit({ type: 'object', apiVersion, kind, value, from });
}

function emitObject(context: ReadContext, text: JsonObjectText): void {
  context.countObject();
  const { bytes, line, apiVersion, kind } = text;
  if (text.repeated !== undefined) {
    emitDuplicate(context, text, [text.repeated]);
    return;
  }
  if (apiVersion === undefined || kind === undefined) {
    const missing = kind === undefined ? 'kind' : 'apiVersion';
    context.emit(
      objectProblem(context, identify(text), {
        code: 'NOT_AN_OBJECT',
        severity: 'warning',
        affectsVerdicts: text.inList,
        message: `this is no Kubernetes object: it has no \`${missing}\``,
        line,
      }),
    );
    return;
  }
  const keep = context.keep(apiVersion, kind);
  if (keep === undefined) {
    const { name, namespace } = identify(text);
    context.emit({
      type: 'skipped',
      apiVersion,
      kind,
      ...(name === undefined ? {} : { name }),
      ...(namespace === undefined ? {} : { namespace }),
    });
    return;
  }
  const { value, duplicates } = decodeJsonObject(bytes, keep);
  const [duplicate] = duplicates;
  if (duplicate !== undefined) {
    emitDuplicate(context, text, duplicate);
    return;
  }
  context.emit({
    type: 'object',
    apiVersion,
    kind,
    value: withoutType(value),
    from: placeOf(context, bytes, line),
  });
}

function emitList(context: ReadContext, text: JsonObjectText): void {
  const { bytes, line, apiVersion, kind = 'List' } = text;
  const { value, duplicates } = decodeJsonObject(bytes, LIST_KEEP);
  if (duplicates[0] !== undefined) {
    throw badInput(context, line, `a list has the key \`${formatPath(duplicates[0])}\` twice`);
  }
  if (text.items === 'other') {
    context.emit(
      objectProblem(
        context,
        { kind },
        { code: 'BAD_LIST', message: '`items` must be an array', at: ['items'], line },
      ),
    );
    return;
  }
  context.emit({
    type: 'list',
    apiVersion: apiVersion ?? 'v1',
    kind,
    truncated: isTruncated(value),
    from: { ...fileOf(context), line },
  });
}

function emitDuplicate(
  context: ReadContext,
  text: JsonObjectText,
  at: readonly (string | number)[],
): void {
  context.emit(
    objectProblem(context, identify(text), {
      code: 'DUPLICATE_KEY',
      message: `the key \`${formatPath(at)}\` stands twice: keep one of them`,
      at,
      line: lineOfJsonPath(text.bytes, text.line, at),
    }),
  );
}

/** What the object is called, as far as that is certain. */
function identify(text: JsonObjectText): ObjectIdentity {
  const kind = text.kind === undefined || text.repeated === 'kind' ? {} : { kind: text.kind };
  const { value, duplicates } = decodeJsonObject(text.bytes, IDENTITY_KEEP);
  return duplicates.length === 0 ? { ...kind, ...nameOf(value) } : kind;
}

/** @param isOneLine known to have no line feed; such bytes need not be kept to find lines */
function placeOf(context: ReadContext, bytes: Buffer, line: number, isOneLine = false): ReadFrom {
  if (LINE_BYTES_MAX < bytes.length) return { ...fileOf(context), line };
  if (isOneLine) return onLine(context, line);
  let text = bytes;
  const lineOf = (path: readonly (string | number)[]): number => lineOfJsonPath(text, line, path);
  const detach = (): void => void (text = Buffer.from(text));
  // One shape each, without copying: this is done for every object of a dump.
  const { file } = context;
  return file === undefined ? { line, lineOf, detach } : { file, line, lineOf, detach };
}

/** By itself, so that what it returns holds no bytes. */
function onLine({ file }: ReadContext, line: number): ReadFrom {
  const lineOf = (): number => line;
  return file === undefined ? { line, lineOf } : { file, line, lineOf };
}
