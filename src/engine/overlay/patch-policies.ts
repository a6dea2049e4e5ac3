import { csrOf, findIn } from '../index/csr.ts';
import type { Csr } from '../index/csr.ts';
import type { EdgeArenas, FlatArenas, PolicyArenas } from '../index/flat-arenas.ts';
import { PEER_SELECTIONS } from '../index/policy-tables.ts';
import type { ChangedNamespace } from './changes.ts';
import type { DraftKey, DraftNamespace, DraftPeer } from './draft.ts';
import { inverseRows, mergePairs, placesAfter, splice, spliceRows } from './splice.ts';
import type { Cut } from './splice.ts';

/** A change of a namespace with its policies as they are now. */
export interface DraftChange extends ChangedNamespace {
  readonly draft: DraftNamespace;
}

/** How many there are of each with those that were added. */
export interface DraftCounts {
  readonly selectors: number;
  readonly namespaceSelectors: number;
}

/** A selection: pods that `selector` holds in the namespaces of `scope`. */
export interface Selection {
  readonly scope: number;
  readonly selector: number;
}

/** Policies of an index with those of some namespaces exchanged; profiles are still those of before. */
export interface PolicyPatch {
  readonly policies: PolicyArenas;
  readonly egress: Csr;
  readonly ingress: Csr;
  /** Selections that were not there before. */
  readonly added: readonly Selection[];
  /** By group as it was: its number now, -1 for those of changed namespaces. */
  readonly groupPlaces: Int32Array;
  /** By group: the namespace it is of. */
  readonly groupNamespace: Int32Array;
}

/** Undefined where groups do not follow each other by namespace: some policy is not of its own alone. */
export function patchPolicies(
  arenas: FlatArenas,
  changes: readonly DraftChange[],
  counts: DraftCounts,
): PolicyPatch | undefined {
  const { numbers, policies } = arenas;
  const groupScope = policies.groupSelection.map(
    (selection) => policies.selectionScope[selection]!,
  );
  if (!isAscendingBelow(groupScope, numbers.namespaces)) return undefined;
  if (!isAscendingBelow(policies.policyNamespace, numbers.namespaces)) return undefined;
  const selections = addSelections(arenas, changes, counts);
  const keys = addKeys(arenas, changes, selections);
  const cuts = cutsOf(groupScope, changes);
  const policyCuts = cutsOf(policies.policyNamespace, changes);
  if (!cuts.every((cut, i) => holdsJust(policies, cut, policyCuts[i]!))) return undefined;
  const groupsBy = changes.map(({ draft }) => draft.groups);
  const groupKeys = ([arenas.egress, arenas.ingress] as const).map(
    ({ groupStart, groupKeys }, direction) =>
      spliceRows(
        { start: groupStart, items: groupKeys },
        cuts,
        groupsBy.map((groups) =>
          groups.map((group) =>
            distinct(group.keys[direction as 0 | 1].map((key) => keys.numberOf(key))),
          ),
        ),
        keys.places,
      ),
  );
  const groupSelection = splice(
    selections.places === undefined
      ? policies.groupSelection
      : policies.groupSelection.map((one) => selections.places![one]!),
    cuts,
    changes.map(({ namespace, draft }) =>
      draft.groups.map(({ selector }) => selections.numberOf(namespace, selector)),
    ),
  );
  const sizes = groupsBy.map(({ length }) => length);
  const groupNamespace = splice(
    groupScope,
    cuts,
    changes.map(({ namespace }, i) => new Array<number>(sizes[i]!).fill(namespace)),
  );
  return {
    policies: {
      ...policies,
      ...selections.arenas,
      ...keys.arenas,
      groupSelection,
      groupFlags: splice(
        policies.groupFlags,
        cuts,
        groupsBy.map((groups) => groups.map(({ flags }) => flags)),
      ),
      ...exchangePolicies(policies, changes, { cuts, policyCuts }),
    },
    egress: groupKeys[0]!,
    ingress: groupKeys[1]!,
    added: selections.added,
    groupPlaces: placesAfter(policies.groupSelection.length, cuts, sizes),
    groupNamespace,
  };
}

