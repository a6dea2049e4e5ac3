import type { NamespaceChunk } from '../../../model/snapshot.ts';
import type { Steps } from '../../query.ts';
import type { ReachIndex } from '../../reach-index.ts';
import { entryWays } from './entry-ways.ts';
import { hostWays } from './host-ways.ts';
import { serviceWays } from './service-ways.ts';
import type { WayDraft } from './way.ts';

/**
 * The ways in of a snapshot, by namespace of what brings the traffic, and there entries, Services and
 * host ports, each in order of their names.
 *
 * @param wanted only ways whose pods are in these namespaces: no others are looked at, but those that
 *   a ReferenceGrant there names
 */
export function* draftWays(index: ReachIndex, wanted?: ReadonlySet<string>): Steps<WayDraft[]> {
  const { namespaces } = index.view.snapshot;
  const isWanted = (namespace: string): boolean => wanted?.has(namespace) ?? true;
  const sources = wanted === undefined ? [...namespaces.keys()] : sourcesOf(index, wanted);
  const ways: WayDraft[] = [];
  for (const name of sources) {
    const chunk = namespaces.get(name);
    if (chunk === undefined) continue;
    for (const way of waysOf(index, chunk, isWanted)) {
      ways.push(way);
      yield;
    }
    yield;
  }
  return ways;
}

function* waysOf(
  index: ReachIndex,
  chunk: NamespaceChunk,
  isWanted: (namespace: string) => boolean,
): Generator<WayDraft> {
  for (const entry of chunk.waysIn?.entries ?? []) yield* entryWays(index, entry, isWanted);
  if (!isWanted(chunk.name)) return;
  for (const service of chunk.services) yield* serviceWays(index, { namespace: chunk, service });
  yield* hostWays(index, chunk);
}

/** Only a ReferenceGrant lets something of another namespace in. */
function sourcesOf({ view }: ReachIndex, wanted: ReadonlySet<string>): string[] {
  const granted = [...wanted].flatMap((name) => {
    const { grants = [] } = view.snapshot.namespaces.get(name)?.waysIn ?? {};
    return grants.flatMap(({ from }) => from.map(({ namespace }) => namespace));
  });
  return [...new Set([...wanted, ...granted])].sort();
}
