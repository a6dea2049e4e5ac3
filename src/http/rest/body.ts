import type { LazyList, ReachList, SnapshotHeader } from '../../model/answer.ts';
import { PodreachError } from '../../model/errors.ts';
import { formatFor } from '../../render/formats.ts';
import type { AnswerKind } from '../../render/formats.ts';
import { jsonText, membersText, rowWriter } from '../../render/json-text.ts';
import { answerToJson, pageToJson, toJson } from '../../render/wire.ts';
import type { Json, JsonObject } from '../../render/wire.ts';
import { bodyOf } from '../../service/answer-cache.ts';
import type { AnswerBytes } from '../../service/answer-cache.ts';
import { oncePer } from '../../service/once-per.ts';
import { BytePieces } from '../byte-pieces.ts';
import { SharedRowWriter } from '../shared-rows.ts';
import { rowSlices, rowsBetween, writtenInSlices } from '../slices.ts';
import { reachForm } from './reach-form.ts';
import { pickFields } from './view.ts';

/** Media type of JSON answers. */
export const JSON_TYPE = 'application/json; charset=utf-8';

/** What stands before the rows of a page, and the list itself. */
export interface Listing<Row> {
  readonly list: LazyList<Row> & Partial<Pick<ReachList, 'counts' | 'shared'>>;
  readonly more?: object;
}

/** A page that is to be written. */
export interface Page<Row extends object> extends Listing<Row> {
  readonly snapshot: SnapshotHeader;
  readonly start: number;
  readonly end: number;
  readonly nextCursor: string | null;
  /** Members of a row to keep, in this order. */
  readonly fields: readonly string[] | undefined;
}

/** One answer that is to be written. */
export interface One {
  readonly snapshot: SnapshotHeader;
  readonly answer: object;
  /** Members of the answer to keep, in this order; no others are read. */
  readonly fields: readonly string[] | undefined;
}

/** One answer in `format`. */
export function answerBody(kind: AnswerKind, format: string, one: One): AnswerBytes {
  const { snapshot, answer, fields } = one;
  if (format !== 'json') {
    const body = answerToJson(snapshot, answer);
    return rendered(kind, format, fields ? pickFields(body, ['snapshot', ...fields]) : body);
  }
  const members =
    fields === undefined ? membersText(answer) : rowWriter(fields)(answer).slice(1, -1);
  const text = `{"snapshot":${headerText(snapshot)}${members === '' ? '' : ','}${members}}`;
  return { body: bodyOf(text), mediaType: JSON_TYPE };
}

/** A page of a list in `format`. */
export async function pageBody<Row extends object>(
  kind: AnswerKind,
  format: string,
  page: Page<Row>,
): Promise<AnswerBytes> {
  const { snapshot, list, more = {}, start, end, fields, nextCursor } = page;
  const { snapshot: header = null, ...summary } = pageToJson(snapshot, list, [], nextCursor);
  // A library border: what toJson makes of an object is one.
  const shell = { ...(toJson(more) as JsonObject), ...summary };
  if (format !== 'json') {
    const rows = await rowsBetween(list, start, end);
    const items = rows.map((row) => pickFields(toJson(row), fields));
    return rendered(kind, format, { snapshot: header, ...shell, items });
  }
  const bytes = new BytePieces();
  bytes.add(`{"snapshot":${headerText(snapshot)}`);
  for (const [name, value] of Object.entries(shell)) {
    bytes.add(`,${JSON.stringify(name)}:`);
    if (name === 'items') await addRows(bytes, page);
    else bytes.add(jsonText(value));
  }
  bytes.add('}');
  return { body: bytes.take(), mediaType: JSON_TYPE };
}

async function addRows<Row extends object>(
  bytes: BytePieces,
  { list, start, end, fields }: Page<Row>,
): Promise<void> {
  const shared = list.shared?.();
  if (shared !== undefined) {
    const writer = new SharedRowWriter(shared, reachForm(shared, fields, ITEMS));
    // Each row comes with the comma before it, and the first needs none.
    let comma = 1;
    bytes.add('[');
    for await (const piece of writtenInSlices(writer, start, end)) {
      bytes.addBytes(piece.subarray(comma));
      comma = 0;
    }
    bytes.add(']');
    return;
  }
  const write = rowWriter(fields);
  let before = '[';
  for await (const rows of rowSlices(list, start, end)) {
    for (const row of rows) {
      bytes.add(before + write(row));
      before = ',';
    }
  }
  bytes.add(before === '[' ? '[]' : ']');
}

/** Rows between commas. */
const ITEMS = { name: 'item', text: (text: string): string => text, before: ',', after: '' };

/** `answer` in a format other than JSON. @throws `bad-query` */
export function rendered(kind: AnswerKind, format: string, answer: Json): AnswerBytes {
  const { format: renderer, names } = formatFor(kind, format);
  if (renderer === undefined) {
    const others = names.join(', ');
    throw new PodreachError(
      'bad-query',
      `this answer cannot be written as \`${format}\`; it can be written as ${others}`,
      { parameter: 'format' },
    );
  }
  return { body: bodyOf(renderer.render(kind, answer)), mediaType: renderer.mediaType };
}

/** A header is the same object in every answer about its snapshot. */
const headerText = oncePer((snapshot: SnapshotHeader) => jsonText(snapshot));
