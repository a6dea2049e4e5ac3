import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';
import type { Test } from 'tap';
import { DEFAULT_OPTIONS } from '../../src/engine/options.ts';
import { buildApp } from '../../src/http/app.ts';
import type { HttpOptions } from '../../src/http/app.ts';
import { DEFAULT_INGEST_LIMITS } from '../../src/model/input.ts';
import { createPodreach } from '../../src/service/create-podreach.ts';
import type { PodreachParts } from '../../src/service/create-podreach.ts';
import type { Podreach } from '../../src/service/podreach.ts';
import { openStore } from '../../src/store/open-store.ts';
import { senderTo, testBasePath } from './through-proxy.ts';

/** Parsed JSON, looked at as it is. */
export type Body = ReturnType<typeof JSON.parse>;

/** A server in this process, over a service in memory. */
export interface Served {
  readonly app: FastifyInstance;
  readonly podreach: Podreach;
  readonly get: (url: string, headers?: Record<string, string>) => Promise<LightMyRequestResponse>;
  readonly send: (request: InjectOptions) => Promise<LightMyRequestResponse>;
  /** Uploads a manifest to a cluster and returns the id of the snapshot. */
  readonly upload: (cluster: string, manifest: string, query?: string) => Promise<string>;
  readonly graphql: (
    query: string,
    variables?: object,
    headers?: Record<string, string>,
  ) => Promise<LightMyRequestResponse>;
}

/** For tests that write to sockets: their URLs are those of a server without a base path, whatever others have. */
export const AT_ROOT = { basePath: '' } as const;

/**
 * Serves until the test ends. `overrides` replaces methods of the service, to make it fail; `parts` is
 * what it is made of.
 */
export async function serve(
  t: Test,
  options: Partial<HttpOptions> = {},
  overrides: Partial<Podreach> = {},
  parts: Partial<PodreachParts> = {},
): Promise<Served> {
  const store = await openStore('sqlite::memory:', { snapshotsPerClusterMax: 100 });
  const real = createPodreach({
    store,
    engineOptions: DEFAULT_OPTIONS,
    limits: DEFAULT_INGEST_LIMITS,
    indexCacheBytesMax: 64 * 1024 * 1024,
    ...parts,
  });
  const podreach: Podreach = { ...real, ...overrides };
  const app = await buildApp({
    podreach,
    host: '127.0.0.1',
    uploadBytesMax: 1024 * 1024,
    // A machine that is busy with other tests is no overload.
    eventLoopDelayMaxMs: 60_000,
    basePath: testBasePath(),
    ...options,
  });
  t.teardown(async () => {
    await app.close();
    await real.close();
  });
  const prefix = options.basePath ?? '';
  const send = await senderTo(t, app, options.basePath === undefined);
  return {
    app,
    podreach,
    send,
    get: (url, headers = {}) => send({ url, headers }),
    upload: async (cluster, manifest, query = '') => {
      const url = `${prefix}/api/v1/clusters/${cluster}/snapshots${query}`;
      const response = await send({ method: 'POST', url, payload: manifest });
      return response.json<{ id: string }>().id;
    },
    graphql: (query, variables, headers = {}) =>
      send({ method: 'POST', url: `${prefix}/graphql`, payload: { query, variables }, headers }),
  };
}

/** The path that a link in an answer to `url` leads to. @throws for one that names the server's root */
export function follow(url: string, link: unknown): string {
  if (typeof link !== 'string' || /^(\/|[a-z]+:)/i.test(link))
    throw new Error(`bad link: ${String(link)}`);
  const { pathname, search } = new URL(link, `http://localhost${url}`);
  return pathname + search;
}

/** Pods `shop/web-00` and on, which may all reach `shop/api` on port 80, and a database. */
export function shop(webPods: number): string {
  const web = Array.from({ length: webPods }, (_, i) =>
    pod(`web-${String(i).padStart(2, '0')}`, 'web'),
  );
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'List',
    items: [
      object('v1', 'Namespace', 'shop'),
      ...web,
      { ...pod('api-0', 'api'), spec: { containers: [API] } },
      pod('db-0', 'db'),
      {
        ...object('v1', 'Service', 'api', 'shop'),
        spec: { selector: { app: 'api' }, ports: [{ port: 80, targetPort: 'http' }] },
      },
      {
        ...object('networking.k8s.io/v1', 'NetworkPolicy', 'allow-web', 'shop'),
        spec: {
          podSelector: { matchLabels: { app: 'api' } },
          ingress: [
            {
              from: [{ podSelector: { matchLabels: { app: 'web' } } }],
              ports: [{ port: 'http' }],
            },
          ],
        },
      },
      {
        ...object('networking.k8s.io/v1', 'NetworkPolicy', 'lock-db', 'shop'),
        spec: { podSelector: { matchLabels: { app: 'db' } }, policyTypes: ['Ingress'] },
      },
    ],
  });
}

/**
 * What goes with {@link shop}: a controller, `ingresses` Ingresses of one host each for `shop/api`, which
 * it does not reach, and a NodePort to `web`.
 */
export function entrances(ingresses: number): string {
  const controller = {
    'app.kubernetes.io/name': 'ingress-nginx',
    'app.kubernetes.io/component': 'controller',
  };
  const items = [
    {
      ...object('v1', 'Pod', 'nginx', 'edge'),
      metadata: { name: 'nginx', namespace: 'edge', labels: controller },
      spec: { containers: [{ name: 'nginx' }] },
    },
    {
      ...object('networking.k8s.io/v1', 'IngressClass', 'nginx'),
      spec: { controller: 'k8s.io/ingress-nginx' },
    },
    {
      ...object('v1', 'Service', 'web', 'shop'),
      spec: { type: 'NodePort', selector: { app: 'web' }, ports: [{ port: 80, nodePort: 30080 }] },
    },
    ...Array.from({ length: ingresses }, (_, i) => ({
      ...object('networking.k8s.io/v1', 'Ingress', `api-${i}`, 'shop'),
      spec: {
        ingressClassName: 'nginx',
        rules: [
          {
            host: `${i}.example`,
            http: {
              paths: [
                {
                  path: '/',
                  pathType: 'Prefix',
                  backend: { service: { name: 'api', port: { number: 80 } } },
                },
              ],
            },
          },
        ],
      },
    })),
  ];
  return `\n${JSON.stringify({ apiVersion: 'v1', kind: 'List', items })}`;
}

const API = { name: 'api', image: 'api', ports: [{ name: 'http', containerPort: 8080 }] };

function pod(name: string, app: string): object {
  const { apiVersion, kind } = { apiVersion: 'v1', kind: 'Pod' };
  const metadata = { name, namespace: 'shop', labels: { app } };
  return { apiVersion, kind, metadata, spec: { containers: [{ name: app, image: app }] } };
}

function object(apiVersion: string, kind: string, name: string, namespace?: string): object {
  return {
    apiVersion,
    kind,
    metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
  };
}
