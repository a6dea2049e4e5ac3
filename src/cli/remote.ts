import { ERROR_CODES, PodreachError } from '../model/errors.ts';
import type { ErrorCode } from '../model/errors.ts';
import { isObject, listAt, member, textAt } from '../render/json-access.ts';
import type { Json, JsonObject } from '../render/wire.ts';
import { CLIENT_LIMITS } from './fixed-limits.ts';
import { systemCode } from './system-error.ts';

/** Where a server listens unless it is told otherwise. */
export const DEFAULT_SERVER = 'http://127.0.0.1:8471';

/** Query parameters in their order; names may repeat. */
export type Parameters = readonly (readonly [name: string, value: string])[];

/** A podreach server, by its REST API. */
export interface RemoteServer {
  readonly url: string;
  /** @throws the server's error; `server-unreachable` */
  readonly get: (route: string, parameters?: Parameters) => Promise<JsonObject>;
  /** As `get`, with a JSON body. */
  readonly post: (route: string, parameters: Parameters, body: Json) => Promise<JsonObject>;
  /** Sends a manifest; `status` tells new (201) from known (200). */
  readonly upload: (
    route: string,
    parameters: Parameters,
    bytes: AsyncIterable<Uint8Array>,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<{ readonly status: number; readonly body: JsonObject }>;
}

/**
 * The server at `url`, which may have a path prefix. Nothing is sent yet.
 *
 * @param credential read before each request
 * @throws `bad-query`
 */
export function remoteServer(
  url: string,
  credential: () => Promise<string | undefined> = () => Promise.resolve(undefined),
): RemoteServer {
  const send = async (address: URL, request: RequestInit): Promise<Response> => {
    const token = await credential();
    if (token === undefined) return sendTo(address, request);
    const headers = new Headers(request.headers);
    headers.set('authorization', `Bearer ${token}`);
    return sendTo(address, { ...request, headers });
  };
  const base = parseBase(url);
  const at = (route: string, parameters: Parameters): URL => {
    const address = new URL(`api/v1/${route}`, base);
    for (const [name, value] of parameters) address.searchParams.append(name, value);
    return address;
  };
  const timeout = (): AbortSignal => AbortSignal.timeout(CLIENT_LIMITS.questionTimeoutMs);
  return {
    url,
    get: async (route, parameters = []) => {
      const response = await send(at(route, parameters), { signal: timeout() });
      return (await read(url, response)).body;
    },
    post: async (route, parameters, body) => {
      const response = await send(at(route, parameters), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
        signal: timeout(),
      });
      return (await read(url, response)).body;
    },
    upload: async (route, parameters, bytes, headers = {}) => {
      const request: RequestInit & { readonly duplex: 'half' } = {
        method: 'POST',
        headers: { 'content-type': 'application/octet-stream', ...headers },
        body: ReadableStream.from(bytes),
        duplex: 'half',
        signal: AbortSignal.timeout(CLIENT_LIMITS.ingestTimeoutMs),
      };
      return read(url, await send(at(route, parameters), request));
    },
  };
}

/**
 * The pages of a list, `limit` rows in all; the first page fixes the snapshot for all others.
 *
 * `limit` 0 gives one page with the counts alone.
 */
export async function* remotePages(
  server: RemoteServer,
  route: string,
  parameters: Parameters,
  limit: number,
): AsyncGenerator<JsonObject> {
  let left = limit;
  let cursor: string | undefined;
  do {
    const size = Math.min(left, CLIENT_LIMITS.pageRows);
    const page: JsonObject = await server.get(route, [
      ...parameters,
      ['limit', String(size)],
      ...(cursor === undefined ? [] : [['cursor', cursor] as const]),
    ]);
    const rows = listAt(page, 'items').length;
    const next = textAt(page, 'nextCursor');
    if (next !== '' && 0 < left && (rows === 0 || next === cursor)) {
      throw new PodreachError('server-unreachable', `\`${server.url}\` does not end its list`);
    }
    left -= rows;
    cursor = next === '' ? undefined : next;
    yield page;
  } while (cursor !== undefined && 0 < left);
}

/**
 * The cluster to ask when the server has exactly one.
 *
 * @throws `cluster-not-found` for none, `bad-query` with their names for several
 */
