import type { Answer } from '../service/podreach.ts';
import type { FileAnswers } from '../service/answer-files.ts';
import type { LazyList, VerdictCounts } from '../model/answer.ts';
import type { AnswerKind } from '../render/formats.ts';
import { answerToJson, pageToJson } from '../render/wire.ts';
import type { JsonObject } from '../render/wire.ts';
import type { Parameters } from './remote.ts';

/** A question that files and servers answer alike. */
export interface Question {
  readonly kind: AnswerKind;
  /** Asks files. */
  readonly ofFiles: (files: FileAnswers) => LocalAnswer;
  /** Below `snapshots/{ref}/`. */
  readonly route: string;
  readonly parameters: Parameters;
}

/** An answer made here: whole, or a list whose rows are made when they are printed. */
export type LocalAnswer =
  | { readonly type: 'whole'; readonly answer: JsonObject }
  | {
      readonly type: 'list';
      readonly totalCount: number;
      readonly page: (start: number, count: number) => JsonObject;
    };

/** A single answer. */
export function wholeAnswer({ snapshot, result }: Answer<object>): LocalAnswer {
  return { type: 'whole', answer: answerToJson(snapshot, result) };
}

/** A list; `more` stands before its rows on every page. */
export function listAnswer<Row>(
  { snapshot, result }: Answer<LazyList<Row> & { readonly counts?: VerdictCounts }>,
  more: object = {},
): LocalAnswer {
  return {
    type: 'list',
    totalCount: result.totalCount,
    page: (start, count) => {
      const page = pageToJson(snapshot, result, result.slice(start, count), null);
      return answerToJson(snapshot, { ...more, ...page });
    },
  };
}

/** Parameters that are set; a default is left out, so that the URL says what was asked. */
export function parametersOf(
  values: Readonly<Record<string, string | boolean | readonly string[] | undefined>>,
): Parameters {
  return Object.entries(values).flatMap(([name, value]) => {
    if (value === undefined) return [];
    const list = typeof value === 'object' ? value : [String(value)];
    return list.map((one) => [name, one] as const);
  });
}
