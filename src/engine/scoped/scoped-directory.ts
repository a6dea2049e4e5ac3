import { OTHERS } from '../../model/peer.ts';
import type { Peer } from '../../model/peer.ts';
import { countPods } from '../count-pods.ts';
import { buildDirectory } from '../directory.ts';
import type { Directory, OtherPods } from '../directory.ts';
import type { ModelView, PodOrdinal } from '../model-view.ts';

/**
 * Names as a reader is told them: a pod of another namespace is the group of all of them, whatever is
 * asked for.
 *
 * @param view what the reader is told
 * @param otherPods the group, ascending; called once, when it is first named
 */
export function scopedDirectory(
  view: ModelView,
  otherPods: () => readonly PodOrdinal[],
): Directory {
  const own = buildDirectory(view);
  let group: { readonly peer: Peer; readonly pods: readonly PodOrdinal[] } | undefined;
  const made = (): NonNullable<typeof group> => (group ??= makeGroup(view, otherPods()));
  const others: OtherPods = {
    key: OTHERS,
    get peer() {
      return made().peer;
    },
    get pods() {
      return made().pods;
    },
  };
  const podPeer = (pod: PodOrdinal): Peer => (view.isOther(pod) ? others.peer : own.podPeer(pod));
  return {
    ...own,
    others,
    podPeer,
    podPeers: (pods, max) => {
      const named = pods.filter((pod) => !view.isOther(pod));
      const peers = named.slice(0, max).map(podPeer);
      return named.length === pods.length ? peers : [...peers.slice(0, max - 1), others.peer];
    },
    podKeyOf: (pod) => (view.isOther(pod) ? OTHERS : own.podKeyOf(pod)),
    workloadKeyOf: (pod) => (view.isOther(pod) ? OTHERS : own.workloadKeyOf(pod)),
    groupOfPod: (pod, groupBy) =>
      view.isOther(pod) ? { key: OTHERS, peer: () => others.peer } : own.groupOfPod(pod, groupBy),
  };
}

function makeGroup(
  view: ModelView,
  pods: readonly PodOrdinal[],
): { readonly peer: Peer; readonly pods: readonly PodOrdinal[] } {
  const podCount = countPods(view, pods);
  return { peer: { key: OTHERS, ref: OTHERS, kind: 'PodSet', podCount }, pods };
}
