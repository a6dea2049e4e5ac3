/** 4 or 6. */
export type Family = 4 | 6;

/** One IP address. IPv4 uses 32 bits of `value`, IPv6 128. */
export interface Address {
  readonly family: Family;
  readonly value: bigint;
}

/** A closed range of addresses of one family. */
export interface AddressRange {
  readonly family: Family;
  readonly first: bigint;
  readonly last: bigint;
}

/** Highest address of each family. */
export const LAST_ADDRESS: Readonly<Record<Family, bigint>> = {
  4: (1n << 32n) - 1n,
  6: (1n << 128n) - 1n,
};

/** `0.0.0.0/0` and `::/0`. */
export const EVERY_ADDRESS: Readonly<Record<Family, AddressRange>> = {
  4: { family: 4, first: 0n, last: LAST_ADDRESS[4] },
  6: { family: 6, first: 0n, last: LAST_ADDRESS[6] },
};

/**
 * The address that `text` names, or undefined.
 *
 * Strict: four decimal octets without leading zeros, or RFC 4291 text (a dotted quad in the last
 * 32 bits is accepted). No zone, no brackets, no spaces.
 */
export function parseAddress(text: string): Address | undefined {
  if (text.includes(':')) {
    const value = parseIpv6(text);
    return value === undefined ? undefined : { family: 6, value };
  }
  const value = parseIpv4(text);
  return value === undefined ? undefined : { family: 4, value };
}

/** A CIDR as written: its prefix length, the address before the slash, and the masked range. */
export interface Cidr {
  readonly range: AddressRange;
  readonly address: bigint;
  readonly prefix: number;
}

/**
 * The CIDR that `text` names, or undefined when it is not one. Host bits are allowed and masked;
 * compare `address` with `range.first` to see them.
 */
export function parseCidr(text: string): Cidr | undefined {
  const match = /^([^/]+)\/(0|[1-9][0-9]{0,2})$/.exec(text);
  const address = match?.[1] === undefined ? undefined : parseAddress(match[1]);
  if (match?.[2] === undefined || address === undefined) return undefined;
  const prefix = Number(match[2]);
  const bits = address.family === 4 ? 32 : 128;
  if (bits < prefix) return undefined;
  const size = 1n << BigInt(bits - prefix);
  const first = (address.value / size) * size;
  return {
    range: { family: address.family, first, last: first + size - 1n },
    address: address.value,
    prefix,
  };
}

/** The range of one address. */
export function singleAddress(address: Address): AddressRange {
  return { family: address.family, first: address.value, last: address.value };
}

/** Canonical text: dotted quad, or RFC 5952 lower-case hexadecimal with the longest run of zeros cut. */
export function printAddress({ family, value }: Address): string {
  return family === 4 ? printIpv4(value) : printIpv6(value);
}

/** `first-last`, or the one address. */
export function printRange({ family, first, last }: AddressRange): string {
  const start = printAddress({ family, value: first });
  return first === last ? start : `${start}-${printAddress({ family, value: last })}`;
}

/** Whether `range` holds `address`. */
export function containsAddress(range: AddressRange, address: Address): boolean {
  return (
    range.family === address.family && range.first <= address.value && address.value <= range.last
  );
}

/** Whether `outer` holds all of `inner`. */
export function containsRange(outer: AddressRange, inner: AddressRange): boolean {
  return outer.family === inner.family && outer.first <= inner.first && inner.last <= outer.last;
}

/**
 * `ranges` sorted (IPv4 before IPv6), with overlapping and adjacent ones of a family merged.
 */
export function mergeRanges(ranges: readonly AddressRange[]): AddressRange[] {
  const sorted = ranges.slice().sort(compareRanges);
  const merged: AddressRange[] = [];
  for (const range of sorted) {
    const last = merged.at(-1);
    if (last !== undefined && last.family === range.family && range.first <= last.last + 1n) {
      if (last.last < range.last) merged[merged.length - 1] = { ...last, last: range.last };
    } else {
      merged.push(range);
    }
  }
  return merged;
}

/** What of `ranges` lies in some range of `others`; canonical as {@link mergeRanges}. */
export function intersectRanges(
  ranges: readonly AddressRange[],
  others: readonly AddressRange[],
): AddressRange[] {
  const result: AddressRange[] = [];
  for (const a of ranges) {
    for (const b of others) {
      if (a.family !== b.family) continue;
      const first = a.first < b.first ? b.first : a.first;
      const last = a.last < b.last ? a.last : b.last;
      if (first <= last) result.push({ family: a.family, first, last });
    }
  }
  return mergeRanges(result);
}

