import { EVENT_ID, getScalarValue, SCALAR_STYLE } from 'js-yaml';
import type { IngestLimits } from '../../../model/input.ts';
import { emptyRawObject } from '../../raw-object.ts';
import type { KeepTree, RawObject, RawValue } from '../../read-item.ts';
import { keepOf } from '../kept-object.ts';
import type { ObjectPath } from '../report.ts';
import { readPlainScalar } from './plain-scalar.ts';
import {
  lineAt,
  resolveYaml,
  startOfYaml,
  tooDeep,
  type YamlDocument,
  YamlTextError,
} from './yaml-text.ts';

/** Something in the kept part of an object that JSON has no word for. */
export interface YamlIssue {
  readonly code:
    'DUPLICATE_KEY' | 'UNSUPPORTED_TAG' | 'UNSUPPORTED_KEY' | 'AMBIGUOUS_SCALAR' | 'MERGE_KEY';
  readonly path: ObjectPath;
  readonly message: string;
  readonly offset: number;
  /** Whether the object means nothing certain with it. */
  readonly isFatal: boolean;
}

/** Bounds what aliases can make of a document. */
export interface NodeBudget {
  nodes: number;
}

interface Builder {
  readonly document: YamlDocument;
  readonly limits: IngestLimits;
  readonly budget: NodeBudget;
  readonly path: (string | number)[];
  readonly issues: YamlIssue[];
  /** Start of the innermost key or element. */
  offset: number;
}

/**
 * The kept fields of the mapping at `node`, without prototype.
 *
 * @throws YamlTextError when aliases make it too deep or too large
 */
export function buildYamlObject(
  document: YamlDocument,
  node: number,
  options: {
    readonly keep: KeepTree;
    readonly limits: IngestLimits;
    readonly budget: NodeBudget;
  },
): { readonly value: RawObject; readonly issues: readonly YamlIssue[] } {
  const offset = startOfYaml(document, node) ?? 0;
  const { limits, budget } = options;
  const builder: Builder = { document, limits, budget, path: [], issues: [], offset };
  return { value: buildMapping(builder, node, options.keep, 1), issues: builder.issues };
}

function buildNode(builder: Builder, node: number, keep: KeepTree, depth: number): RawValue {
  const { document, limits, budget } = builder;
  const target = resolveYaml(document, node);
  budget.nodes -= 1;
  if (budget.nodes < 0) throw failure(builder, 'its aliases make it too large');
  const event = document.events[target]!;
  if (event.type === EVENT_ID.SCALAR) return buildScalar(builder, target);
  if (limits.nestingDepthMax <= depth) throw failure(builder, tooDeep(limits));
  checkTag(builder, target, event.type === EVENT_ID.MAPPING ? '!!map' : '!!seq');
  if (event.type === EVENT_ID.MAPPING) return buildMapping(builder, target, keep, depth + 1);
  const items: RawValue[] = [];
  const { events, ends } = document;
  for (let item = target + 1; events[item]!.type !== EVENT_ID.POP; item = ends[item]!) {
    builder.path.push(items.length);
    builder.offset = startOfYaml(document, item) ?? builder.offset;
    items.push(buildNode(builder, item, keep, depth + 1));
    builder.path.pop();
  }
  return items;
}

function buildMapping(builder: Builder, node: number, keep: KeepTree, depth: number): RawObject {
  const { events, ends } = builder.document;
  const result = emptyRawObject();
  for (let key = node + 1; events[key]!.type !== EVENT_ID.POP; key = ends[ends[key]!]!) {
    const value = ends[key]!;
    builder.offset = startOfYaml(builder.document, key) ?? builder.offset;
    const name = readKey(builder.document, key);
    if (name === undefined) {
      report(builder, 'UNSUPPORTED_KEY', 'a key is a list or a mapping: write it as text', true);
      continue;
    }
    const keepBeneath = name.isMerge ? true : keepOf(keep, name.text);
    if (keepBeneath === undefined) continue;
    builder.path.push(name.text);
    if (result[name.text] !== undefined) {
      report(builder, 'DUPLICATE_KEY', 'the key stands twice: keep one of them', true);
    }
    if (name.isMerge) {
      report(builder, 'MERGE_KEY', 'merge keys `<<` are not merged: write the fields out', false);
      result[name.text] = null;
    } else {
      if (name.isAmbiguous) {
        report(
          builder,
          'AMBIGUOUS_SCALAR',
          'YAML 1.1 and 1.2 read the key differently: quote it',
          false,
        );
      }
      result[name.text] = buildNode(builder, value, keepBeneath, depth);
    }
    builder.path.pop();
  }
  return result;
}

