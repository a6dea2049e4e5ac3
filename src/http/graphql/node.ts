import { PodreachError } from '../../model/errors.ts';
import type { ClusterInfo, SnapshotInfo } from '../../service/podreach.ts';
import type { GraphqlContext } from './context.ts';
import type { GlobalType } from './global-id.ts';

/** The thing with this global id; null when there is none (any more). */
export async function nodeOf(
  { type, name }: { readonly type: GlobalType; readonly name: string },
  { podreach, viewer, cluster }: GraphqlContext,
): Promise<ClusterInfo | SnapshotInfo | null> {
  try {
    return await (type === 'Cluster' ? cluster(name) : podreach.snapshot(viewer, name));
  } catch (error) {
    const isMissing =
      error instanceof PodreachError &&
      (error.code === 'snapshot-not-found' || error.code === 'cluster-not-found');
    if (isMissing) return null;
    throw error;
  }
}