/** What of `ranges` lies in no range of `holes`; canonical as {@link mergeRanges}. */
export function subtractRanges(
  ranges: readonly AddressRange[],
  holes: readonly AddressRange[],
): AddressRange[] {
  const merged = mergeRanges(holes);
  const result: AddressRange[] = [];
  for (const range of mergeRanges(ranges)) {
    let first = range.first;
    for (const hole of merged) {
      if (hole.family !== range.family || hole.last < first) continue;
      if (range.last < hole.first) break;
      if (first < hole.first) result.push({ family: range.family, first, last: hole.first - 1n });
      first = hole.last + 1n;
    }
    if (first <= range.last) result.push({ family: range.family, first, last: range.last });
  }
  return result;
}

/** The fewest CIDRs that cover exactly `ranges`, sorted, IPv4 before IPv6. */
export function cidrsOf(ranges: readonly AddressRange[]): string[] {
  return mergeRanges(ranges).flatMap(cidrsOfRange);
}

/** Orders ranges by family, then first, then last address. */
export function compareRanges(a: AddressRange, b: AddressRange): number {
  if (a.family !== b.family) return a.family - b.family;
  if (a.first !== b.first) return a.first < b.first ? -1 : 1;
  if (a.last !== b.last) return a.last < b.last ? -1 : 1;
  return 0;
}

function cidrsOfRange({ family, first, last }: AddressRange): string[] {
  const bits = family === 4 ? 32 : 128;
  const cidrs: string[] = [];
  let start = first;
  let size = 1n;
  let prefix = bits;
  // What follows a block is aligned as the block was, so sizes grow and then shrink: none is tried twice.
  while (start <= last) {
    while (0 < prefix && start % (size * 2n) === 0n && start + size * 2n - 1n <= last) {
      size *= 2n;
      prefix -= 1;
    }
    while (last < start + size - 1n) {
      size /= 2n;
      prefix += 1;
    }
    cidrs.push(`${printAddress({ family, value: start })}/${prefix}`);
    start += size;
  }
  return cidrs;
}

function parseIpv4(text: string): bigint | undefined {
  const octets = text.split('.');
  if (octets.length !== 4) return undefined;
  let value = 0n;
  for (const octet of octets) {
    if (!/^(0|[1-9][0-9]{0,2})$/.test(octet) || 255 < Number(octet)) return undefined;
    value = value * 256n + BigInt(octet);
  }
  return value;
}

function parseIpv6(text: string): bigint | undefined {
  const halves = text.split('::');
  if (2 < halves.length) return undefined;
  const head = parseHextets(halves[0] ?? '', halves.length === 1);
  const tail = halves.length === 2 ? parseHextets(halves[1] ?? '', true) : [];
  if (head === undefined || tail === undefined) return undefined;
  const known = head.length + tail.length;
  if (halves.length === 1 ? known !== 8 : 7 < known) return undefined;
  const zeros = new Array<number>(8 - known).fill(0);
  return [...head, ...zeros, ...tail].reduce((value, part) => value * 65536n + BigInt(part), 0n);
}

function parseHextets(text: string, mayEndInQuad: boolean): number[] | undefined {
  if (text === '') return [];
  const parts = text.split(':');
  const result: number[] = [];
  for (const [i, part] of parts.entries()) {
    if (mayEndInQuad && i === parts.length - 1 && part.includes('.')) {
      const quad = parseIpv4(part);
      if (quad === undefined) return undefined;
      result.push(Number(quad >> 16n), Number(quad & 0xffffn));
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) {
      result.push(Number.parseInt(part, 16));
    } else {
      return undefined;
    }
  }
  return result;
}

function printIpv4(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => ((value >> shift) & 255n).toString()).join('.');
}

function printIpv6(value: bigint): string {
  const parts = Array.from({ length: 8 }, (_, i) => (value >> BigInt(112 - i * 16)) & 0xffffn);
  let best = { start: 0, length: 0 };
  let start = 0;
  while (start < 8) {
    let end = start;
    while (end < 8 && parts[end] === 0n) end += 1;
    if (best.length < end - start) best = { start, length: end - start };
    start = end + 1;
  }
  const print = (list: readonly bigint[]): string =>
    list.map((part) => part.toString(16)).join(':');
  if (best.length < 2) return print(parts);
  return `${print(parts.slice(0, best.start))}::${print(parts.slice(best.start + best.length))}`;
}
