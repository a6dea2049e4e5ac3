import type { JsonValue, KubeObject } from '../kube-object.ts';
import { isList } from './sorted.ts';

/** Columns after which a text is broken at its next blank. */
const WIDTH = 80;

/** A `List` as `kubectl get -o yaml` prints it. */
export function* yamlList(objects: Iterable<KubeObject>): Generator<string> {
  yield 'apiVersion: v1\nitems:\n';
  for (const object of objects) yield `- ${mapText(object, '  ')}`;
  yield 'kind: List\nmetadata:\n  resourceVersion: ""\n';
}

/** The fields of a map, sorted; the first line without its indentation. */
function mapText(map: Readonly<Record<string, JsonValue>>, indent: string): string {
  let text = '';
  for (const key of Object.keys(map).sort()) {
    const name = scalarText(key, indent, 0);
    text += `${text === '' ? '' : indent}${name}:${valueText(map[key] ?? null, indent, name)}`;
  }
  return text;
}

/** What follows a key: lists are not indented below it, maps are. */
function valueText(value: JsonValue, indent: string, name: string): string {
  if (typeof value !== 'object' || value === null) {
    const column = indent.length + name.length + 2;
    return ` ${typeof value === 'string' ? scalarText(value, `${indent}  `, column) : String(value)}\n`;
  }
  if (isList(value)) {
    if (value.length === 0) return ' []\n';
    return `\n${value.map((item) => `${indent}- ${itemText(item, `${indent}  `)}`).join('')}`;
  }
  return Object.keys(value).length === 0
    ? ' {}\n'
    : `\n${indent}  ${mapText(value, `${indent}  `)}`;
}

function itemText(item: JsonValue, indent: string): string {
  if (typeof item === 'string') return `${scalarText(item, indent, indent.length)}\n`;
  if (typeof item !== 'object' || item === null) return `${String(item)}\n`;
  if (isList(item)) throw new TypeError('no Kubernetes object has lists of lists');
  return Object.keys(item).length === 0 ? '{}\n' : mapText(item, indent);
}

/** Texts that YAML 1.1 takes for something else. */
const OTHER_TYPE =
  /^(?:|~|null|true|false|yes|no|on|off|y|n|[-+]?(?:\d[\d_]*|0x[\da-f_]+|0b[01_]+|0o?[0-7_]+)|[-+]?(?:\d[\d_]*)?\.?[\d_]*(?:e[-+]?\d+)?|[-+]?\.(?:inf|nan)|\d+(?::[0-5]?\d)+(?:\.\d*)?|\d{4}-\d\d?-\d\d?(?:[Tt ].*)?|<<|=)$/i;
/** Texts that must not stand without quotes: indicators at the start, or inside where they end it. */
const NOT_PLAIN = /^[-?:](?:\s|$)|^[,[\]{}#&*!|>'"%@`]|: |:$| #|^\s|\s$|^---|^\.\.\./;

/** A text as kubectl writes it after `column`; further lines are indented by `indent`. */
function scalarText(text: string, indent: string, column: number): string {
  if (OTHER_TYPE.test(text)) return JSON.stringify(text);
  if (text.includes('\n')) return blockText(text, indent);
  if (!NOT_PLAIN.test(text)) return broken(text, indent, column);
  return `'${broken(text.replaceAll("'", "''"), indent, column + 1)}'`;
}

function blockText(text: string, indent: string): string {
  const lines = text.replace(/\n$/, '').split('\n');
  return `${text.endsWith('\n') ? '|' : '|-'}\n${lines.map((line) => `${indent}${line}`).join('\n')}`;
}

/** A blank behind the width becomes a line break, which YAML reads as a blank. */
function broken(text: string, indent: string, column: number): string {
  if (column + text.length <= WIDTH || !text.includes(' ')) return text;
  let result = '';
  let at = column;
  for (const word of text.split(' ')) {
    if (result === '') result = word;
    else if (WIDTH < at && word !== '') {
      result += `\n${indent}${word}`;
      at = indent.length - 1;
    } else result += ` ${word}`;
    at += word.length + 1;
  }
  return result;
}
