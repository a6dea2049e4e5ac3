import type { FileAnswers } from '../service/answer-files.ts';
import { listAt } from '../render/json-access.ts';
import type { JsonObject } from '../render/wire.ts';
import { CLIENT_LIMITS } from './fixed-limits.ts';
import type { Question } from './questions.ts';
import { remotePages } from './remote.ts';
import type { RemoteServer } from './remote.ts';

/** An answer as it is printed: a list page by page, everything else as one page. */
export type Pages = AsyncIterable<JsonObject> | Iterable<JsonObject>;

/** Asks files; at most `limit` rows. */
export async function* pagesOfFiles(
  question: Question,
  files: FileAnswers,
  limit: number,
): AsyncGenerator<JsonObject> {
  const local = question.ofFiles(files);
  if (local.type === 'whole') {
    yield local.answer;
    return;
  }
  const end = Math.min(limit, local.totalCount);
  let start = 0;
  do {
    // Waiting lets what was written leave the process before more is made.
    yield await Promise.resolve(local.page(start, Math.min(CLIENT_LIMITS.pageRows, end - start)));
    start += CLIENT_LIMITS.pageRows;
  } while (start < end);
}

/** Asks snapshot `ref` of a server; at most `limit` rows. */
export async function* pagesOfServer(
  question: Question,
  server: RemoteServer,
  ref: string,
  limit: number,
): AsyncGenerator<JsonObject> {
  const route = `snapshots/${encodeURIComponent(ref)}/${question.route}`;
  if (question.kind === 'path') yield await server.get(route, question.parameters);
  else yield* remotePages(server, route, question.parameters, limit);
}

/** All pages as one answer. */
export async function joinPages(pages: Pages): Promise<JsonObject> {
  const all: JsonObject[] = [];
  for await (const page of pages) all.push(page);
  const first = all[0] ?? {};
  const last = all.at(-1);
  if (last === undefined || all.length === 1) return first;
  return {
    ...first,
    items: all.flatMap((page) => listAt(page, 'items')),
    nextCursor: last['nextCursor'] ?? null,
  };
}
