import { readAddresses, writeAddresses } from './address-column.ts';
import type { AddressColumn } from './address-column.ts';
import { lazyMembers } from './lazy-member.ts';
import { broken } from './sections.ts';
import type { SectionReader, SectionWriter } from './sections.ts';
import type { NumberColumn, PodTable } from './snapshot.ts';
import { readInterned, readTexts, writeInterned, writeTexts } from './text-column.ts';
import type { InternedColumn } from './text-column.ts';

/** Columns of a stored {@link PodTable} as numbers, of which no texts have to be made. */
export interface PackedPods {
  readonly addresses: AddressColumn;
  readonly nodes: InternedColumn;
}

const withTexts = lazyMembers<Pick<PodTable, 'name' | 'uid' | 'addresses' | 'node'>>(
  'name',
  'uid',
  'addresses',
  'node',
);

const packed = new WeakMap<PodTable, PackedPods>();

/** The columns behind `pods`; undefined for a table that was not read from bytes. */
export function packedPods(pods: PodTable): PackedPods | undefined {
  return packed.get(pods);
}

/** Writes the pods of a namespace. @throws RangeError for numbers that do not fit their column */
export function writePods(out: SectionWriter, pods: PodTable): void {
  writeTexts(out, pods.name);
  writeTexts(out, pods.uid);
  out.addColumn(int32(pods.shape));
  writeAddresses(out, pods.addresses);
  writeInterned(out, pods.node);
  out.addColumn(int32(pods.workload));
  out.add(uint8(pods.phase));
  out.add(uint8(pods.flags));
}

/** Reads the pods of {@link writePods}; texts are made when asked for. @throws `snapshot-corrupt` */
export function readPods(sections: SectionReader): PodTable {
  const name = readTexts(sections);
  const uid = readTexts(sections);
  const shape = sections.nextColumn();
  const addresses = readAddresses(sections);
  const nodes = readInterned(sections);
  const workload = sections.nextColumn();
  const phase = sections.next();
  const flags = sections.next();
  const columns = [uid, shape, addresses.kinds, nodes.ids, workload, phase, flags];
  if (columns.some(({ length }) => length !== name.length)) throw broken('a column is too short');
  const pods = withTexts(
    { shape, workload, phase, flags },
    {
      name: name.all,
      uid: uid.all,
      addresses: addresses.all,
      node: () => {
        const texts = nodes.texts();
        return Object.freeze(Array.from(nodes.ids, (id) => texts[id] ?? ''));
      },
    },
  );
  packed.set(pods, { addresses, nodes });
  return pods;
}

function int32(numbers: NumberColumn): Int32Array {
  const column = Int32Array.from(numbers);
  checkSame(numbers, column);
  return column;
}

function uint8(numbers: NumberColumn): Uint8Array {
  const column = Uint8Array.from(numbers);
  checkSame(numbers, column);
  return column;
}

/** What could not be read back is never written. */
function checkSame(numbers: NumberColumn, column: Int32Array | Uint8Array): void {
  for (const [i, number] of numbers.entries()) {
    if (number !== column[i]) throw new RangeError(`\`${number}\` does not fit its column`);
  }
}
