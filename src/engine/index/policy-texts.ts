import type { Protocol } from '../../model/connection-set.ts';
import type { LabelSelector } from '../../model/selector.ts';
import type { PortList } from './ir-tables.ts';
import type { PolicyTables } from './policy-tables.ts';

/**
 * What the numbers of a flat index stand for in the words of policies: all that is needed to read one
 * more policy in the numbers of an index that is there (overlay/). Lists are by number.
 */
export interface PolicyTexts {
  /** Number 0 holds every pod. */
  readonly selectors: readonly LabelSelector[];
  readonly namespaceSelectors: readonly LabelSelector[];
  /** `cidr except…`, as ir-tables.ts writes them. */
  readonly blocks: readonly string[];
  /** As ir-tables.ts writes them. */
  readonly portLists: readonly string[];
  readonly portNames: readonly PortName[];
}

/** A name that rules ask for; no protocol: in any. */
export interface PortName {
  readonly name: string;
  readonly protocol?: Protocol | undefined;
}

/** The texts behind the numbers of `tables`. */
export function textsOf(tables: PolicyTables): PolicyTexts {
  const { selectors, namespaceSelectors, blockTexts, portListTexts, portLists } = tables;
  const portNames = portNamesOf(portLists);
  return { selectors, namespaceSelectors, blocks: blockTexts, portLists: portListTexts, portNames };
}

/** The names of `lists` in the order in which a {@link PortMapTable} numbers them. */
function portNamesOf(lists: readonly PortList[]): PortName[] {
  const names = new Map<string, PortName>();
  for (const one of lists.flatMap((list) => list.names)) {
    const key = portNameKey(one);
    if (!names.has(key)) names.set(key, one);
  }
  return [...names.values()];
}

/** Equal for equal names. */
export function portNameKey({ name, protocol }: PortName): string {
  return `${protocol ?? ''}/${name}`;
}
