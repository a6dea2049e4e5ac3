import { readPlainScalar } from './plain-scalar.ts';

/** What the lines at the left margin of a document say about the object in it. */
export interface YamlHead {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name?: string;
  readonly namespace?: string;
}

const FIELD = /^([A-Za-z_][\w./-]*):(?:[ \t]+(.*))?$/;
const WORD = /^(["']?)([A-Za-z0-9][\w./-]*)\1[ \t]*(?:#.*)?$/;
const PLAIN_WORD = /^[A-Za-z0-9][\w./-]*$/;
const MARKER = /^---[ \t]*(?:#.*)?$/;

/** Whether a name is one that is read off a line, as most are. */
export function isWord(text: string): boolean {
  return PLAIN_WORD.test(text);
}

/**
 * Reads `apiVersion` and `kind` of a block mapping from its lines, without parsing it, so that kinds
 * that podreach does not read cost next to nothing.
 *
 * Undefined wherever a line could mean something else than it seems: then the text must be parsed.
 * With `broken`, for text that could not be parsed, lines of no known shape are passed over unless
 * they speak of a kind.
 */
export function scanYamlHead(text: string, broken = false): YamlHead | undefined {
  // A lone carriage return is a line break in YAML.
  if (/\r(?!\n)/.test(text)) return undefined;
  const found = new Map<string, string>();
  let margin: number | undefined;
  let metadataColumn: number | undefined;
  let field = '';
  for (let start = 0; start < text.length;) {
    const feed = text.indexOf('\n', start);
    const end = feed === -1 ? text.length : feed;
    let indent = start;
    while (text.charCodeAt(indent) === 0x20) indent += 1;
    const column = indent - start;
    const first = text[indent];
    const isBlank = end <= indent || first === '\r' || first === '#';
    start = end + 1;
    if (isBlank || (margin !== undefined && margin < column && field !== 'metadata')) continue;
    const line = text.slice(indent, end).trimEnd();
    if (margin === undefined && column === 0 && MARKER.test(line)) continue;
    if (margin !== undefined && margin < column) {
      // Only the fields of `metadata` itself: its first line says how far they are indented.
      metadataColumn ??= column;
      if (metadataColumn === column) noteMetadata(found, line);
      continue;
    }
    const parts = FIELD.exec(line);
    const isItem = margin === column && /^-(?:[ \t]|$)/.test(line);
    if (parts !== null && (margin === undefined || margin === column)) {
      margin = column;
      field = parts[1] ?? '';
      if (!noteField(found, field, parts[2] ?? '')) return undefined;
    } else if (!isItem && (!broken || margin === undefined || /kind/i.test(line))) {
      return undefined;
    }
  }
  return headOf(found);
}

/** False when the field decides what the object is, but cannot be read or stands twice. */
function noteField(found: Map<string, string>, field: string, value: string): boolean {
  if (field !== 'apiVersion' && field !== 'kind') return true;
  const word = wordOf(value);
  if (word === undefined || found.has(field)) return false;
  found.set(field, word);
  return true;
}

/** A word that every reader takes for text: `1e3` or `no` without quotes are something else to some. */
function wordOf(text: string): string | undefined {
  const [, quote = '', word] = WORD.exec(text) ?? [];
  if (word === undefined || quote !== '') return word;
  return typeof readPlainScalar(word) === 'string' ? word : undefined;
}

function noteMetadata(found: Map<string, string>, line: string): void {
  const parts = FIELD.exec(line);
  const field = parts?.[1];
  const word = wordOf(parts?.[2] ?? '');
  if (word !== undefined && (field === 'name' || field === 'namespace')) found.set(field, word);
}

function headOf(found: ReadonlyMap<string, string>): YamlHead | undefined {
  const apiVersion = found.get('apiVersion');
  const kind = found.get('kind');
  if (apiVersion === undefined || kind === undefined) return undefined;
  const name = found.get('name');
  const namespace = found.get('namespace');
  return {
    apiVersion,
    kind,
    ...(name === undefined ? {} : { name }),
    ...(namespace === undefined ? {} : { namespace }),
  };
}
