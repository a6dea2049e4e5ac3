import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { loadSettings } from '../src/cli/config.ts';
import type { openService } from '../src/cli/open-service.ts';
import { DEFAULT_OPTIONS } from '../src/engine/options.ts';
import type { pathVerdict } from '../src/engine/queries/path.ts';
import { buildApp } from '../src/http/app.ts';
import { DEFAULT_INGEST_LIMITS } from '../src/model/input.ts';
import type { Snapshot } from '../src/model/snapshot.ts';
import { createPodreach } from '../src/service/create-podreach.ts';
import { EVERYONE } from '../src/service/viewer.ts';
import type { Podreach } from '../src/service/podreach.ts';
import { openStore } from '../src/store/open-store.ts';
import type { SnapshotStore } from '../src/store/snapshot-store.ts';

/** Snapshots that the bench keeps in a store. */
const SNAPSHOTS_MAX = 100;
const INDEX_CACHE_BYTES = 4 * 1024 * 1024 * 1024;

/** The one place where the bench puts the product together; everything else only uses it. */
export function openProductStore(url: string): Promise<SnapshotStore> {
  return openStore(url, { snapshotsPerClusterMax: SNAPSHOTS_MAX });
}

/** The service over `store`, in this process. Closing it closes the store. */
export function serviceOver(store: SnapshotStore): Podreach {
  return createPodreach({
    store,
    engineOptions: DEFAULT_OPTIONS,
    limits: { ...DEFAULT_INGEST_LIMITS, uploadBytesMax: DEFAULT_INGEST_LIMITS.decodedBytesMax },
    indexCacheBytesMax: INDEX_CACHE_BYTES,
  });
}

/** The product as it is built and shipped. */
interface Shipped {
  readonly openService: typeof openService;
  readonly loadSettings: typeof loadSettings;
  readonly pathVerdict: typeof pathVerdict;
}

/** Loads the built product: processes and threads of its own run from there only. */
async function loadShipped(): Promise<Shipped> {
  const load = (path: string): Promise<unknown> =>
    import(new URL(`../dist/${path}`, import.meta.url).href);
  const modules = ['cli/open-service.js', 'cli/config.js', 'engine/queries/path.js'].map(load);
  // The compiler made them from the sources whose types these are.
  return Object.assign({}, ...(await Promise.all(modules))) as Shipped;
}

/** A service as a server has it, with one question that the bench asks of it. */
export interface ShippedService {
  readonly podreach: Podreach;
  /** Asks whether one pod reaches another. */
  readonly ask: (from: string, to: string) => Promise<unknown>;
}

/** The service over the SQLite file `file`, as `serve` opens it. */
export async function shippedService(file: string): Promise<ShippedService> {
  const shipped = await loadShipped();
  const { decodedBytesMax } = DEFAULT_INGEST_LIMITS;
  const flags = { database: `sqlite:${file}`, uploadBytesMax: String(decodedBytesMax) };
  const podreach = await shipped.openService(shipped.loadSettings({ flags, environment: {} }));
  const ask = (from: string, to: string): Promise<unknown> =>
    podreach.ask(EVERYONE, 'bench', shipped.pathVerdict, { from, to, port: 'tcp/8080' });
  return { podreach, ask };
}

/** A server of the product on a port of this process. */
export interface ServedProduct {
  readonly podreach: Podreach;
  readonly app: FastifyInstance;
  readonly port: number;
  /** Id of the snapshot. */
  readonly ref: string;
  readonly close: () => Promise<void>;
}

/** Serves `snapshot` on a loopback port. */
export async function serveProduct(snapshot: Snapshot): Promise<ServedProduct> {
  const store = await openProductStore('sqlite::memory:');
  const { stored } = await store.put('bench', snapshot, new Date());
  const podreach = serviceOver(store);
  const app = await buildApp({ podreach, host: '127.0.0.1', uploadBytesMax: 1024 * 1024 });
  const port = await listen(app);
  const close = async (): Promise<void> => {
    await app.close();
    await podreach.close();
  };
  return { podreach, app, port, ref: stored.id, close };
}

/** Makes `app` listen on a free loopback port, and tells which. */
export async function listen(app: FastifyInstance): Promise<number> {
  await app.listen({ host: '127.0.0.1', port: 0 });
  // A server that listens on TCP has such an address.
  return (app.server.address() as AddressInfo).port;
}
