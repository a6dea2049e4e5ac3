import type { Peer } from '../../model/peer.ts';

/** The types that stand for {@link Peer}. */
type PeerType =
  | 'PodPeer'
  | 'WorkloadPeer'
  | 'ServicePeer'
  | 'NamespacePeer'
  | 'NodePeer'
  | 'AddressRangePeer'
  | 'PodSetPeer';

/**
 * The GraphQL type of a peer.
 *
 * Kinds are free text: static pods belong to a `Node`, and a custom resource can be called
 * `Service`. What is not one of ours where ours would be is a workload.
 */
export function peerTypeOf({ kind, namespace, key, name }: Peer): PeerType {
  if (namespace === undefined) {
    if (kind === 'Node') return 'NodePeer';
    if (kind === 'Namespace') return 'NamespacePeer';
    return kind === 'AddressRange' ? 'AddressRangePeer' : 'PodSetPeer';
  }
  if (kind === 'Pod' && key === `${namespace}/pod/${name ?? ''}`) return 'PodPeer';
  if (kind === 'Service' && key === `${namespace}/svc/${name ?? ''}`) return 'ServicePeer';
  return 'WorkloadPeer';
}
