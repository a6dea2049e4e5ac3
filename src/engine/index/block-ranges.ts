import { parseCidr, subtractRanges } from '../../model/address.ts';
import type { AddressRange } from '../../model/address.ts';

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

const DOT = 46;
const ZERO = 48;

/**
 * The IPv4 address in the first `end` characters of `text` as a number; -1 when it is not exactly four
 * decimal octets without leading zeros. The same texts as `parseAddress` takes, without its objects.
 */
export function parseIpv4Number(text: string, end = text.length): number {
  let value = 0;
  let octet = -1;
  let octets = 1;
  for (let i = 0; i < end; i += 1) {
    const code = text.charCodeAt(i);
    if (code === DOT) {
      if (octet < 0 || octets === 4) return -1;
      value = value * 256 + octet;
      octets += 1;
      octet = -1;
      continue;
    }
    const digit = code - ZERO;
    // A second digit after a zero would be a leading zero.
    if (digit < 0 || 9 < digit || octet === 0) return -1;
    octet = octet < 0 ? digit : octet * 10 + digit;
    if (255 < octet) return -1;
  }
  return octets === 4 && 0 <= octet ? value * 256 + octet : -1;
}
