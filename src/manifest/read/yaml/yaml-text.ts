import { EVENT_ID, type Event, parseEvents, YAMLException } from 'js-yaml';
import type { IngestLimits } from '../../../model/input.ts';
import type { ObjectPath } from '../report.ts';

/** One document of a YAML text as parser events. */
export interface YamlDocument {
  readonly source: string;
  /** Events of the whole text; a node is named by the index of its first event. */
  readonly events: readonly Event[];
  /** By node: the index behind its last event. */
  readonly ends: Int32Array;
  /** By alias: the node that it stands for. */
  readonly targets: ReadonlyMap<number, number>;
  readonly root: number;
  /** Whether `%TAG` gives tags another meaning. */
  readonly redefinesTags: boolean;
}

/** The text is no YAML, or more than podreach takes; `line` counts from 0 within the text. */
export class YamlTextError extends Error {
  readonly line: number;

  constructor(message: string, line: number) {
    super(message);
    this.name = 'YamlTextError';
    this.line = line;
  }
}

/**
 * Parses a text into documents without making values of them.
 *
 * @throws YamlTextError, whose message quotes nothing of the text
 */
export function parseYaml(source: string, limits: IngestLimits): readonly YamlDocument[] {
  const events = parse(source, limits);
  const ends = new Int32Array(events.length);
  const documents: YamlDocument[] = [];
  const open: number[] = [];
  let anchors = new Map<string, number>();
  let targets = new Map<number, number>();
  for (let index = 0; index < events.length; index += 1) {
    const event = events[index]!;
    if (event.type === EVENT_ID.DOCUMENT) {
      anchors = new Map();
      targets = new Map();
      open.push(index);
      const redefinesTags = event.directives.some(({ kind }) => kind === 'tag');
      documents.push({ source, events, ends, targets, root: index + 1, redefinesTags });
    } else if (event.type === EVENT_ID.POP) {
      ends[open.pop()!] = index + 1;
    } else if (event.type === EVENT_ID.ALIAS) {
      ends[index] = index + 1;
      const target = anchors.get(source.slice(event.anchorStart, event.anchorEnd));
      const line = lineAt(source, event.anchorStart);
      if (target === undefined) throw new YamlTextError('an alias has no anchor before it', line);
      if (open.includes(target)) throw new YamlTextError('an alias stands in its own anchor', line);
      targets.set(index, target);
      if (limits.yamlAliasesMax < targets.size) {
        throw new YamlTextError(`there are more than ${limits.yamlAliasesMax} aliases`, line);
      }
    } else {
      if (event.anchorStart !== -1) {
        anchors.set(source.slice(event.anchorStart, event.anchorEnd), index);
      }
      if (event.type === EVENT_ID.SCALAR) ends[index] = index + 1;
      else open.push(index);
    }
  }
  return documents;
}

function parse(source: string, limits: IngestLimits): readonly Event[] {
  try {
    // Room for lists around the object, whose own depth is checked afterwards.
    return parseEvents(source, { maxDepth: 2 * limits.nestingDepthMax + 16 });
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    throw new YamlTextError(describe(error.reason, limits), error.mark?.line ?? 0);
  }
}

/** The parser's reason as far as it cannot quote the text. */
function describe(reason: string, limits: IngestLimits): string {
  if (reason.startsWith('nesting exceeded')) return tooDeep(limits);
  const safe = reason.replace(/["<:(].*$/s, '').trim();
  return safe === '' ? 'this is no valid YAML' : `this is no valid YAML: ${safe}`;
}

/** What is said of an object that is nested too deeply. */
export function tooDeep(limits: IngestLimits): string {
  return `the object is nested deeper than ${limits.nestingDepthMax} levels`;
}

/** The node itself, or the one that an alias stands for. */
export function resolveYaml(document: YamlDocument, node: number): number {
  return document.targets.get(node) ?? node;
}

/** Where a node starts in the source; undefined for one without text, such as an empty value. */
export function startOfYaml(document: YamlDocument, node: number): number | undefined {
  const event = document.events[node]!;
  if (event.type === EVENT_ID.ALIAS) return event.anchorStart - 1;
  if (event.type === EVENT_ID.DOCUMENT || event.type === EVENT_ID.POP) return undefined;
  const start = event.type === EVENT_ID.SCALAR ? event.valueStart : event.start;
  const starts = [start, event.tagStart, event.anchorStart - 1].filter((at) => 0 <= at);
  return starts.length === 0 ? undefined : Math.min(...starts);
}

/** Containers on the longest way into a node, itself included; aliases are not followed. */
export function depthOfYaml(document: YamlDocument, node: number): number {
  let depth = 0;
  let deepest = 0;
  for (let index = node; index < document.ends[node]!; index += 1) {
    const { type } = document.events[index]!;
    if (type === EVENT_ID.POP) depth -= 1;
    else if (type === EVENT_ID.MAPPING || type === EVENT_ID.SEQUENCE) depth += 1;
    if (deepest < depth) deepest = depth;
  }
  return deepest;
}

/** Line of an offset, from 0. */
export function lineAt(source: string, offset: number): number {
  let line = 0;
  for (let at = source.indexOf('\n'); at !== -1 && at < offset; at = source.indexOf('\n', at + 1)) {
    line += 1;
  }
  return line;
}

/** Finds lines, from 0, of many offsets of one text. */
export function lineIndex(source: string): (offset: number) => number {
  const feeds: number[] = [];
  for (let at = source.indexOf('\n'); at !== -1; at = source.indexOf('\n', at + 1)) feeds.push(at);
  return (offset) => {
    let low = 0;
    let high = feeds.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (feeds[middle]! < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}

/**
 * Where the field at `path` beneath `node` starts; where the document has no such path, the nearest
 * field above.
 */
export function offsetOfYamlPath(
  document: YamlDocument,
  node: number,
  path: ObjectPath,
  keyText: (document: YamlDocument, node: number) => string | undefined,
): number {
  let offset = startOfYaml(document, node) ?? 0;
  let at = resolveYaml(document, node);
  for (const part of path) {
    const step = stepInto(document, at, (index, child) =>
      typeof part === 'number' ? index === part : keyText(document, child) === part,
    );
    if (step === undefined) break;
    offset = startOfYaml(document, step.child) ?? offset;
    at = resolveYaml(document, step.value);
  }
  return offset;
}

function stepInto(
  document: YamlDocument,
  node: number,
  matches: (index: number, child: number) => boolean,
): { readonly child: number; readonly value: number } | undefined {
  const { events, ends } = document;
  const { type } = events[node]!;
  if (type !== EVENT_ID.MAPPING && type !== EVENT_ID.SEQUENCE) return undefined;
  let child = node + 1;
  for (let index = 0; events[child]!.type !== EVENT_ID.POP; index += 1) {
    const value = type === EVENT_ID.MAPPING ? ends[child]! : child;
    if (matches(index, child)) return { child, value };
    child = ends[value]!;
  }
  return undefined;
}
