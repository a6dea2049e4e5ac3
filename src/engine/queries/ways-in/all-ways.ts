import type { NamespaceChunk } from '../../../model/snapshot.ts';
import type { Steps } from '../../query.ts';
import type { ReachIndex } from '../../reach-index.ts';
import { hasGatewayRoutes, missingEntryKind } from './entry-coverage.ts';
import { entryWays } from './entry-ways.ts';
import { hostWays } from './host-ways.ts';
import { serviceWays } from './service-ways.ts';
import type { WayDraft } from './way.ts';

/**
 * The ways in of a snapshot, by namespace of what brings the traffic, and there entries, Services and
 * host ports, each in order of their names.
 */
export function* allWays(index: ReachIndex): Steps<WayDraft[]> {
  const ways: WayDraft[] = [];
  for (const chunk of index.view.snapshot.namespaces.values()) {
    for (const way of waysOf(index, chunk, undefined)) {
      ways.push(way);
      yield;
    }
    yield;
  }
  return ways;
}

/** Those of {@link allWays} that lead into `namespaces`; no others are looked at. */
export function* waysInto(index: ReachIndex, namespaces: Iterable<string>): Steps<WayDraft[]> {
  const ways: WayDraft[] = [];
  for (const name of [...namespaces].sort()) {
    for (const way of yield* keptWays(index, name)) ways.push(way);
  }
  return ways;
}

/** Ways kept per index, of the namespaces that were asked for last: they do not depend on the question. */
const KEPT_MAX = 5000;

/** Ways by the namespace that they lead into, the longest not asked for first. */
const KEPT = new WeakMap<ReachIndex, Map<string, readonly WayDraft[]>>();

function* keptWays(index: ReachIndex, name: string): Steps<readonly WayDraft[]> {
  const kept = KEPT.get(index) ?? new Map<string, readonly WayDraft[]>();
  KEPT.set(index, kept);
  const ways = kept.get(name) ?? (yield* makeWays(index, name));
  kept.delete(name);
  kept.set(name, ways);
  let count = [...kept.values()].reduce((sum, list) => sum + list.length, 0);
  for (const [other, list] of kept) {
    if (count <= KEPT_MAX) break;
    kept.delete(other);
    count -= list.length;
  }
  return ways;
}

function* makeWays(index: ReachIndex, into: string): Steps<WayDraft[]> {
  const ways: WayDraft[] = [];
  for (const name of sourcesOf(index, into)) {
    const chunk = index.view.snapshot.namespaces.get(name);
    if (chunk === undefined) continue;
    for (const way of waysOf(index, chunk, into)) {
      ways.push(way);
      yield;
    }
  }
  return ways;
}

/** What `chunk` brings in, if `into` is given only into that namespace. */
function* waysOf(
  index: ReachIndex,
  chunk: NamespaceChunk,
  into: string | undefined,
): Generator<WayDraft> {
  const isWanted = (namespace: string): boolean => into === undefined || namespace === into;
  for (const entry of chunk.waysIn?.entries ?? []) yield* entryWays(index, entry, isWanted);
  if (!isWanted(chunk.name)) return;
  for (const service of chunk.services) yield* serviceWays(index, { namespace: chunk, service });
  yield* hostWays(index, chunk);
}

/** Namespaces that may bring something in: another one only where a ReferenceGrant lets it, or may. */
function sourcesOf({ view }: ReachIndex, into: string): Iterable<string> {
  const { snapshot } = view;
  const { grants = [] } = snapshot.namespaces.get(into)?.waysIn ?? {};
  const isOpen =
    hasGatewayRoutes(snapshot) &&
    (missingEntryKind(snapshot, 'ReferenceGrant', into) !== undefined ||
      grants.some(({ doubtful }) => doubtful));
  if (isOpen) return view.namespaceNames;
  const granted = grants.flatMap(({ from }) => from.map(({ namespace }) => namespace));
  return [...new Set([into, ...granted])].sort();
}
