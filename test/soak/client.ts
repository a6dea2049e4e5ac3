import { randomUUID } from 'node:crypto';
import { acknowledge, drop, forget, mustBeThere } from './model.ts';
import type { KnownCluster, KnownSnapshot, ListedSnapshot } from './model.ts';
import { pick } from './worlds.ts';
import type { Random, SoakQuestion, SoakWorld } from './worlds.ts';

/** What is counted and what went wrong. */
export interface Tally {
  ingests: number;
  ambiguous: number;
  deletes: number;
  questions: number;
  backups: number;
  refused: number;
  readonly wrong: string[];
  readonly lost: string[];
  /** Hashes of answers by the question and its snapshot. */
  readonly earlier: Map<string, string>;
}

/** Nothing counted yet. */
export function newTally(): Tally {
  return {
    ...{ ingests: 0, ambiguous: 0, deletes: 0, questions: 0, backups: 0, refused: 0 },
    ...{ wrong: [], lost: [], earlier: new Map() },
  };
}

/** What a client needs. */
export interface Client {
  readonly url: string;
  readonly keep: number;
  readonly random: Random;
  readonly tally: Tally;
  readonly worlds: readonly SoakWorld[];
  readonly byDigest: ReadonlyMap<string, SoakWorld>;
}

const TIMEOUT_MS = 30_000;
const QUESTIONS_EACH = 25;
const EARLIER_MAX = 20_000;
/** What says that nothing was done, and to come again. */
const LATER = [429, 503, 507];

/**
 * Sends a world; what is not answered stays pending.
 *
 * @param key under which it was sent before; absent: it was not
 */
export async function ingest(
  client: Client,
  cluster: KnownCluster,
  world: SoakWorld,
  key?: string,
): Promise<void> {
  const { tally } = client;
  const isRepeated = key !== undefined;
  cluster.pending = { world, key: key ?? randomUUID() };
  const answer = await send(client, 'POST', `clusters/${cluster.name}/snapshots?source=manifests`, {
    body: world.body,
    type: 'application/json',
    key: cluster.pending.key,
  });
  if (answer === undefined || LATER.includes(answer.status)) {
    // Counted as made: if it was, an older snapshot may have given way to it.
    tally.ambiguous += 1;
    cluster.made += 1;
    return;
  }
  const body = answer.json() as { readonly id: string; readonly digest: string };
  if (answer.status !== 200 && answer.status !== 201) {
    tally.wrong.push(`ingest: ${answer.status} ${answer.text}`);
    return;
  }
  cluster.pending = undefined;
  tally.ingests += 1;
  if (body.digest !== world.digest) tally.wrong.push(`ingest: ${body.id} has another digest`);
  if (answer.status === 200 && !cluster.snapshots.has(body.id)) {
    tally.wrong.push(`ingest: nobody knows the snapshot ${body.id} that was found`);
  }
  acknowledge(cluster, body.id, world);
  // Something may have been sent since.
  if (isRepeated && answer.status === 200) return;
  const latest = await send(client, 'GET', `clusters/${cluster.name}`);
  if (latest?.status !== 200) return;
  const seen = (latest.json() as { readonly latest: { readonly id: string } }).latest.id;
  if (seen !== body.id) tally.wrong.push(`read after write: ${seen}, not ${body.id}`);
}

/** Deletes a snapshot. */
export async function deleteSnapshot(
  client: Client,
  cluster: KnownCluster,
  known: KnownSnapshot,
): Promise<void> {
  known.maybeDeleted = true;
  const answer = await send(client, 'DELETE', `snapshots/${known.id}`);
  if (answer === undefined || LATER.includes(answer.status)) return;
  if (answer.status !== 204 && answer.status !== 404) {
    client.tally.wrong.push(`delete: ${answer.status} ${answer.text}`);
    return;
  }
  client.tally.deletes += 1;
  forget(cluster, known.id);
}

