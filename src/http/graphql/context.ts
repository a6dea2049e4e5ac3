import type { FastifyRequest } from 'fastify';
import type { ClusterInfo, Podreach, SnapshotInfo } from '../../service/podreach.ts';
import type { AuditAction } from '../../service/audit.ts';
import type { Viewer } from '../../service/viewer.ts';
import { noteAction, noteSnapshot } from '../audit-notes.ts';
import { viewerOf } from '../viewer.ts';
import type { Judging } from '../../model/dialect.ts';
import type { RowSplices } from './row-splices.ts';

/** What every resolver is given; made once per request, and once per event of a subscription. */
export interface GraphqlContext {
  readonly podreach: Podreach;
  readonly viewer: Viewer;
  readonly requestId: string;
  /** A cluster, read once however many snapshots ask for theirs. */
  readonly cluster: (name: string) => Promise<ClusterInfo>;
  /** A snapshot by its ref: in one request a ref means one snapshot. */
  readonly snapshot: (ref: string, judging?: Judging) => Promise<SnapshotInfo>;
  /** How a snapshot of this request asks to be judged; undefined: as the server is set. */
  readonly judgingOf: (snapshot: SnapshotInfo) => Judging | undefined;
  /** Notes for the audit log what is done other than asking. */
  readonly noteAction: (action: AuditAction, cluster?: string) => void;
  /** Where rows of lists are written; undefined when they are resolved. */
  readonly splices: RowSplices | undefined;
}

/**
 * The context of one request, or of one event.
 *
 * @param pinned snapshots by refs that were looked up already
 * @param splices given when the query has its rows written
 */
export function contextOf(
  podreach: Podreach,
  request: Pick<FastifyRequest, 'id' | 'viewer' | 'auditNotes'>,
  pinned: ReadonlyMap<string, SnapshotInfo> = new Map(),
  splices?: RowSplices,
): GraphqlContext {
  const viewer = viewerOf(request);
  const clusters = new Map<string, Promise<ClusterInfo>>();
  const snapshots = new Map<string, Promise<SnapshotInfo>>();
  const find = async (ref: string): Promise<SnapshotInfo> => {
    const found = await podreach.snapshot(viewer, ref);
    noteSnapshot(request, found);
    return found;
  };
  // Snapshots of one engine are one object, whichever way it was named.
  const judgings = new WeakMap<SnapshotInfo, Judging>();
  return {
    podreach,
    viewer,
    requestId: request.id,
    splices,
    noteAction: (action, cluster) => {
      noteAction(request, action, cluster);
    },
    cluster: (name) => {
      const known = clusters.get(name) ?? podreach.cluster(viewer, name);
      clusters.set(name, known);
      return known;
    },
    snapshot: async (ref, judging) => {
      const found = pinned.get(ref);
      const asked = snapshots.get(ref) ?? (found ? Promise.resolve(found) : find(ref));
      snapshots.set(ref, asked);
      const known = await asked;
      if (judging === undefined) return known;
      const judged = await podreach.snapshot(viewer, known.id, judging);
      judgings.set(judged, judging);
      return judged;
    },
    judgingOf: (snapshot) => judgings.get(snapshot),
  };
}
