import { EVENT_ID } from 'js-yaml';
import type { IngestLimits } from '../../../model/input.ts';
import type { KeepTree, ReadFrom } from '../../read-item.ts';
import {
  fileOf,
  IDENTITY_KEEP,
  isTruncated,
  LIST_KEEP,
  nameOf,
  withoutType,
} from '../kept-object.ts';
import {
  badInput,
  formatPath,
  isListKind,
  itemKindOf,
  type ObjectIdentity,
  type ObjectPath,
  objectProblem,
  type ReadContext,
  tooLarge,
} from '../report.ts';
import {
  depthOfYaml,
  lineAt,
  offsetOfYamlPath,
  parseYaml,
  resolveYaml,
  startOfYaml,
  tooDeep,
  type YamlDocument,
} from './yaml-text.ts';
import {
  buildYamlObject,
  isYamlNull,
  type NodeBudget,
  yamlKeyText,
  yamlString,
} from './yaml-values.ts';

/** Objects in texts up to this length keep the text, so that lines can be found later. */
export const LINE_TEXT_MAX = 64 * 1024;
const LISTS_IN_LISTS_MAX = 8;
/** Kept to find one that stands twice. */
const TYPE_KEEP = { apiVersion: true, kind: true } as const satisfies KeepTree;

/** One piece of the stream, parsed. */
export interface Piece {
  readonly context: ReadContext;
  readonly text: string;
  /** 1-based line of its first character. */
  readonly line: number;
  readonly documents: readonly YamlDocument[];
  readonly budget: NodeBudget;
  readonly lineOf: (offset: number) => number;
}

/** What a node stands in. */
export interface Surroundings {
  readonly in: 'document' | 'array' | 'list';
  readonly list?: ListType;
  readonly level: number;
}

/** What a list says of its items. */
export interface ListType {
  readonly apiVersion?: string;
  readonly kind?: string;
}

/** The fields of a mapping that decide what it is. */
export interface DecidingFields extends ListType {
  readonly items?: number;
  /** One of them that stands twice. */
  readonly repeated?: string;
  /** `kind` or `apiVersion` are there, but not as text that podreach takes. */
  readonly isUnclear: boolean;
}

/** `apiVersion` and `kind` as far as they are known. */
export function typeOf(apiVersion: string | undefined, kind: string | undefined): ListType {
  return {
    ...(apiVersion === undefined ? {} : { apiVersion }),
    ...(kind === undefined ? {} : { kind }),
  };
}

/** Whether podreach does not read this kind. */
export function isSkipped(context: ReadContext, type: Required<ListType>): boolean {
  return !isListKind(type.kind) && context.keep(type.apiVersion, type.kind) === undefined;
}

/** Counts an object and says that it was skipped. */
export function emitSkipped(
  context: ReadContext,
  { apiVersion, kind, name, namespace }: Required<ListType> & ObjectIdentity,
): void {
  context.countObject();
  context.emit({
    type: 'skipped',
    apiVersion,
    kind,
    ...(name === undefined ? {} : { name }),
    ...(namespace === undefined ? {} : { namespace }),
  });
}

/**
 * Reads whatever stands at a node: an object, a list, an array of them, or nothing.
 *
 * @throws PodreachError `bad-input`; YamlTextError when aliases make it too deep or too large
 */
export function readNode(
  piece: Piece,
  document: YamlDocument,
  node: number,
  surroundings: Surroundings,
): void {
  piece.budget.nodes -= 1;
  const line = piece.lineOf(startOfYaml(document, node) ?? 0);
  if (piece.budget.nodes < 0) throw badInput(piece.context, line, 'aliases make it too large');
  const target = resolveYaml(document, node);
  const { type } = document.events[target]!;
  const isRoot = surroundings.in === 'document';
  if (type === EVENT_ID.MAPPING) {
    readMapping(piece, document, target, surroundings);
  } else if (type === EVENT_ID.SEQUENCE && isRoot) {
    for (const item of elements(document, target)) {
      readNode(piece, document, item, { in: 'array', level: surroundings.level });
    }
  } else if (!isRoot) {
    piece.context.countObject();
    emitNotAnObject(piece, {}, line, surroundings.in === 'list');
  } else if (!isYamlNull(document, target)) {
    throw badInput(piece.context, line, 'the document is text, not a Kubernetes object');
  }
}

