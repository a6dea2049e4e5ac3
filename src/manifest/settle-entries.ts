import type { EntryContent } from './kinds/entry/entry-content.ts';
import type { Faulty, Settled } from './versions.ts';
import type { ControllerClass, Entry, Gateway, NamespaceEntries } from '../model/entry.ts';
import type { ReferenceGrant } from '../model/entry.ts';

type SettledEntry = Settled<EntryContent & Faulty>;

/** What brings traffic in, by where it is. */
export interface PlacedEntries {
  /** Sorted by kind, then name. */
  readonly classes: readonly ControllerClass[];
  readonly namespaces: Map<string, NamespaceEntries>;
}

/**
 * The same objects; what is wrong with one of them changes no verdict about two ends, and is told where
 * ways in are asked for: the object carries the doubt itself.
 */
export function settleEntries(entries: readonly SettledEntry[]): SettledEntry[] {
  return entries.map((entry) => {
    if (entry.problems.length === 0) return entry;
    const problems = entry.problems.map((one) => ({ ...one, affectsVerdicts: false }));
    return { ...entry, problems };
  });
}

/** Lays out `entries` by namespace. */
export function placeEntries(entries: readonly SettledEntry[]): PlacedEntries {
  const classes: ControllerClass[] = [];
  const namespaces = new Map<string, Drafts>();
  for (const { ref, content, conflict } of entries) {
    const { faulty, ...rest } = content;
    const doubtful = conflict || faulty;
    const { name } = ref;
    const uid = ref.uid === undefined ? {} : { uid: ref.uid };
    const home = draftsOf(namespaces, ref.namespace ?? '');
    switch (rest.type) {
      case 'class': {
        const { kind, controller, isDefault } = rest;
        classes.push({ kind, name, controller, isDefault, doubtful });
        break;
      }
      case 'gateway': {
        const { className, addresses, accepted, listeners } = rest;
        home.gateways.push({ name, ...uid, className, addresses, accepted, listeners, doubtful });
        break;
      }
      case 'grant':
        home.grants.push({ name, from: rest.from, to: rest.to, doubtful });
        break;
      case 'entry':
        home.entries.push({ ...rest.entry, ref, doubtful });
        break;
    }
  }
  namespaces.delete('');
  for (const { entries: list } of namespaces.values()) list.sort(byKindAndName);
  classes.sort((a, b) => (`${a.kind} ${a.name}` < `${b.kind} ${b.name}` ? -1 : 1));
  return { classes, namespaces };
}

interface Drafts extends NamespaceEntries {
  readonly entries: Entry[];
  readonly gateways: Gateway[];
  readonly grants: ReferenceGrant[];
}

function draftsOf(namespaces: Map<string, Drafts>, name: string): Drafts {
  const known = namespaces.get(name) ?? { entries: [], gateways: [], grants: [] };
  namespaces.set(name, known);
  return known;
}

function byKindAndName({ ref: a }: Entry, { ref: b }: Entry): number {
  return `${a.kind} ${a.name} ${a.apiVersion}` < `${b.kind} ${b.name} ${b.apiVersion}` ? -1 : 1;
}
