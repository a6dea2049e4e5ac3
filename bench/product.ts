import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { DEFAULT_OPTIONS } from '../src/engine/options.ts';
import { buildApp } from '../src/http/app.ts';
import { DEFAULT_INGEST_LIMITS } from '../src/model/input.ts';
import type { Snapshot } from '../src/model/snapshot.ts';
import { createPodreach } from '../src/service/create-podreach.ts';
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
