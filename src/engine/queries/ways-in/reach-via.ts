import { intersect, isEmpty, union } from '../../../model/connection-set.ts';
import type { GroupBy, Reach, ReachList } from '../../../model/answer.ts';
import type { ReasonShare, SharedRows, VerdictShare } from '../../../model/answer.ts';
import type { WayInVia } from '../../../model/way-in.ts';
import type { PodOrdinal } from '../../model-view.ts';
import type { Steps } from '../../query.ts';
import type { ReachIndex } from '../../reach-index.ts';
import type { Target } from '../targets.ts';
import { waysInto } from './all-ways.ts';
import { findController, lookForControllers } from './find-controller.ts';
import type { FoundController } from './find-controller.ts';
import type { WayDraft } from './way.ts';

/** Ways told per row; `ways-in` has all of them. */
const VIA_MAX = 10;

/** A target in more namespaces is not one thing that somebody publishes: `ways-in` is the question then. */
const NAMESPACES_MAX = 16;

/** What each source brings in from outside: of outside addresses, and of pods by the key of their row. */
interface Brought {
  readonly outside: WayInVia[];
  readonly byKey: Map<string, WayInVia[]>;
}

/**
 * `list` with what sources bring from outside to `target`, where they bring anything: `via` of a row
 * is what a controller passes on, or, of outside addresses, the Services and node ports they come by.
 * Only ways that lead to an asked port count; whether policies let them through is the row's to say.
 */
export function* withWaysIn(
  index: ReachIndex,
  list: ReachList,
  target: Target,
  groupBy: GroupBy,
): Steps<ReachList> {
  const { pods } = target.end;
  if (pods.length === 0 || list.totalCount === 0) return list;
  const namespaces = new Set(pods.map((pod) => index.view.namespaceIndexOf(pod)));
  if (NAMESPACES_MAX < namespaces.size) return list;
  const names = [...namespaces].map((i) => index.view.namespaceNames[i] ?? '');
  const ways = (yield* waysInto(index, names)).filter(leadsTo(target));
  if (ways.length === 0) return list;
  if (ways.some(({ controller }) => controller !== undefined)) yield* lookForControllers(index);
  const brought = broughtBy(index, ways, groupBy);
  const { shared } = list;
  return {
    ...list,
    slice: (start, count) => list.slice(start, count).map((row) => withVia(row, brought)),
    ...(shared === undefined ? {} : { shared: () => new RowsWithVia(shared(), brought) }),
  };
}

/** Number of the row of peer 0 that does not share what it says, since it has a `via`; of peer n: n less. */
const WITH_VIA = -(2 ** 30);

/** Rows of which those that bring something in are only for themselves. */
class RowsWithVia implements SharedRows {
  readonly #rows: SharedRows;
  readonly #brought: Brought;

  constructor(rows: SharedRows, brought: Brought) {
    this.#rows = rows;
    this.#brought = brought;
  }

  get end(): SharedRows['end'] {
    return this.#rows.end;
  }

  get other(): SharedRows['other'] {
    return this.#rows.other;
  }

  get peers(): SharedRows['peers'] {
    return this.#rows.peers;
  }

  numbers(start: number, count: number): Int32Array {
    const numbers = this.#rows.numbers(start, count);
    const { byKey } = this.#brought;
    if (byKey.size === 0) return numbers;
    return numbers.map((number) =>
      0 <= number && byKey.has(this.peers.peerAt(number).key) ? WITH_VIA - number : number,
    );
  }

  rowOf(number: number): Reach {
    const inner = number <= WITH_VIA ? WITH_VIA - number : number;
    return withVia(this.#rows.rowOf(inner), this.#brought);
  }

  verdictOf(peer: number): VerdictShare {
    return this.#rows.verdictOf(peer);
  }

  reasonsOf(peer: number): ReasonShare {
    return this.#rows.reasonsOf(peer);
  }

  podPairsOf(peer: number): number {
    return this.#rows.podPairsOf(peer);
  }
}

function leadsTo({ end, groups }: Target): (way: WayDraft) => boolean {
  const wanted = new Set(end.pods);
  const asked = groups.map(({ ports }) => ports.asked).reduce((a, b) => union(a, b));
  return ({ backend, refused }) =>
    refused === undefined &&
    backend !== undefined &&
    !isEmpty(intersect(asked, backend.targets)) &&
    backend.pods.some((pod) => wanted.has(pod));
}

function broughtBy(index: ReachIndex, ways: readonly WayDraft[], groupBy: GroupBy): Brought {
  const brought: Brought = { outside: [], byKey: new Map<string, WayInVia[]>() };
  const known = new Map<string, Pick<FoundController, 'found' | 'candidates'>>();
  for (const { via, controller } of ways) {
    if (controller === undefined) {
      brought.outside.push(via);
      continue;
    }
    const key = JSON.stringify(controller);
    const { found, candidates } = known.get(key) ?? findController(index, controller);
    known.set(key, { found, candidates });
    if (found === 'OUTSIDE') brought.outside.push(via);
    for (const row of new Set(candidates.flat().map((pod) => keyOf(index, pod, groupBy)))) {
      const list = brought.byKey.get(row);
      if (list === undefined) brought.byKey.set(row, [via]);
      else list.push(via);
    }
  }
  return brought;
}

/** Key of the row that a pod is in: pods on the network of their node are their node. */
function keyOf(index: ReachIndex, pod: PodOrdinal, groupBy: GroupBy): string {
  const { directory, view } = index;
  const party = index.partyOfPod(pod);
  const node = view.nodeOf(pod);
  const isNode = party !== undefined && index.party(party).kind === 'node';
  if (isNode && node !== undefined) return directory.nodePeer(node).key;
  return directory.groupOfPod(pod, groupBy).key;
}

/** Another row with `via`: the row may be one that other lists have as well, and is explained when it is read. */
function withVia(row: Reach, { outside, byKey }: Brought): Reach {
  const { kind, key } = row.from;
  const via = kind === 'AddressRange' ? outside : (byKey.get(key) ?? []);
  if (via.length === 0) return row;
  const members = Object.getOwnPropertyDescriptors(row);
  const value = { value: via.slice(0, VIA_MAX), enumerable: true };
  // A library border: what has all members of a row, and one more, is a row.
  return Object.create(Object.getPrototypeOf(row) as object, { ...members, via: value }) as Reach;
}
