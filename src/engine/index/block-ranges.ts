import { parseCidr, subtractRanges } from '../../model/address.ts';
import type { AddressRange } from '../../model/address.ts';
import { parseIpv4Number } from './address-numbers.ts';

/**
 * The addresses of one `(cidr, except)`: sorted, disjoint, not adjacent. IPv4 as numbers, `first, last`
 * one after the other, because that is what clusters are full of; IPv6 as ranges.
 */
export interface BlockRanges {
  readonly v4: Float64Array;
  readonly v6: readonly AddressRange[];
}

const NO_NUMBERS = new Float64Array(0);

/**
 * `cidr` without `except`.
 *
 * @throws RangeError when `cidr` is not one; the decoders let no other through
 */
export function blockRanges(cidr: string, except: readonly string[]): BlockRanges {
  if (except.length === 0) {
    const start = parseIpv4Cidr(cidr);
    if (start !== undefined) return { v4: Float64Array.from(start), v6: [] };
  }
  const range = parseCidr(cidr)?.range;
  if (range === undefined) throw new RangeError(`not a canonical CIDR: ${cidr}`);
  const holes = except.flatMap((text) => parseCidr(text)?.range ?? []);
  const ranges = subtractRanges([range], holes);
  if (range.family === 6) return { v4: NO_NUMBERS, v6: ranges };
  const numbers = ranges.flatMap(({ first, last }) => [Number(first), Number(last)]);
  return { v4: Float64Array.from(numbers), v6: [] };
}

/** First and last address of an IPv4 CIDR whose host bits are zero; undefined for anything else. */
function parseIpv4Cidr(text: string): [first: number, last: number] | undefined {
  const slash = text.indexOf('/');
  const address = slash === -1 ? -1 : parseIpv4Number(text, slash);
  const prefixText = text.slice(slash + 1);
  const prefix = Number(prefixText);
  if (address < 0 || `${prefix}` !== prefixText || !Number.isInteger(prefix)) return undefined;
  if (prefix < 0 || 32 < prefix) return undefined;
  const size = 2 ** (32 - prefix);
  return address % size === 0 ? [address, address + size - 1] : undefined;
}