function* elements(document: YamlDocument, sequence: number): Generator<number> {
  const { events, ends } = document;
  for (let item = sequence + 1; events[item]!.type !== EVENT_ID.POP; item = ends[item]!) yield item;
}

function readMapping(
  piece: Piece,
  document: YamlDocument,
  node: number,
  surroundings: Surroundings,
): void {
  const fields = decidingFields(document, node);
  if (isListKind(fields.kind) && (fields.items !== undefined || fields.kind === 'List')) {
    readList(piece, document, node, fields, surroundings.level);
  } else {
    readObject(piece, document, node, { fields, surroundings });
  }
}

/** Reads `apiVersion`, `kind` and `items` of a mapping. */
export function decidingFields(document: YamlDocument, node: number): DecidingFields {
  const { events, ends } = document;
  const found = new Map<string, number>();
  let repeated: string | undefined;
  let isMerged = false;
  for (let key = node + 1; events[key]!.type !== EVENT_ID.POP; key = ends[ends[key]!]!) {
    const name = yamlKeyText(document, key);
    if (name === '<<') isMerged = true;
    if (name !== 'apiVersion' && name !== 'kind' && name !== 'items') continue;
    if (found.has(name)) repeated ??= name;
    found.set(name, ends[key]!);
  }
  const [apiVersion, kind] = ['apiVersion', 'kind'].map((name) => {
    const value = found.get(name);
    return value === undefined ? undefined : yamlString(document, value);
  });
  const items = found.get('items');
  const isUnclear =
    (kind === undefined && (isMerged || found.has('kind'))) ||
    (apiVersion === undefined && (isMerged || found.has('apiVersion')));
  return {
    ...typeOf(apiVersion, kind),
    ...(items === undefined ? {} : { items }),
    ...(repeated === undefined ? {} : { repeated }),
    isUnclear,
  };
}

/** Reads the items of a list, then says that it was there. */
export function readList(
  piece: Piece,
  document: YamlDocument,
  node: number,
  fields: DecidingFields,
  level: number,
): void {
  const { context, budget } = piece;
  const line = piece.lineOf(startOfYaml(document, node) ?? 0);
  const { apiVersion, kind = 'List', items } = fields;
  const { limits } = context;
  const own = buildYamlObject(document, node, { keep: LIST_KEEP, limits, budget });
  const fatal = own.issues.find(({ isFatal }) => isFatal);
  if (fields.repeated !== undefined || fatal !== undefined) {
    const key = fields.repeated ?? formatPath(fatal?.path ?? []);
    throw badInput(context, line, `the key \`${key}\` of a list stands twice or cannot be read`);
  }
  if (LISTS_IN_LISTS_MAX < level) throw badInput(context, line, 'lists are nested too deeply');
  const target = items === undefined ? undefined : resolveYaml(document, items);
  if (target !== undefined && document.events[target]!.type === EVENT_ID.SEQUENCE) {
    for (const item of elements(document, target)) {
      readNode(piece, document, item, { in: 'list', list: fields, level: level + 1 });
    }
  } else if (target !== undefined && !isYamlNull(document, target)) {
    const problem = { code: 'BAD_LIST', message: '`items` must be an array', at: ['items'], line };
    context.emit(objectProblem(context, { kind }, problem));
    return;
  }
  context.emit({
    type: 'list',
    apiVersion: apiVersion ?? 'v1',
    kind,
    truncated: isTruncated(own.value) || own.issues.length !== 0,
    from: { ...fileOf(context), line },
  });
}

