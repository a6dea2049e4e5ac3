import { Option } from 'commander';
import type { Command } from 'commander';
import picocolors from 'picocolors';
import { PodreachError } from '../model/errors.ts';
import { csvHeader, csvRows } from '../render/csv.ts';
import { formatFor, formats } from '../render/formats.ts';
import type { AnswerKind } from '../render/formats.ts';
import { isObject, listAt, member, textAt } from '../render/json-access.ts';
import { ndjsonEnd, ndjsonRows } from '../render/ndjson.ts';
import { renderText } from '../render/text.ts';
import { PLAIN } from '../render/text/layout.ts';
import type { Look, Paint } from '../render/text/layout.ts';
import type { JsonObject } from '../render/wire.ts';
import { joinPages } from './answer-pages.ts';
import type { Pages } from './answer-pages.ts';
import { report } from './io.ts';
import type { Io } from './io.ts';

/** Lists print row by row, however long they are. */
const STREAMED: ReadonlySet<AnswerKind> = new Set([
  'reach-list',
  'isolation-list',
  'exposure-list',
  'effective-list',
  'policy-list',
  'way-list',
  'resolution',
]);

const WIDTH_MIN = 60;
const WIDTH_MAX = 120;

/** Adds `-o`. */
export function addOutputOption(command: Command): Command {
  const option = new Option('-o, --output <format>', 'output format');
  return command.addOption(option.choices([...formats.keys()]).default('text'));
}

/** Prints an answer; returns its exit code. */
export async function printAnswer(
  io: Io,
  kind: AnswerKind,
  format: string,
  pages: Pages,
): Promise<number> {
  if (STREAMED.has(kind) && (format === 'csv' || format === 'ndjson')) {
    return streamRows(io, kind, format, pages);
  }
  const { format: renderer, names } = formatFor(kind, format);
  if (renderer === undefined) {
    const message = `this answer cannot be written as \`${format}\`; use ${names.join(', ')}`;
    throw new PodreachError('bad-query', message, { parameter: 'output' });
  }
  const answer = await joinPages(pages);
  const text =
    format === 'text' ? renderText(kind, answer, lookOf(io)) : renderer.render(kind, answer);
  await io.stdout.write(text);
  return exitCodeOf(kind, answer);
}

/**
 * Contract 1: 0 answered, 1 a negative, 2 a question of a batch that could not be asked, 3 not
 * decided. A list to which missing facts could add rows is not decided either.
 */
export function exitCodeOf(kind: AnswerKind, answer: JsonObject): number {
  if (kind === 'path') return VERDICT_EXITS.get(textAt(answer, 'verdict')) ?? 3;
  if (kind === 'paths') {
    const codes = listAt(answer, 'answers').map((one) =>
      isObject(member(one, 'error')) ? 2 : (VERDICT_EXITS.get(textAt(one, 'verdict')) ?? 3),
    );
    return [2, 1, 3].find((code) => codes.includes(code)) ?? 0;
  }
  return member(answer, 'complete') === false ? 3 : 0;
}

const VERDICT_EXITS: ReadonlyMap<string, number> = new Map([
  ['ALLOWED', 0],
  ['DENIED', 1],
  ['PARTIAL', 1],
  ['UNDETERMINED', 3],
]);

async function streamRows(
  io: Io,
  kind: AnswerKind,
  format: 'csv' | 'ndjson',
  pages: Pages,
): Promise<number> {
  let count = 0;
  let isWhole = true;
  let exitCode = 0;
  if (format === 'csv') await io.stdout.write(csvHeader(kind));
  for await (const page of pages) {
    await io.stdout.write(format === 'csv' ? csvRows(kind, page) : ndjsonRows(kind, page));
    count += listAt(page, 'items').length;
    const total = member(page, 'totalCount');
    isWhole = typeof total !== 'number' || total <= count;
    exitCode = exitCodeOf(kind, page);
  }
  if (format === 'ndjson') await io.stdout.write(ndjsonEnd(count, isWhole && exitCode === 0));
  // CSV has no place to say it.
  else if (exitCode !== 0)
    await report(io, 'the list is incomplete: a missing fact could add rows');
  return exitCode;
}

/** Colours and width for a terminal; `NO_COLOR` turns colours off. */
function lookOf({ stdout, environment }: Io): Look {
  const isColored = stdout.isTerminal && !environment['NO_COLOR'] && environment['TERM'] !== 'dumb';
  const width = Math.min(WIDTH_MAX, Math.max(WIDTH_MIN, stdout.columns ?? 100));
  return { paint: isColored ? colors() : PLAIN, width };
}

function colors(): Paint {
  const { green, red, yellow, bold, dim } = picocolors.createColors(true);
  return { good: green, bad: red, unsure: yellow, strong: bold, faint: dim };
}
