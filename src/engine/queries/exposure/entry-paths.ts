import { ALL_PORTS, NO_CONNECTIONS, union } from '../../../model/connection-set.ts';
import type { ConnectionSet } from '../../../model/connection-set.ts';
import type { Reason } from '../../../model/answer.ts';
import type { PodOrdinal } from '../../model-view.ts';
import type { PortView } from '../case-result.ts';
import { allWays } from '../ways-in/all-ways.ts';
import { lookForControllers } from '../ways-in/find-controller.ts';
import { hiddenRoutes } from '../ways-in/hidden-parts.ts';
import type { BackendDraft, WayDraft } from '../ways-in/way.ts';
import type { Steps } from '../../query.ts';
import type { ReachIndex } from '../../reach-index.ts';

/** One way in that leads to pods (semantics 5.7, R2.13, R2.18). */
export interface PodEntry {
  readonly way: WayDraft;
  readonly backend: BackendDraft;
  /** Ports of the pod, and what is known of the clients that arrive there. */
  readonly ports: PortView;
}

interface Entries {
  readonly byPod: ReadonlyMap<PodOrdinal, readonly PodEntry[]>;
  /** Why ways in may lead to pods of a namespace although nobody knows to which. */
  readonly unknown: ReadonlyMap<string, readonly Reason[]>;
}

/** Does not depend on the question. */
const ENTRIES = new WeakMap<ReachIndex, Entries>();
const NO_ENTRIES: Entries = { byPod: new Map(), unknown: new Map() };

/** Finds what leads to each pod; {@link entryPaths} and {@link unknownEntries} need it. */
export function* lookForEntries(index: ReachIndex): Steps<void> {
  if (ENTRIES.has(index)) return;
  yield* lookForControllers(index);
  const byPod = new Map<PodOrdinal, PodEntry[]>();
  const unknown = new Map<string, Reason[]>();
  const seen = new Map<string, Set<BackendDraft>>();
  for (const way of yield* allWays(index)) {
    const { backend, refused, doubts } = way;
    if (backend === undefined || isRefused(way) || isSeen(seen, way, backend)) continue;
    // What it leads to is not known: any pod beside it may be behind it.
    if (backend.groups.length === 0 && refused === undefined) {
      addTo(unknown, backend.name.namespace, doubts);
    }
    for (const group of backend.groups) {
      const entry = { way, backend, ports: ownPorts(way, group.ports) };
      for (const pod of group.pods) addTo(byPod, pod, [entry]);
    }
    yield;
  }
  for (const chunk of index.view.snapshot.namespaces.values()) {
    const hidden = hiddenRoutes(index.view, chunk);
    if (hidden !== undefined) addTo(unknown, chunk.name, [hidden]);
  }
  ENTRIES.set(index, { byPod, unknown });
}

/**
 * The ways in that lead to `pod`. Those at which nothing answers, whatever policies say, bring nothing
 * and are left out. Whether the address of a pod itself can be routed to is not known and not claimed.
 */
export function entryPaths(index: ReachIndex, pod: PodOrdinal): readonly PodEntry[] {
  return (ENTRIES.get(index) ?? NO_ENTRIES).byPod.get(pod) ?? [];
}

/** Why a way in may lead to any pod of `namespace`; empty where it is known where each one leads. */
export function unknownEntries(index: ReachIndex, namespace: string): readonly Reason[] {
  return (ENTRIES.get(index) ?? NO_ENTRIES).unknown.get(namespace) ?? [];
}

function isRefused({ refused, doubts }: WayDraft): boolean {
  return refused !== undefined && doubts.length === 0;
}

/** Paths of one host share their backend, and nothing else of them matters here. */
function isSeen(
  seen: Map<string, Set<BackendDraft>>,
  { via, doubts }: WayDraft,
  backend: BackendDraft,
): boolean {
  const { type, kind, namespace, name, host, port, gateway } = via;
  const key = JSON.stringify([type, kind, namespace, name, host, port, gateway, doubts.length]);
  const backends = seen.get(key) ?? new Set();
  seen.set(key, backends);
  const isKnown = backends.has(backend);
  backends.add(backend);
  return isKnown;
}

/** Told in the pod's own ports, as what is permitted is. */
function ownPorts({ via }: WayDraft, { service, ...ports }: PortView): PortView {
  // What listens on a node is not bound to what its pods declare.
  if (via.type === 'HOST_NETWORK') return { ...ports, asked: ALL_PORTS };
  if (service === undefined) return ports;
  const asked = service.reduce<ConnectionSet>(
    (set, { targets }) => union(set, targets),
    NO_CONNECTIONS,
  );
  return { ...ports, asked };
}

function addTo<Key, Item>(lists: Map<Key, Item[]>, key: Key, items: readonly Item[]): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [...items]);
  else list.push(...items);
}
