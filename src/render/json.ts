import type { Renderer } from './answer-kind.ts';
import type { Json } from './wire.ts';

/** Indented JSON: the body of REST, for reading and for `jq`. */
export const json: Renderer = {
  mediaType: 'application/json; charset=utf-8',
  render: (_kind, answer) => `${escapeForTerminals(JSON.stringify(answer, null, 2))}\n`,
};

/** One line of JSON, without the end of the line. */
export function jsonLine(value: Json): string {
  return escapeForTerminals(JSON.stringify(value));
}

/**
 * JSON may hold them raw, but a terminal would obey them: DEL, C1 controls (one is the start of an
 * escape sequence) and the marks that reorder text. Escaped, they are the same JSON value.
 */
export function escapeForTerminals(text: string): string {
  return text.replace(
    /[\u007f-\u009f\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