/** Deletes a whole cluster. */
export async function deleteCluster(client: Client, cluster: KnownCluster): Promise<void> {
  cluster.maybeDropped = true;
  const answer = await send(client, 'DELETE', `clusters/${cluster.name}`);
  if (answer === undefined || LATER.includes(answer.status)) return;
  if (answer.status !== 204 && answer.status !== 404) {
    client.tally.wrong.push(`delete: ${answer.status} ${answer.text}`);
    return;
  }
  client.tally.deletes += 1;
  cluster.maybeDropped = false;
  drop(cluster);
}

/** Asks something about a snapshot in one of the ways there are, and compares the answer. */
export async function ask(
  client: Client,
  cluster: KnownCluster,
  known: KnownSnapshot,
): Promise<void> {
  const way = pick(client.random, [askBatch, askBatch, askGraphql, askList, askLatest]);
  await way(client, cluster, known);
}

/** Verdicts of many pairs, against the oracle. */
export async function askBatch(
  client: Client,
  cluster: KnownCluster,
  known: KnownSnapshot,
): Promise<void> {
  const questions = Array.from({ length: QUESTIONS_EACH }, () =>
    known.world.question(client.random),
  );
  const body = JSON.stringify({
    questions: questions.map(({ from, to, port }) => ({ from, to, port })),
  });
  const answer = await send(client, 'POST', `snapshots/${known.id}/paths`, {
    body,
    type: 'application/json',
  });
  if (!isAnswered(client, cluster, known, answer)) return;
  const told = answer.json() as {
    readonly snapshot: { readonly id: string; readonly digest: string };
    readonly answers: readonly { readonly verdict?: string }[];
  };
  compare(client, known.world, told.snapshot.digest, questions, told.answers);
}

/** One verdict of whatever is the latest snapshot now: the world of its digest says what is right. */
async function askLatest(client: Client, cluster: KnownCluster): Promise<void> {
  const guess = pick(client.random, client.worlds).question(client.random);
  const query = new URLSearchParams({ from: guess.from, to: guess.to, port: guess.port });
  const answer = await send(client, 'GET', `snapshots/${cluster.name}/path?${query.toString()}`);
  // The ends need not be in it.
  if (answer?.status !== 200) return;
  const { snapshot } = answer.json() as { readonly snapshot: { readonly digest: string } };
  if (!client.byDigest.has(snapshot.digest)) {
    client.tally.wrong.push(`latest: nobody sent ${snapshot.digest}`);
  }
}

async function askGraphql(
  client: Client,
  cluster: KnownCluster,
  known: KnownSnapshot,
): Promise<void> {
  const questions = Array.from({ length: 5 }, () => known.world.question(client.random));
  const fields = questions.map(
    ({ from, to, port }, i) =>
      `q${i}: path(from: ${JSON.stringify(from)}, to: ${JSON.stringify(to)}, port: ${JSON.stringify(port)}) { verdict }`,
  );
  const query = `{ snapshot(ref: "${known.id}") { digest ${fields.join(' ')} } }`;
  const answer = await send(client, 'POST', '../../graphql', {
    body: JSON.stringify({ query }),
    type: 'application/json',
  });
  if (!isAnswered(client, cluster, known, answer)) return;
  const { data, errors } = answer.json() as {
    readonly data?: { readonly snapshot: Record<string, unknown> | null } | null;
    readonly errors?: readonly { readonly extensions?: { readonly code?: string } }[];
  };
  const code = errors?.[0]?.extensions?.code;
  const mayBeGone = cluster.gone.has(known.id) || !mustBeThere(cluster, known, client.keep);
  if (code === 'snapshot-not-found' && mayBeGone) return;
  if (code === 'busy') return;
  if (data?.snapshot === undefined || data.snapshot === null) {
    client.tally.wrong.push(`graphql: ${answer.text.slice(0, 300)}`);
    return;
  }
  const { snapshot } = data;
  const told = questions.map((_, i) => snapshot[`q${i}`] as { readonly verdict?: string });
  compare(client, known.world, String(snapshot['digest']), questions, told);
}