export async function onlyCluster(server: RemoteServer): Promise<string> {
  const clusters = listAt(await server.get('clusters', [['limit', '6']]), 'items');
  const names = clusters.map((cluster) => textAt(cluster, 'name'));
  const [name] = names;
  if (name === undefined) {
    throw new PodreachError(
      'cluster-not-found',
      `\`${server.url}\` has no cluster yet; send one with \`ingest CLUSTER -f FILE\``,
    );
  }
  if (names.length === 1) return name;
  throw new PodreachError(
    'bad-query',
    `\`${server.url}\` has several clusters; name one with \`--snapshot\``,
    { parameter: 'snapshot', suggestions: names.slice(0, 5) },
  );
}

function parseBase(url: string): URL {
  const base = URL.canParse(url) ? new URL(url) : undefined;
  if (base === undefined || !/^https?:$/.test(base.protocol)) {
    throw new PodreachError(
      'bad-query',
      `\`${url}\` is no server; write it like \`${DEFAULT_SERVER}\``,
      { parameter: 'server' },
    );
  }
  base.search = '';
  base.hash = '';
  if (!base.pathname.endsWith('/')) base.pathname += '/';
  return base;
}

async function sendTo(address: URL, request: RequestInit): Promise<Response> {
  try {
    return await fetch(address, { ...request, redirect: 'error' });
  } catch (error) {
    throw unreachable(address, error);
  }
}

function unreachable(address: URL, error: unknown): PodreachError {
  // An input that cannot be read fails inside of `fetch`; that is no fault of the server.
  const cause = error instanceof Error ? error.cause : undefined;
  for (const one of [error, cause]) if (one instanceof PodreachError) return one;
  const isTimeout = error instanceof Error && error.name === 'TimeoutError';
  const reason = systemCode(cause);
  const code = reason === undefined ? '' : ` (${reason})`;
  const message = isTimeout
    ? `no answer from \`${address.origin}\` in time`
    : `no podreach server can be reached at \`${address.origin}\`${code}`;
  return new PodreachError('server-unreachable', message, {}, error);
}

async function read(
  url: string,
  response: Response,
): Promise<{ readonly status: number; readonly body: JsonObject }> {
  const body = await parseBody(response);
  if (response.ok && isObject(body)) return { status: response.status, body };
  if (!response.ok && textAt(body, 'code') !== '') throw problemError(body);
  throw new PodreachError(
    'server-unreachable',
    `\`${url}\` answers ${response.status}, but not as podreach does; is the URL right?`,
  );
}

async function parseBody(response: Response): Promise<Json | undefined> {
  try {
    // A library border: what JSON.parse gives is what Json describes.
    const body = JSON.parse(await response.text()) as Json;
    return body;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw unreachable(new URL(response.url), error);
  }
}

/** A problem document as the error it was made from. */
function problemError(problem: Json | undefined): PodreachError {
  const code = textAt(problem, 'code');
  const known = isErrorCode(code) ? code : undefined;
  const status = member(problem, 'status');
  const isServerFault = typeof status === 'number' && 500 <= status;
  return new PodreachError(
    known ?? (isServerFault ? 'internal' : 'bad-query'),
    textAt(problem, 'detail') || textAt(problem, 'title') || code,
    // The members of a problem document are those details, as JSON.
    isObject(problem) ? pick(problem) : {},
  );
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERROR_CODES, code);
}

const isText = (value: Json): boolean => typeof value === 'string';
const isListOf =
  (isElement: (value: Json) => boolean) =>
  (value: Json): boolean =>
    Array.isArray(value) && (value as readonly Json[]).every(isElement);

/** Members of a problem document that are printed, each with what it must look like for that. */
const DETAILS: readonly (readonly [name: string, isUsable: (value: Json) => boolean])[] = [
  ['parameter', isText],
  ['hint', isText],
  ['suggestions', isListOf(isText)],
  ['candidates', isListOf((one) => textAt(one, 'ref') !== '')],
  ['errors', isListOf((one) => isObject(one) && isText(one['message'] ?? null))],
];

function pick(problem: JsonObject): Readonly<Record<string, Json>> {
  const entries = DETAILS.flatMap(([name, isUsable]) => {
    const value = member(problem, name) ?? null;
    return isUsable(value) ? [[name, value] as const] : [];
  });
  return Object.fromEntries(entries);
}
