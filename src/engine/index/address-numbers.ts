/*
 * Addresses as plain numbers: IPv4 in one, IPv6 in four of 32 bits. A cluster has an address or two for
 * each pod, and as bigints they would be most of the time it takes to sort pods into parties.
 */

const DOT = 46;
const ZERO = 48;
const COLON = 58;

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

/**
 * Writes the IPv6 address that `text` names to `into` as four words, the first bits first; false when
 * it is written in any way but hexadecimal groups, with `::` at most once. What is refused may be an
 * address all the same (a dotted quad at its end): ask `parseAddress`.
 */
export function parseIpv6Words(text: string, into: Uint32Array): boolean {
  let groups = 0;
  let gap = -1;
  let value = 0;
  let digits = 0;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code !== COLON) {
      const digit = hexDigit(code);
      if (digit < 0 || digits === 4) return false;
      value = value * 16 + digit;
      digits += 1;
      continue;
    }
    const double = text.charCodeAt(i + 1) === COLON;
    // A single colon stands between two groups.
    if (!double && (digits === 0 || i + 1 === text.length)) return false;
    if (digits !== 0) {
      if (groups === 8) return false;
      GROUPS[groups++] = value;
      value = 0;
      digits = 0;
    }
    if (double) {
      if (0 <= gap) return false;
      gap = groups;
      i += 1;
    }
  }
  if (digits !== 0) {
    if (groups === 8) return false;
    GROUPS[groups++] = value;
  }
  if (gap < 0 ? groups !== 8 : groups === 8) return false;
  for (let k = 0; k < 4; k += 1) {
    into[k] = groupAt(2 * k, groups, gap) * 65536 + groupAt(2 * k + 1, groups, gap);
  }
  return true;
}

/** Scratch of {@link parseIpv6Words}. */
const GROUPS = new Uint16Array(8);

/** Group `i` of eight, of which those at the gap are zero. */
function groupAt(i: number, groups: number, gap: number): number {
  if (gap < 0 || i < gap) return GROUPS[i]!;
  const after = i - (8 - groups);
  return after < gap ? 0 : GROUPS[after]!;
}

function hexDigit(code: number): number {
  if (ZERO <= code && code < ZERO + 10) return code - ZERO;
  const letter = (code | 32) - 97;
  return 0 <= letter && letter < 6 ? letter + 10 : -1;
}

/** Writes a 128-bit number to `into` as four words, the first bits first. */
export function wordsOfIpv6(value: bigint, into: Uint32Array): void {
  for (let k = 0; k < 4; k += 1) into[k] = Number((value >> BigInt(96 - 32 * k)) & 0xffffffffn);
}