/** A whole list, whose bytes are those of an earlier answer, before a restart or after it. */
async function askList(client: Client, cluster: KnownCluster, known: KnownSnapshot): Promise<void> {
  const { tally, random } = client;
  const target = encodeURIComponent(known.world.ref(random));
  const format = pick(random, ['json', 'ndjson', 'csv']);
  const question = pick(random, [
    `who-can-reach?target=${target}`,
    `reachable-from?source=${target}`,
    'isolation?of=*/*',
  ]);
  const route = `snapshots/${known.id}/${question}&format=${format}`;
  const answer = await send(client, 'GET', route);
  if (!isAnswered(client, cluster, known, answer)) return;
  tally.questions += 1;
  const before = tally.earlier.get(route);
  if (before === undefined) {
    if (tally.earlier.size < EARLIER_MAX) tally.earlier.set(route, answer.text);
  } else if (before !== answer.text) {
    tally.wrong.push(`${route}: ${answer.text.slice(0, 200)} <> ${before.slice(0, 200)}`);
  }
}

/** The snapshots of a cluster; undefined when there is none. @throws when the server does not say */
export async function list(
  client: Client,
  { name }: KnownCluster,
): Promise<readonly ListedSnapshot[] | undefined> {
  const answer = await send(client, 'GET', `clusters/${name}/snapshots?limit=1000`);
  if (answer?.status === 404) return undefined;
  if (answer?.status !== 200) throw new Error(`no list of ${name}: ${answer?.status}`);
  return (answer.json() as { readonly items: readonly ListedSnapshot[] }).items;
}

function compare(
  { tally }: Client,
  world: SoakWorld,
  digest: string,
  questions: readonly SoakQuestion[],
  answers: readonly { readonly verdict?: string }[],
): void {
  if (digest !== world.digest) tally.wrong.push(`answer of ${digest}, asked for ${world.digest}`);
  for (const [i, { from, to, port, verdict }] of questions.entries()) {
    tally.questions += 1;
    const told = answers[i]?.verdict;
    if (told === verdict) continue;
    tally.wrong.push(`world ${world.number}: ${from} -> ${to} ${port} is ${told}, not ${verdict}`);
  }
}

/** Whether there is an answer to look at; one that is missing for no reason is wrong. */
function isAnswered(
  client: Client,
  cluster: KnownCluster,
  known: KnownSnapshot,
  answer: Answer | undefined,
): answer is Answer {
  if (answer?.status === 200) return true;
  if (answer === undefined) return false;
  if (LATER.includes(answer.status)) {
    client.tally.refused += 1;
    return false;
  }
  const mayBeGone = cluster.gone.has(known.id) || !mustBeThere(cluster, known, client.keep);
  if (answer.status === 404 && mayBeGone) return false;
  client.tally.wrong.push(`${known.id}: ${answer.status} ${answer.text.slice(0, 300)}`);
  return false;
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly json: () => unknown;
}

/** Undefined when the server went away before the end of its answer. */
async function send(
  { url }: Client,
  method: string,
  route: string,
  sent?: { readonly body: string; readonly type: string; readonly key?: string },
): Promise<Answer | undefined> {
  try {
    const response = await fetch(new URL(route, `${url}/api/v1/`), {
      method,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(sent === undefined ? {} : { body: sent.body, headers: headersOf(sent) }),
    });
    const text = await response.text();
    return { status: response.status, text, json: () => JSON.parse(text) as unknown };
  } catch (error) {
    if (error instanceof Error && error.name === 'TimeoutError') throw error;
    return undefined;
  }
}

function headersOf({ type, key }: { readonly type: string; readonly key?: string }): Headers {
  const headers = new Headers({ 'content-type': type });
  if (key !== undefined) headers.set('idempotency-key', key);
  return headers;
}
