import { createServer, request as httpRequest } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import type { Test } from 'tap';

/** What stands between callers and the server in platforms, each as it is when nobody configures it. */
export const PROXY_KINDS = ['backstage', 'argocd', 'kube', 'nginx'] as const;

/** One of {@link PROXY_KINDS}. */
export type ProxyKind = (typeof PROXY_KINDS)[number];

/** Where a server is shown by a proxy. */
export interface Proxy {
  readonly port: number;
  /** URL prefix that stands for that of the server. */
  readonly prefix: string;
}

/** How a proxy treats what it passes on. */
interface Treatment {
  readonly prefix: string;
  readonly requestHeaders: (headers: IncomingHttpHeaders) => IncomingHttpHeaders;
  readonly responseHeaders: (headers: IncomingHttpHeaders) => IncomingHttpHeaders;
}

/** The headers that Backstage passes on unless it is told of others, in both directions. */
const BACKSTAGE_HEADERS = new Set(
  'accept accept-language cache-control content-language content-length content-type expires host last-modified pragma user-agent'.split(
    ' ',
  ),
);

const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'transfer-encoding', 'upgrade', 'te']);

const TREATMENTS: Readonly<Record<ProxyKind, Treatment>> = {
  backstage: {
    prefix: '/api/proxy/podreach',
    requestHeaders: (headers) => only(headers, (name) => BACKSTAGE_HEADERS.has(name)),
    responseHeaders: (headers) => only(headers, (name) => BACKSTAGE_HEADERS.has(name)),
  },
  argocd: {
    prefix: '/extensions/podreach',
    requestHeaders: (headers) => ({
      ...only(headers, (name) => name !== 'cookie' && name !== 'authorization'),
      'argocd-application-name': 'argocd:shop',
      'argocd-project-name': 'default',
      'argocd-target-cluster-name': 'in-cluster',
      'argocd-target-cluster-url': 'https://kubernetes.default.svc',
      'argocd-username': 'admin',
      'argocd-user-groups': 'one,two',
    }),
    responseHeaders: (headers) => headers,
  },
  kube: {
    prefix: '/api/v1/namespaces/x/services/y:http/proxy',
    requestHeaders: (headers) => ({
      ...only(headers, (name) => name !== 'authorization'),
      'x-forwarded-for': '10.0.0.1',
      'x-forwarded-uri': '/api/v1/namespaces/x/services/y:http/proxy',
      'accept-encoding': 'gzip',
    }),
    responseHeaders: (headers) => ({ ...headers, 'audit-id': 'a' }),
  },
  nginx: {
    prefix: '/tools/podreach',
    requestHeaders: (headers) => ({ ...headers, 'x-real-ip': '10.0.0.1' }),
    responseHeaders: (headers) => only(headers, (name) => name !== 'x-accel-buffering'),
  },
};

/** Whether a proxy of a kind passes on all of these headers of a request as they are. */
export function passesOn(kind: ProxyKind, headers: Readonly<Record<string, string>>): boolean {
  const given = Object.entries(headers).map(
    ([name, value]) => [name.toLowerCase(), value] as const,
  );
  const passed = TREATMENTS[kind].requestHeaders(Object.fromEntries(given));
  return given.every(([name, value]) => name !== 'host' && passed[name] === value);
}

/** Where a proxy of the tests tells what the headers of an answer were before it. */
const TOLD = 'x-told-headers';

/** The same treatment, telling what it drops. */
function telling(treatment: Treatment): Treatment {
  return {
    ...treatment,
    responseHeaders: (headers) => ({
      ...treatment.responseHeaders(headers),
      [TOLD]: Buffer.from(JSON.stringify(headers)).toString('base64'),
    }),
  };
}

/**
 * A proxy of a kind in front of the server at `target`, until the test ends.
 *
 * @param options `dropsBodies`: of requests, as Backstage does where something before it has read them;
 *   `tellsHeaders`: {@link sendThrough} shows the headers of answers as they were before
 */
