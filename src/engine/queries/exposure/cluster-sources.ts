import { ALL_PORTS, contains } from '../../../model/connection-set.ts';
import type { PartyId } from '../../party.ts';
import type { ReachIndex } from '../../reach-index.ts';
import { NOT_OPEN, addOpenPorts, strangersReach } from './strangers.ts';
import type { OpenPorts } from './strangers.ts';

/** Ports that other pods of today may reach, by where those are. */
export interface ClusterSources {
  readonly otherNamespaces: OpenPorts;
  readonly ownNamespace: OpenPorts;
}

/**
 * What pods of the snapshot may open to the pods of `party` in namespace `own` (its position in
 * `namespaceNames`). It ends as soon as every port is open from both.
 */
export function clusterSources(index: ReachIndex, party: PartyId, own: number): ClusterSources {
  const homes = homesOf(index);
  const sources = index.sourcesOf(party);
  let [otherNamespaces, ownNamespace] = [NOT_OPEN, NOT_OPEN];
  for (let i = 0; i < sources.length; i += 1) {
    const source = sources[i];
    const home = source === undefined ? undefined : homes.get(source);
    if (source === undefined || home === undefined) continue;
    const pods = home.get(own) ?? 0;
    const isOther = home.size !== (pods === 0 ? 0 : 1) && !isWide(otherNamespaces);
    // A pod is not its own neighbour.
    const isOwn = (source === party ? 1 : 0) < pods && !isWide(ownNamespace);
    if (!isOther && !isOwn) continue;
    const open = strangersReach(index, source, party);
    if (isOther) otherNamespaces = addOpenPorts(otherNamespaces, open);
    if (isOwn) ownNamespace = addOpenPorts(ownNamespace, open);
    if (isWide(otherNamespaces) && isWide(ownNamespace)) break;
  }
  return { otherNamespaces, ownNamespace };
}

function isWide({ allowed }: OpenPorts): boolean {
  return contains(allowed, ALL_PORTS);
}

type Homes = ReadonlyMap<PartyId, ReadonlyMap<number, number>>;

/** Does not depend on the question. */
const HOMES = new WeakMap<ReachIndex, Homes>();

/** How many pods each party has in each namespace. */
function homesOf(index: ReachIndex): Homes {
  const known = HOMES.get(index);
  if (known !== undefined) return known;
  const homes = new Map<PartyId, Map<number, number>>();
  for (let id = 0; id < index.partyCount; id += 1) {
    const party = id as PartyId;
    const pods = index.podsOf(party);
    if (pods.length === 0) continue;
    const home = new Map<number, number>();
    for (let i = 0; i < pods.length; i += 1) {
      const pod = pods[i];
      if (pod === undefined) continue;
      const namespace = index.view.namespaceIndexOf(pod);
      home.set(namespace, (home.get(namespace) ?? 0) + 1);
    }
    homes.set(party, home);
  }
  HOMES.set(index, homes);
  return homes;
}