/** Edges from both sides, with the groups of `profiles` that say something. */
export function edgesOf(groupKeys: Csr, profiles: Csr, keyCount: number): EdgeArenas {
  const { start, items } = groupKeys;
  const active = groupsWithKeys(profiles, start);
  const byKey = inverseRows(groupKeys, keyCount);
  return {
    profileStart: active.start,
    profileGroups: active.items,
    groupStart: start,
    groupKeys: items,
    keyStart: byKey.start,
    keyGroups: byKey.items,
  };
}

/** Rows of `profiles` without the groups that have no key. */
function groupsWithKeys(profiles: Csr, keyStart: Int32Array): Csr {
  const start = new Int32Array(profiles.start.length);
  const items = new Int32Array(profiles.items.length);
  let count = 0;
  for (let profile = 0; profile + 1 < start.length; profile += 1) {
    const end = profiles.start[profile + 1]!;
    for (let i = profiles.start[profile]!; i < end; i += 1) {
      const group = profiles.items[i]!;
      if (keyStart[group] !== keyStart[group + 1]) items[count++] = group;
    }
    start[profile + 1] = count;
  }
  return { start, items: items.slice(0, count) };
}

interface Selections {
  readonly arenas: Partial<PolicyArenas>;
  /** By old number; undefined: as they were. */
  readonly places: Int32Array | undefined;
  readonly added: readonly Selection[];
  readonly count: number;
  numberOf(scope: number, selector: number): number;
}

function addSelections(
  { numbers, policies }: FlatArenas,
  changes: readonly DraftChange[],
  counts: DraftCounts,
): Selections {
  const { selectionScope, selectionSelector, scopeSelections } = policies;
  const added = new Map<string, Selection>();
  const meet = (scope: number, selector: number): void => {
    if (0 <= find(selectionSelector, scopeSelections, scope, selector)) return;
    added.set(`${scope},${selector}`, { scope, selector });
  };
  for (const { namespace, draft } of changes) {
    for (const { selector } of draft.groups) meet(namespace, selector);
    for (const { peer } of allKeys(draft)) {
      if (peer.kind === 'selection') meet(peer.scope, peer.selector);
    }
  }
  const list = [...added.values()];
  const scopes = numbers.namespaces + 2 + counts.namespaceSelectors;
  const isSame = list.length === 0 && policies.acrossStart.length === counts.selectors + 1;
  if (isSame && scopes + 1 === scopeSelections.length) {
    return {
      arenas: {},
      places: undefined,
      added: list,
      count: selectionScope.length,
      numberOf: (scope, selector) => find(selectionSelector, scopeSelections, scope, selector),
    };
  }
  const merged = mergePairs(
    selectionScope,
    selectionSelector,
    list.map(({ scope, selector }) => [scope, selector]),
  );
  const starts = csrOf(scopes, merged.majors).start;
  const across = csrOf(
    counts.selectors,
    merged.minors.map((selector, i) => (merged.majors[i]! < numbers.namespaces ? -1 : selector)),
  );
  return {
    arenas: {
      selectionScope: merged.majors,
      selectionSelector: merged.minors,
      scopeSelections: starts,
      acrossStart: across.start,
      across: across.items,
    },
    places: merged.places,
    added: list,
    count: merged.majors.length,
    numberOf: (scope, selector) => find(merged.minors, starts, scope, selector),
  };
}

interface Keys {
  readonly arenas: Partial<PolicyArenas>;
  readonly places: Int32Array | undefined;
  numberOf(key: DraftKey): number;
}

function addKeys(
  { numbers, policies }: FlatArenas,
  changes: readonly DraftChange[],
  selections: Selections,
): Keys {
  const before = policies.selectionScope.length;
  const shift = selections.count - before;
  const blockPeers = PEER_SELECTIONS + selections.count;
  const peers = blockPeers + numbers.blocks;
  const oldPeer = (peer: number): number => {
    if (peer < PEER_SELECTIONS) return peer;
    if (PEER_SELECTIONS + before <= peer) return peer + shift;
    return PEER_SELECTIONS + selections.places![peer - PEER_SELECTIONS]!;
  };
  const peerOf = (peer: DraftPeer): number => {
    if (peer.kind === 'plain') return peer.peer;
    if (peer.kind === 'block') return blockPeers + peer.block;
    return PEER_SELECTIONS + selections.numberOf(peer.scope, peer.selector);
  };
  const moved = selections.places !== undefined;
  const keyPeer = moved ? policies.keyPeer.map(oldPeer) : policies.keyPeer;
  const peerKeys = moved ? csrOf(peers, keyPeer).start : policies.peerKeys;
  const added = new Map<string, readonly [peer: number, ports: number]>();
  for (const { draft } of changes) {
    for (const key of allKeys(draft)) {
      const peer = peerOf(key.peer);
      if (0 <= find(policies.keyPorts, peerKeys, peer, key.ports)) continue;
      added.set(`${peer},${key.ports}`, [peer, key.ports]);
    }
  }
  if (added.size === 0) {
    return {
      arenas: { keyPeer, peerKeys },
      places: undefined,
      numberOf: ({ peer, ports }) => find(policies.keyPorts, peerKeys, peerOf(peer), ports),
    };
  }
  const merged = mergePairs(keyPeer, policies.keyPorts, [...added.values()]);
  const starts = csrOf(peers, merged.majors).start;
  return {
    arenas: { keyPeer: merged.majors, keyPorts: merged.minors, peerKeys: starts },
    places: merged.places,
    numberOf: ({ peer, ports }) => find(merged.minors, starts, peerOf(peer), ports),
  };
}

