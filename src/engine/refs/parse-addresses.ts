import { LAST_ADDRESS, parseAddress, parseCidr, printAddress } from '../../model/address.ts';
import type { Address, AddressRange } from '../../model/address.ts';
import { PodreachError } from '../../model/errors.ts';

/** One address or one block of them, as a ref names it. */
export type AddressSyntax =
  | { readonly kind: 'address'; readonly address: Address }
  | { readonly kind: 'cidr'; readonly range: AddressRange; readonly prefix: number };

/** `::ffff:0:0`: where IPv4 addresses stand in IPv6 (RFC 4291). */
const MAPPED_FIRST = 0xffffn << 32n;
const MAPPED_PREFIX = 96;

/**
 * Whether `text` is meant as addresses: a colon never stands in a name, and a name does not begin
 * with four numbers.
 */
export function looksLikeAddresses(text: string): boolean {
  return text.includes(':') || /^\s*\d+\.\d+[\d.]*\s*(?:[/,%]|$)/.test(text);
}

/**
 * Reads addresses and CIDRs, comma separated. `::ffff:10.0.0.1` is 10.0.0.1.
 *
 * @throws PodreachError `bad-ref`, for host bits and zones too
 */
export function parseAddresses(text: string): AddressSyntax[] {
  return text.split(',').map((item) => parseItem(item.trim()));
}

/** `10.0.0.1`, `10.0.0.0/8`: canonical text. */
export function printAddressSyntax(syntax: AddressSyntax): string {
  if (syntax.kind === 'address') return printAddress(syntax.address);
  const { family, first } = syntax.range;
  return `${printAddress({ family, value: first })}/${syntax.prefix}`;
}

function parseItem(item: string): AddressSyntax {
  if (item.includes('%')) {
    throw refusal(item, 'a zone means something on one machine only; leave it out');
  }
  if (/^\d+\.\d+\.\d+\.\d+:\d+$/.test(item) || item.startsWith('[')) {
    throw refusal(item, 'leave out brackets, and give the port as the port of the question');
  }
  const address = parseAddress(item);
  if (address !== undefined) return { kind: 'address', address: unmapped(address) };
  const cidr = parseCidr(item);
  if (cidr === undefined) {
    throw refusal(item, 'addresses are written as in `10.1.2.3`, `10.0.0.0/8` or `2001:db8::/32`');
  }
  const { range, prefix } = cidr;
  const block = unmappedBlock({ kind: 'cidr', range, prefix });
  if (cidr.address !== range.first) {
    const [whole] = item.split('/');
    const suggestions = [printAddressSyntax(block), whole ?? ''];
    const choice = `\`${suggestions.join('` or `')}\``;
    throw refusal(item, `it has bits set behind the prefix; write ${choice}`, suggestions);
  }
  return block;
}

function unmapped({ family, value }: Address): Address {
  const below = value - MAPPED_FIRST;
  const mapped = family === 6 && 0n <= below && below <= LAST_ADDRESS[4];
  return mapped ? { family: 4, value: below } : { family, value };
}

function unmappedBlock(block: AddressSyntax & { kind: 'cidr' }): AddressSyntax {
  const { range, prefix } = block;
  const first = unmapped({ family: range.family, value: range.first });
  if (first.family === range.family || prefix < MAPPED_PREFIX) return block;
  const last = range.last - MAPPED_FIRST;
  return {
    kind: 'cidr',
    range: { family: 4, first: first.value, last },
    prefix: prefix - MAPPED_PREFIX,
  };
}

function refusal(item: string, why: string, suggestions?: readonly string[]): PodreachError {
  const message =
    item === '' ? `an address is missing: ${why}` : `\`${item}\` is no address: ${why}`;
  return new PodreachError('bad-ref', message, suggestions === undefined ? {} : { suggestions });
}
