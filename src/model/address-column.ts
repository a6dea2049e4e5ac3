import { decodeAs, list, text } from './json-codec.ts';
import { broken, jsonOf } from './sections.ts';
import type { SectionReader, SectionWriter } from './sections.ts';
import { readTexts, writeTexts } from './text-column.ts';

/*
 * A column of lists of addresses. Nearly all are one IPv4 address, one IPv6 address or one of each, in
 * this order: a byte for each row says which. IPv4 addresses follow as numbers, others as texts, and
 * any other list as it is.
 */

/** Kind of a row: the list is empty. */
export const NO_ADDRESS = 0;
/** The list is one IPv4 address. */
export const ONE_IPV4 = 1;
/** Bit: behind the IPv4 address, or alone, stands a text that is none. */
const ONE_TEXT = 2;
/** Any other list. */
const OTHER_LIST = 4;

const lists = list(list(text));

/** Writes lists of addresses: five sections. */
export function writeAddresses(out: SectionWriter, rows: readonly (readonly string[])[]): void {
  const kinds = new Uint8Array(rows.length);
  const ipv4 = new Uint32Array(rows.length);
  const texts: string[] = [];
  const others: (readonly string[])[] = [];
  for (const [row, addresses] of rows.entries()) {
    const [first = '', second] = addresses;
    const number = ipv4Number(first);
    const rest = 0 <= number ? addresses.length - 1 : addresses.length;
    if (1 < rest) {
      kinds[row] = OTHER_LIST;
      others.push(addresses);
      continue;
    }
    if (0 <= number) ipv4[row] = number;
    if (rest === 1) texts.push(0 <= number ? (second ?? '') : first);
    kinds[row] = (0 <= number ? ONE_IPV4 : 0) | (rest === 1 ? ONE_TEXT : 0);
  }
  out.add(kinds);
  out.addColumn(ipv4);
  writeTexts(out, texts);
  out.addJson(lists.encode(others));
}

/** Lists of addresses as they are written. */
export interface AddressColumn {
  /** By row: {@link NO_ADDRESS}, {@link ONE_IPV4}, or another number for any other list. */
  readonly kinds: Uint8Array;
  /** By row: the IPv4 address as a number, of rows that are {@link ONE_IPV4}. */
  readonly ipv4: Uint32Array;
  /** All lists as texts, frozen. @throws `snapshot-corrupt` */
  readonly all: () => readonly (readonly string[])[];
}

/** Reads the column of {@link writeAddresses}. @throws `snapshot-corrupt` */
export function readAddresses(sections: SectionReader): AddressColumn {
  const kinds = sections.next();
  const { buffer, byteOffset, length } = sections.nextColumn();
  const texts = readTexts(sections);
  const json = sections.next();
  const withText = kinds.reduce((count, kind) => count + (kind & ONE_TEXT) / ONE_TEXT, 0);
  if (length !== kinds.length || texts.length !== withText) throw broken('addresses are missing');
  if (kinds.some((kind) => OTHER_LIST < kind)) throw broken('addresses are of an unknown kind');
  const ipv4 = new Uint32Array(buffer, byteOffset, length);
  const all = (): readonly (readonly string[])[] => {
    const others = decodeAs(lists, jsonOf(json), 'addresses');
    return listAll({ kinds, ipv4, texts: texts.all(), others });
  };
  return { kinds, ipv4, all };
}

function listAll({
  kinds,
  ipv4,
  texts,
  others,
}: Pick<AddressColumn, 'kinds' | 'ipv4'> & {
  readonly texts: readonly string[];
  readonly others: readonly (readonly string[])[];
}): readonly (readonly string[])[] {
  let nextText = 0;
  let nextOther = 0;
  const rows: (readonly string[])[] = [];
  for (const [row, kind] of kinds.entries()) {
    if (kind === OTHER_LIST) {
      const other = others[nextOther++];
      if (other === undefined) throw broken('a list of addresses is missing');
      rows.push(other);
      continue;
    }
    const addresses: string[] = [];
    if ((kind & ONE_IPV4) !== 0) addresses.push(ipv4Text(ipv4[row] ?? 0));
    if ((kind & ONE_TEXT) !== 0) addresses.push(texts[nextText++] ?? '');
    rows.push(Object.freeze(addresses));
  }
  return Object.freeze(rows);
}

const ZERO = 48;
const DOT = 46;

/** A canonical dotted quad as a number; -1 for any other text. */
function ipv4Number(quad: string): number {
  let value = 0;
  let octet = -1;
  let dots = 0;
  for (let i = 0; i < quad.length; i += 1) {
    const code = quad.charCodeAt(i);
    if (code === DOT) {
      if (octet < 0) return -1;
      value = value * 256 + octet;
      octet = -1;
      dots += 1;
      continue;
    }
    const digit = code - ZERO;
    // No octet has a zero in front of other digits.
    if (digit < 0 || 9 < digit || octet === 0) return -1;
    octet = octet < 0 ? digit : octet * 10 + digit;
    if (255 < octet) return -1;
  }
  return dots === 3 && 0 <= octet ? value * 256 + octet : -1;
}

function ipv4Text(value: number): string {
  return `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`;
}