function exchangePolicies(
  policies: PolicyArenas,
  changes: readonly DraftChange[],
  { cuts, policyCuts }: { readonly cuts: readonly Cut[]; readonly policyCuts: readonly Cut[] },
): Pick<PolicyArenas, 'policyNamespace' | 'policyPosition' | 'groupPolicyStart' | 'groupPolicies'> {
  const { policyNamespace, policyPosition, groupPolicyStart, groupPolicies } = policies;
  const orders = changes.map(({ draft }) => draft.order);
  const places = placesAfter(
    policyNamespace.length,
    policyCuts,
    orders.map(({ length }) => length),
  );
  let first = 0;
  let at = 0;
  const rows = changes.map(({ draft }, i) => {
    const { from, end } = policyCuts[i]!;
    first += from - at;
    at = end;
    const rank = new Map(Array.from(draft.order, (position, k) => [position, first + k]));
    first += draft.order.length;
    return draft.groups.map((group) => group.policies.map((position) => rank.get(position)!));
  });
  const ofGroup = spliceRows({ start: groupPolicyStart, items: groupPolicies }, cuts, rows, places);
  return {
    policyNamespace: splice(
      policyNamespace,
      policyCuts,
      changes.map(({ namespace }, i) => new Array<number>(orders[i]!.length).fill(namespace)),
    ),
    policyPosition: splice(policyPosition, policyCuts, orders),
    groupPolicyStart: ofGroup.start,
    groupPolicies: ofGroup.items,
  };
}

/** Whether the groups of a namespace hold its policies and no other. */
function holdsJust(
  { groupPolicyStart, groupPolicies }: PolicyArenas,
  groups: Cut,
  policies: Cut,
): boolean {
  const [from, end] = [groupPolicyStart[groups.from]!, groupPolicyStart[groups.end]!];
  const held = groupPolicies.subarray(from, end);
  const isHere = (policy: number): boolean => policies.from <= policy && policy < policies.end;
  return held.length === policies.end - policies.from && held.every(isHere);
}

function allKeys({ groups, mentions }: DraftNamespace): readonly DraftKey[] {
  return [...groups.flatMap(({ keys }) => [...keys[0], ...keys[1]]), ...mentions];
}

/** The runs of rows of changed namespaces. */
function cutsOf(namespaceOf: Int32Array, changes: readonly DraftChange[]): readonly Cut[] {
  return changes.map(({ namespace }) => ({
    from: firstAtLeast(namespaceOf, namespace),
    end: firstAtLeast(namespaceOf, namespace + 1),
  }));
}

/** The first position of ascending `values` that is not below `value`. */
export function firstAtLeast(values: Int32Array, value: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Position of `minor` among those of `major`; -1 where there is none. */
function find(minors: Int32Array, starts: Int32Array, major: number, minor: number): number {
  if (starts.length <= major + 1) return -1;
  return findIn(minors, minor, starts[major]!, starts[major + 1]!);
}

function isAscendingBelow(values: Int32Array, end: number): boolean {
  for (let i = 0; i < values.length; i += 1) {
    if (values[i]! < 0 || end <= values[i]! || (0 < i && values[i]! < values[i - 1]!)) return false;
  }
  return true;
}

function distinct(values: readonly number[]): number[] {
  return [...new Set(values)].sort((a, b) => a - b);
}
