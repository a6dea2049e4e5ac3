import type { InputEvidence, KindName, ReadItem } from '../../read-item.ts';

/** What shows in the order of items that `kubectl cluster-info dump` printed them. */
export interface PrintedDump {
  /** The item, marked when what it is part of has to be told apart. */
  readonly note: (item: ReadItem) => ReadItem;
  /** There was a log between the objects. */
  readonly noteLog: () => void;
  /** Whether it is such a dump. */
  readonly isDump: () => boolean;
  /** What the dump has, once all of it was read. */
  readonly evidence: () => InputEvidence;
}

/** The last of the lists that a dump has of each namespace. */
const LAST_LIST = 'PodList';
/** What such a dump has; objects of other kinds were added by somebody and stand for themselves. */
const DUMPED = new Set(
  ['Pod', 'Service', 'ReplicationController', 'ReplicaSet', 'Deployment', 'DaemonSet'].flatMap(
    (kind) => [kind, `${kind}List`],
  ),
);

/** Whether such a dump has the kind by namespace, so that it never vouches for all of it. */
export function isDumpedKind({ kind }: KindName): boolean {
  return DUMPED.has(kind);
}

interface State {
  /** The first two lists are those of a dump. */
  isDump: boolean;
  /** There was a log: it is a dump, or what was left of one, and nothing of it is sure. */
  hasLog: boolean;
  listsSeen: number;
  /** The last kind of which an item was noted while it was not yet known what this is. */
  last: KindName | undefined;
  readonly early: Map<string, KindName>;
  /** Namespaces of all items since the last list of Pods. */
  readonly namespaces: Set<string>;
  /** Whole lists since then. */
  readonly lists: KindName[];
  readonly covers: Map<string, KindName & { readonly namespaces: Set<string> }>;
}

/**
 * Follows the items of one text. Such a dump is the list of Nodes and then, namespace by namespace,
 * seven lists from Events to Pods; an empty list does not say of which namespace it is, but the others
 * of its seven do. Only these namespaces are covered: which others there are, it does not say.
 *
 * @see https://github.com/kubernetes/kubectl/blob/master/pkg/cmd/clusterinfo/clusterinfo_dump.go
 */
export function followPrintedDump(): PrintedDump {
  const state: State = {
    isDump: false,
    hasLog: false,
    listsSeen: 0,
    last: undefined,
    early: new Map(),
    namespaces: new Set(),
    lists: [],
    covers: new Map(),
  };
  return {
    note: (item) => note(state, item),
    noteLog: () => {
      state.hasLog = true;
    },
    isDump: () => state.isDump || state.hasLog,
    evidence: () => ({
      shapes: ['cluster-info'],
      covers: [...state.covers.values()].map(({ apiVersion, kind, namespaces }) => ({
        apiVersion,
        kind,
        namespaces: [...namespaces],
      })),
      doubts: [...state.early.values()],
      forbidden: [],
    }),
  };
}

function note(state: State, item: ReadItem): ReadItem {
  if (item.type === 'problem' || item.type === 'evidence') return item;
  if (!state.isDump) noteEarly(state, item);
  noteNamespace(state, item);
  if (!state.isDump || item.type === 'skipped' || !DUMPED.has(item.kind)) return item;
  if (item.type === 'list') noteList(state, item);
  return { ...item, scoped: true };
}

type Found = Exclude<ReadItem, { type: 'problem' | 'evidence' }>;

/** Looks for the list of Nodes, and right after it the first one of Events. */
function noteEarly(state: State, item: Found): void {
  const { type, apiVersion, kind } = item;
  if (type === 'list') {
    state.listsSeen += 1;
    const isSecond = state.listsSeen === 2 && kind === 'EventList';
    if (isSecond && state.last?.kind === 'NodeList') state.isDump = true;
  }
  // Events stand between the list of Nodes and their own.
  const isSame = state.last?.kind === kind && state.last.apiVersion === apiVersion;
  if (type === 'skipped' || isSame) return;
  state.last = { apiVersion, kind };
  if (!DUMPED.has(kind)) return;
  const name = type === 'list' ? kind.replace(/List$/, '') : kind;
  state.early.set(`${name} ${apiVersion}`, { apiVersion, kind: name });
}

function noteNamespace(state: State, item: Found): void {
  if (item.type === 'skipped' && item.namespace !== undefined) state.namespaces.add(item.namespace);
  if (item.type !== 'object') return;
  const namespace = namespaceOf(item);
  if (namespace !== undefined) state.namespaces.add(namespace);
}

function noteList(state: State, item: Extract<ReadItem, { type: 'list' }>): void {
  const { apiVersion, kind, truncated } = item;
  if (!truncated) state.lists.push({ apiVersion, kind: kind.replace(/List$/, '') });
  if (kind !== LAST_LIST) return;
  const [namespace, ...others] = state.namespaces;
  if (namespace !== undefined && others.length === 0) {
    for (const list of state.lists) {
      const key = `${list.kind} ${list.apiVersion}`;
      const known = state.covers.get(key);
      if (known === undefined) {
        state.covers.set(key, { ...list, namespaces: new Set([namespace]) });
      } else known.namespaces.add(namespace);
    }
  }
  state.namespaces.clear();
  state.lists.length = 0;
}

/** `metadata.namespace` of an object, where it is a text. */
export function namespaceOf({ value }: Extract<ReadItem, { type: 'object' }>): string | undefined {
  const { metadata } = value;
  if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata))
    return undefined;
  const { namespace } = metadata as Readonly<Record<string, unknown>>;
  return typeof namespace === 'string' && namespace !== '' ? namespace : undefined;
}