interface YamlKey {
  readonly text: string;
  readonly isMerge: boolean;
  readonly isAmbiguous: boolean;
}

function readKey(document: YamlDocument, node: number): YamlKey | undefined {
  const target = resolveYaml(document, node);
  const event = document.events[target]!;
  if (event.type !== EVENT_ID.SCALAR) return undefined;
  const text = getScalarValue(document.source, event);
  const isPlain = event.style === SCALAR_STYLE.PLAIN && event.tagStart === -1;
  if (isPlain && text === '<<') return { text, isMerge: true, isAmbiguous: false };
  const isTagged = event.tagStart !== -1 && !isStringTag(document, target);
  if (!isPlain) return { text, isMerge: false, isAmbiguous: isTagged };
  const value = readPlainScalar(text);
  // `1` is the key "1" for everyone; `1.10`, `True` and `null` are not.
  const isAmbiguous =
    typeof value === 'object' || (typeof value !== 'string' && String(value) !== text);
  return { text, isMerge: false, isAmbiguous };
}

/** The text of a scalar key; undefined for other keys. */
export function yamlKeyText(document: YamlDocument, node: number): string | undefined {
  return readKey(document, node)?.text;
}

function buildScalar(builder: Builder, node: number): RawValue {
  const { document } = builder;
  const event = document.events[node]!;
  if (event.type !== EVENT_ID.SCALAR) return null;
  const text = getScalarValue(document.source, event);
  if (event.tagStart !== -1) {
    checkTag(builder, node, '!!str');
    return text;
  }
  return event.style === SCALAR_STYLE.PLAIN ? readPlainScalar(text) : text;
}

function isStringTag(document: YamlDocument, node: number): boolean {
  return hasTag(document, node, '!!str');
}

/** Whether the tag of a node, if any, says no more than `expected`. */
function hasTag(document: YamlDocument, node: number, expected: string): boolean {
  const event = document.events[node]!;
  if (event.type === EVENT_ID.DOCUMENT || event.type === EVENT_ID.POP) return true;
  if (event.type === EVENT_ID.ALIAS || event.tagStart === -1) return true;
  const tag = document.source.slice(event.tagStart, event.tagEnd);
  return !document.redefinesTags && (tag === '!' || tag === expected);
}

function checkTag(builder: Builder, node: number, expected: string): void {
  if (hasTag(builder.document, node, expected)) return;
  report(builder, 'UNSUPPORTED_TAG', 'the value has a YAML tag: remove the tag', true);
}

function report(
  builder: Builder,
  code: YamlIssue['code'],
  message: string,
  isFatal: boolean,
): void {
  const { path, issues, offset } = builder;
  issues.push({ code, path: [...path], message, offset, isFatal });
}

function failure(builder: Builder, message: string): YamlTextError {
  return new YamlTextError(message, lineAt(builder.document.source, builder.offset));
}

/** The string at a node; undefined for everything else, ambiguous scalars included. */
export function yamlString(document: YamlDocument, node: number): string | undefined {
  const target = resolveYaml(document, node);
  const event = document.events[target]!;
  if (event.type !== EVENT_ID.SCALAR || !hasTag(document, target, '!!str')) return undefined;
  const text = getScalarValue(document.source, event);
  const isPlain = event.style === SCALAR_STYLE.PLAIN && event.tagStart === -1;
  const value = isPlain ? readPlainScalar(text) : text;
  return typeof value === 'string' ? value : undefined;
}

/** Whether a node is null or has no text. */
export function isYamlNull(document: YamlDocument, node: number): boolean {
  const target = resolveYaml(document, node);
  const event = document.events[target]!;
  if (event.type !== EVENT_ID.SCALAR || event.style !== SCALAR_STYLE.PLAIN) return false;
  if (event.tagStart !== -1) return false;
  const value = readPlainScalar(getScalarValue(document.source, event));
  return value === null;
}