function readObject(
  piece: Piece,
  document: YamlDocument,
  node: number,
  what: { readonly fields: DecidingFields; readonly surroundings: Surroundings },
): void {
  const { context, budget } = piece;
  const { fields, surroundings } = what;
  const { limits } = context;
  const itemKind = itemKindOf(surroundings.list?.kind);
  const kind = fields.kind ?? itemKind;
  const inherited = itemKind === undefined ? undefined : surroundings.list?.apiVersion;
  const apiVersion = fields.apiVersion ?? inherited;
  const line = piece.lineOf(startOfYaml(document, node) ?? 0);
  const identity = { ...(kind === undefined ? {} : { kind }), ...identify(piece, document, node) };
  if (limits.nestingDepthMax < depthOfYaml(document, node)) {
    throw badInput(context, line, tooDeep(limits));
  }
  if (fields.repeated === undefined && (kind === undefined || apiVersion === undefined)) {
    context.countObject();
    emitNotAnObject(piece, identity, line, surroundings.in === 'list' || fields.isUnclear);
    return;
  }
  const keep =
    kind === undefined || apiVersion === undefined ? undefined : context.keep(apiVersion, kind);
  if (fields.repeated === undefined && keep === undefined) {
    emitSkipped(context, { apiVersion: apiVersion ?? '', ...identity, kind: kind ?? '' });
    return;
  }
  checkSize(piece, document, node, line);
  context.countObject();
  const tree = keep === undefined || keep === true ? keep : { ...keep, ...TYPE_KEEP };
  const { value, issues } = buildYamlObject(document, node, {
    keep: tree ?? TYPE_KEEP,
    limits,
    budget,
  });
  for (const { code, path, message, offset } of issues) {
    const at = piece.lineOf(offset);
    context.emit(objectProblem(context, identity, { code, message, at: path, line: at }));
  }
  if (issues.some(({ isFatal }) => isFatal) || kind === undefined || apiVersion === undefined)
    return;
  const from: ReadFrom = { ...fileOf(context), line, ...lineFinder(piece, document, node) };
  context.emit({ type: 'object', apiVersion, kind, value: withoutType(value), from });
}

function emitNotAnObject(
  piece: Piece,
  identity: ObjectIdentity,
  line: number,
  affectsVerdicts: boolean,
): void {
  piece.context.emit(
    objectProblem(piece.context, identity, {
      code: 'NOT_AN_OBJECT',
      severity: affectsVerdicts ? 'error' : 'warning',
      affectsVerdicts,
      message: 'this is no Kubernetes object: it has no readable `apiVersion` and `kind`',
      line,
    }),
  );
}

/** What the object is called, as far as that is certain. */
function identify(piece: Piece, document: YamlDocument, node: number): ObjectIdentity {
  const { budget, context } = piece;
  const options = { keep: IDENTITY_KEEP, limits: context.limits, budget };
  const { value, issues } = buildYamlObject(document, node, options);
  return issues.length === 0 ? nameOf(value) : {};
}

function checkSize(piece: Piece, document: YamlDocument, node: number, line: number): void {
  const { limits, file } = piece.context;
  const start = startOfYaml(document, node) ?? 0;
  let end = start;
  for (let index = document.ends[node]! - 1; node < index; index -= 1) {
    const event = document.events[index]!;
    if (event.type === EVENT_ID.SCALAR && event.valueEnd !== -1) {
      end = event.valueEnd;
      break;
    }
  }
  if (end - start <= limits.objectBytesMax) return;
  throw tooLarge(
    'object',
    {
      limit: limits.objectBytesMax,
      received: end - start,
      hint: 'leave this object out, or raise the limit for one object',
    },
    { file, line },
  );
}

function lineFinder(piece: Piece, document: YamlDocument, node: number): Pick<ReadFrom, 'lineOf'> {
  const { text, line, context, documents } = piece;
  if (LINE_TEXT_MAX < text.length) return {};
  const { limits } = context;
  const index = documents.indexOf(document);
  return {
    // Parsed again when somebody asks: few do, and events are larger than the text.
    lineOf: (path) => lineOfYamlPath(text, { line, limits, document: index, node }, path),
  };
}

/**
 * The line of the field at `path` of the object at a node of a text; undefined when it is not there.
 *
 * @param of where the text starts, and which object it is: by default the root of the document
 */
export function lineOfYamlPath(
  text: string,
  of: {
    readonly line: number;
    readonly limits: IngestLimits;
    readonly document: number;
    readonly node?: number;
  },
  path: ObjectPath,
): number | undefined {
  const document = parseYaml(text, of.limits)[of.document];
  if (document === undefined) return undefined;
  const node = of.node ?? document.root;
  return of.line + lineAt(text, offsetOfYamlPath(document, node, path, yamlKeyText));
}
