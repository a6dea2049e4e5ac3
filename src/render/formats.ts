import type { AnswerKind, Renderer } from './answer-kind.ts';
import { csv } from './csv.ts';
import { dot } from './graph/dot.ts';
import { mermaid } from './graph/mermaid.ts';
import { json } from './json.ts';
import { markdown } from './markdown.ts';
import { ndjson } from './ndjson.ts';
import { text } from './text.ts';
import { yaml } from './yaml.ts';

export type { AnswerKind, Renderer };

/** Every output format by its name in `-o` and `format=`. `text` and `md` are for people, the others are stable. */
export const formats: ReadonlyMap<string, Renderer> = new Map([
  ['text', text],
  ['json', json],
  ['yaml', yaml],
  ['csv', csv],
  ['ndjson', ndjson],
  ['md', markdown],
  ['dot', dot],
  ['mermaid', mermaid],
]);

/** How answers of `kind` can be written: `format` is the one called `name`, where it is one of these. */
export function formatFor(kind: AnswerKind, name: string): Choice {
  const fitting = [...formats].filter(([, { fits }]) => fits === undefined || fits.has(kind));
  return {
    format: fitting.find(([other]) => other === name)?.[1],
    names: fitting.map(([name]) => name),
  };
}

interface Choice {
  readonly format: Renderer | undefined;
  readonly names: readonly string[];
}
