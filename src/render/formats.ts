import type { AnswerKind, Renderer } from './answer-kind.ts';
import { csv } from './csv.ts';
import { json } from './json.ts';
import { ndjson } from './ndjson.ts';
import { text } from './text.ts';
import { yaml } from './yaml.ts';

export type { AnswerKind, Renderer };

/** Every output format by its name in `-o` and `format=`. `text` is for people, the others are stable. */
export const formats: ReadonlyMap<string, Renderer> = new Map([
  ['text', text],
  ['json', json],
  ['yaml', yaml],
  ['csv', csv],
  ['ndjson', ndjson],
]);
