import type { FastifyRequest } from 'fastify';
import type { ClusterInfo, Podreach, SnapshotInfo, Viewer } from '../../service/podreach.ts';
import { viewerOf } from '../viewer.ts';
import type { RowSplices } from './row-splices.ts';

/** What every resolver is given; made once per request. */
export interface GraphqlContext {
  readonly podreach: Podreach;
  readonly viewer: Viewer;
  readonly requestId: string;
  /** A cluster, read once however many snapshots ask for theirs. */
  readonly cluster: (name: string) => Promise<ClusterInfo>;
  /** A snapshot by its ref: in one request a ref means one snapshot. */
  readonly snapshot: (ref: string) => Promise<SnapshotInfo>;
  /** Where rows of lists are written; undefined when they are resolved. */
  readonly splices: RowSplices | undefined;
}

/**
 * The context of one request.
 *
 * @param pinned snapshots by refs that were looked up already
 * @param splices given when the query has its rows written
 */
export function contextOf(
  podreach: Podreach,
  request: FastifyRequest,
  pinned: ReadonlyMap<string, SnapshotInfo> = new Map(),
  splices?: RowSplices,
): GraphqlContext {
  const viewer = viewerOf();
  const clusters = new Map<string, Promise<ClusterInfo>>();
  const snapshots = new Map<string, Promise<SnapshotInfo>>();
  return {
    podreach,
    viewer,
    requestId: request.id,
    splices,
    cluster: (name) => {
      const known = clusters.get(name) ?? podreach.cluster(viewer, name);
      clusters.set(name, known);
      return known;
    },
    snapshot: (ref) => {
      const found = pinned.get(ref);
      if (found !== undefined) return Promise.resolve(found);
      const known = snapshots.get(ref) ?? podreach.snapshot(viewer, ref);
      snapshots.set(ref, known);
      return known;
    },
  };
}