export async function startProxy(
  t: Test,
  kind: ProxyKind,
  target: { readonly port: number; readonly basePath: string },
  { dropsBodies = false, tellsHeaders = false } = {},
): Promise<Proxy> {
  const treatment = tellsHeaders ? telling(TREATMENTS[kind]) : TREATMENTS[kind];
  const pass = kind === 'nginx' ? passAsHttp10 : passAsHttp11;
  const server = createServer((request, response) => {
    const { url = '/', method = 'GET' } = request;
    if (!url.startsWith(treatment.prefix)) {
      response.writeHead(404).end('the proxy knows nothing of this');
      return;
    }
    const path = `${target.basePath}${url.slice(treatment.prefix.length)}`;
    const host = `127.0.0.1:${target.port}`;
    const given = only(request.headers, (name) => !HOP_BY_HOP.has(name));
    const body = dropsBodies ? only(given, (name) => name !== 'content-length') : given;
    const headers = { ...treatment.requestHeaders(body), host };
    pass({ request, response, method, path, headers, port: target.port, treatment, dropsBodies });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  return { port: (server.address() as AddressInfo).port, prefix: treatment.prefix };
}

interface Passed {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly port: number;
  readonly treatment: Treatment;
  readonly dropsBodies: boolean;
}

function passAsHttp11(passed: Passed): void {
  const { request, response, treatment, method, path, headers, port } = passed;
  const upstream = httpRequest({ host: '127.0.0.1', port, method, path, headers });
  upstream.on('response', (answer) => {
    const kept = only(answer.headers, (name) => !HOP_BY_HOP.has(name));
    response.writeHead(answer.statusCode ?? 502, treatment.responseHeaders(kept));
    response.flushHeaders();
    answer.pipe(response);
  });
  upstream.on('error', () => response.destroy());
  response.on('close', () => upstream.destroy());
  if (passed.dropsBodies) {
    request.resume();
    upstream.end();
  } else request.pipe(upstream);
}

/** HTTP/1.0 to the server, as nginx does, which holds an answer back until it has all of it. */
function passAsHttp10({ request, response, treatment, method, path, headers, port }: Passed): void {
  const parts: Buffer[] = [];
  request.on('data', (part: Buffer) => parts.push(part));
  request.on('end', () => {
    const body = Buffer.concat(parts);
    const sent = { ...headers, connection: 'close', 'content-length': String(body.length) };
    const lines = Object.entries(method === 'GET' ? { ...sent, 'content-length': undefined } : sent)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => `${name}: ${String(value)}`);
    const upstream = connect(port, '127.0.0.1');
    upstream.write(`${method} ${path} HTTP/1.0\r\n${lines.join('\r\n')}\r\n\r\n`, 'latin1');
    upstream.write(body);
    let held = Buffer.alloc(0);
    let isUnheld = false;
    upstream.on('data', (part: Buffer) => {
      if (isUnheld) {
        response.write(part);
        return;
      }
      held = Buffer.concat([held, part]);
      const head = headOf(held);
      if (head?.headers['x-accel-buffering'] !== 'no') return;
      isUnheld = true;
      response.writeHead(head.status, treatment.responseHeaders(head.headers));
      response.write(held.subarray(head.length));
    });
    upstream.on('end', () => {
      const head = isUnheld ? undefined : headOf(held);
      if (head === undefined) response.end();
      else {
        response.writeHead(head.status, treatment.responseHeaders(head.headers));
        response.end(held.subarray(head.length));
      }
    });
    upstream.on('error', () => response.destroy());
    response.on('close', () => upstream.destroy());
  });
}

function headOf(
  bytes: Buffer,
):
  | { readonly status: number; readonly headers: IncomingHttpHeaders; readonly length: number }
  | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end === -1) return undefined;
  const [first = '', ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n');
  const pairs = lines.map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
  });
  const headers = only(Object.fromEntries(pairs), (name) => !HOP_BY_HOP.has(name));
  return { status: Number(first.split(' ')[1]), headers, length: end + 4 };
}

function only(
  headers: IncomingHttpHeaders,
  isKept: (name: string) => boolean,
): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => isKept(name)));
}

/** Sends what `app.inject` would be given, over the network to `proxy`. */
export async function sendThrough(
  proxy: Proxy,
  { method = 'GET', url, headers = {}, payload }: InjectOptions,
): Promise<LightMyRequestResponse> {
  if (typeof url !== 'string') throw new Error('only texts of URLs are sent');
  const isBytes = typeof payload === 'string' || Buffer.isBuffer(payload);
  const body =
    payload === undefined ? undefined : isBytes ? payload : Buffer.from(JSON.stringify(payload));
  const sent = {
    ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }),
    ...(body === undefined || isBytes ? {} : { 'content-type': 'application/json' }),
    // A library border: every test gives plain headers.
    ...(headers as Record<string, string>),
  };
  return new Promise((resolve, reject) => {
    const request = httpRequest({
      host: '127.0.0.1',
      port: proxy.port,
      method: method.toUpperCase(),
      path: proxy.prefix + url.replace(/[^\x21-\x7e]/gu, encodeURIComponent),
      headers: sent,
      agent: false,
    });
    request.on('error', reject).on('response', (response) => {
      const parts: Buffer[] = [];
      response.on('error', reject).on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => {
        const rawPayload = Buffer.concat(parts);
        const text = rawPayload.toString();
        const { statusCode } = response;
        const answer = { statusCode, headers: headersOf(response), body: text, payload: text };
        // What tests look at.
        resolve({
          ...answer,
          rawPayload,
          json: () => JSON.parse(text) as unknown,
        } as unknown as LightMyRequestResponse);
      });
    });
    request.end(body);
  });
}

/** As they came, or as they were before a proxy that tells. */
function headersOf({ headers }: IncomingMessage): IncomingHttpHeaders {
  const told = headers[TOLD];
  if (typeof told !== 'string') return headers;
  // What was put there is what comes back.
  return JSON.parse(Buffer.from(told, 'base64').toString()) as IncomingHttpHeaders;
}
