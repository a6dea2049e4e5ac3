import { PodreachError } from '../model/errors.ts';
import { parseSnapshotRef } from '../service/snapshot-ref.ts';
import type { Podreach, SnapshotInfo } from '../service/podreach.ts';
import type { Viewer } from '../service/viewer.ts';
import { expired, mismatch } from './cursor.ts';
import type { Cursor } from './cursor.ts';
import type { Judging } from '../model/dialect.ts';

/**
 * The snapshot to read: the one `ref` names, or that of the cursor, although the cluster may have a
 * newer one by now.
 *
 * @throws `snapshot-not-found`, `cursor-expired` when the cursor's is gone, `cursor-mismatch` when it
 * is not one that `ref` can mean
 */
export async function pinSnapshot(
  podreach: Podreach,
  viewer: Viewer,
  ref: string,
  {
    cursor,
    judging,
  }: { readonly cursor: Cursor | undefined; readonly judging?: Judging | undefined },
): Promise<SnapshotInfo> {
  if (cursor === undefined) return podreach.snapshot(viewer, ref, judging);
  const pinned = await whilePinned(() => podreach.snapshot(viewer, cursor.snapshot, judging));
  const parsed = parseSnapshotRef(ref);
  const isSame = parsed.kind === 'id' ? parsed.id === pinned.id : parsed.cluster === pinned.cluster;
  if (isSame && cursor.engine !== pinned.engine) {
    const engines = `from engine \`${cursor.engine}\`, and this is \`${pinned.engine}\``;
    throw mismatch(`\`cursor\` is ${engines}; start again without it`);
  }
  if (isSame) return pinned;
  throw mismatch(`\`cursor\` belongs to snapshot \`${pinned.id}\`, which is not \`${ref}\``);
}

/** Runs `read` on the snapshot of a cursor. @throws `cursor-expired` when it is gone */
export async function whilePinned<Value>(
  read: () => Promise<Value>,
  parameter?: string,
): Promise<Value> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof PodreachError && error.code === 'snapshot-not-found') {
      throw expired(parameter);
    }
    throw error;
  }
}
