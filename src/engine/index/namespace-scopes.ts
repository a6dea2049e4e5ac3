import { matchesPartly } from '../../model/selector.ts';
import type { LabelSelector } from '../../model/selector.ts';
import type { NamespaceChunk } from '../../model/snapshot.ts';
import { SetBuilder } from './class-set.ts';
import type { SetArenas } from './class-set.ts';
import { csrOf } from './csr.ts';
import type { Csr } from './csr.ts';
import { IntList } from './int-list.ts';
import { SelectorFile, SelectorIndex } from './selector-index.ts';

/** Namespaces by namespace selector: those it holds, and those of which too little is known. */
export interface NamespaceScopes {
  readonly certain: SetArenas;
  readonly possible: SetArenas;
}

/**
 * Which namespaces each selector holds. A namespace whose object is missing from a dump is known by
 * name alone, so most selectors can only be a `maybe` there.
 */
export function matchNamespaces(
  selectors: readonly LabelSelector[],
  namespaces: readonly NamespaceChunk[],
): NamespaceScopes {
  const index = new SelectorIndex(selectors);
  const file = new SelectorFile(index);
  for (let i = 0; i < selectors.length; i += 1) file.add(i);
  const certain = new Rows();
  const possible = new Rows();
  const pairs: number[] = [];
  const found = new IntList();
  for (const [i, chunk] of namespaces.entries()) {
    if (chunk.known === 'UNKNOWN') {
      for (const [selector, one] of selectors.entries()) {
        const match = matchesPartly(one, chunk.labels);
        if (match !== 'no') (match === 'yes' ? certain : possible).add(selector, i);
      }
      continue;
    }
    const count = index.project(chunk.labels, pairs);
    index.reset();
    for (let k = 0; k < count; k += 1) index.load(pairs[k]!);
    found.truncate(0);
    file.find(pairs, count, found);
    for (let k = 0; k < found.length; k += 1) certain.add(found.at(k), i);
  }
  const sets = (rows: Csr): SetArenas => {
    const builder = new SetBuilder(namespaces.length);
    for (let i = 0; i < selectors.length; i += 1) {
      builder.add(rows.items, rows.start[i]!, rows.start[i + 1]!);
    }
    return builder.build();
  };
  return {
    certain: sets(certain.build(selectors.length)),
    possible: sets(possible.build(selectors.length)),
  };
}

/** Members by row, added in ascending order of members. */
class Rows {
  readonly #owners = new IntList();
  readonly #members = new IntList();

  add(row: number, member: number): void {
    this.#owners.push(row);
    this.#members.push(member);
  }

  build(rows: number): Csr {
    return csrOf(rows, this.#owners.toArray(), this.#members.toArray());
  }
}
