import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ExecutionResult, GraphQLError } from 'graphql';
import { bodyOf, bodyOfBytes, scopeOf } from '../../service/answer-cache.ts';
import type { AnswerBytes, MadeAnswer } from '../../service/answer-cache.ts';
import type { Podreach, SnapshotInfo } from '../../service/podreach.ts';
import type { Viewer } from '../../service/viewer.ts';
import { noteSnapshot } from '../audit-notes.ts';
import { isFresh, tagOf } from '../caching.ts';
import { viewerOf } from '../viewer.ts';
import { contextOf } from './context.ts';
import { shownResult } from './graphql-errors.ts';
import type { Asker } from './graphql-errors.ts';
import { RowSplices } from './row-splices.ts';
import type { KnownRequest } from './known-requests.ts';

/** Media type of kept bytes; a reply says what its caller asked for. */
const KEPT_TYPE = 'application/json; charset=utf-8';

/**
 * The body that answers `known`: kept from before, when it follows from snapshots that are still
 * there, or made now.
 *
 * @returns undefined when the compiled query itself finds fault: what is wrong is told in the words of
 * the reference implementation, by whoever runs it there
 */
export async function answerKnown(
  request: FastifyRequest,
  reply: FastifyReply,
  known: KnownRequest,
  asker: Asker & { readonly mediaType: string },
): Promise<{ readonly body: AnswerBytes['body'] } | 'not modified' | undefined> {
  const { podreach, asked, operation, refs, tag } = known;
  const viewer = viewerOf(request);
  const pinned = refs === undefined ? undefined : await pinAll(podreach, viewer, refs);
  const outcome = { isRefused: false, isKept: true };
  const make = async (): Promise<MadeAnswer> => {
    const { selections } = operation;
    const splices = selections && new RowSplices(selections);
    const context = contextOf(podreach, request, pinned, splices);
    const result: ExecutionResult = await operation.run(context, asked.variables ?? {});
    outcome.isRefused = result.data === undefined || result.errors?.some(isOwn) === true;
    const text = JSON.stringify(shownResult(result, asker));
    const body = splices === undefined ? bodyOf(text) : bodyOfBytes(splices.fill(text));
    // Errors name the request that met them.
    return { answer: { body, mediaType: KEPT_TYPE }, keep: result.errors === undefined };
  };
  if (pinned === undefined) {
    const { answer } = await make();
    return outcome.isRefused ? undefined : answer;
  }
  for (const snapshot of pinned.values()) noteSnapshot(request, snapshot);
  const ids = [...pinned.values()].map(({ id }) => id).join(',');
  // As clusters are judged unless the query, which is in the tag, says otherwise.
  const engines = [...pinned.values()].map(({ engine }) => engine).join(' ');
  if (request.method !== 'POST') {
    const etag = tagOf([ids, engines, tag, asker.mediaType, scopeOf(viewer)]);
    if (isFresh(request, reply, etag, false)) return 'not modified';
  }
  const key = `${ids} ${engines} ${tag}`;
  const kept = podreach.answers.known(viewer, key);
  if (kept !== undefined) return kept;
  const answer = await podreach.answers.answer(viewer, key, async () => {
    const made = await make();
    outcome.isKept = made.keep;
    return made;
  });
  if (!outcome.isKept) void reply.removeHeader('etag').header('cache-control', 'no-store');
  return outcome.isRefused ? undefined : answer;
}

/** An error that no resolver threw. */
function isOwn({ originalError }: GraphQLError): boolean {
  return originalError === undefined;
}

/** Each ref with its snapshot of this moment; undefined when one has none: its resolver says why. */
async function pinAll(
  podreach: Podreach,
  viewer: Viewer,
  refs: readonly string[],
): Promise<ReadonlyMap<string, SnapshotInfo> | undefined> {
  const pinned = new Map<string, SnapshotInfo>();
  try {
    for (const ref of refs) pinned.set(ref, await podreach.snapshot(viewer, ref));
  } catch {
    return undefined;
  }
  return pinned;
}
