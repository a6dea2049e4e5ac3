import { addFault, textOf } from '../fields.ts';
import type { Field } from '../fields.ts';
import { parseAddress, parseCidr, printAddress } from '../../model/address.ts';

const OCTET = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
/** An IPv4 address, which is canonical as it stands. */
const IPV4 = new RegExp(`^(?:${OCTET}\\.){3}${OCTET}$`);

/**
 * The canonical text of the address at `field`; undefined when absent or empty, and with a warning
 * when it is not an address: whatever blocks of addresses say about it is then not known.
 */
export function addressAt(field: Field): string | undefined {
  const text = textOf(field);
  if (text === undefined || text === '') return undefined;
  if (IPV4.test(text)) return text;
  const address = parseAddress(text);
  if (address !== undefined) return printAddress(address);
  addFault(field, `\`${text}\` is not an IP address`, {
    severity: 'warning',
    code: 'INVALID_ADDRESS',
    affectsVerdicts: true,
  });
  return undefined;
}

/** Like {@link addressAt}, for each of `fields`; distinct, in their order. */
export function addressesAt(fields: readonly Field[]): string[] {
  const [only] = fields;
  if (only !== undefined && fields.length === 1) {
    const address = addressAt(only);
    return address === undefined ? [] : [address];
  }
  return [...new Set(fields.flatMap((field) => addressAt(field) ?? []))];
}

/** The canonical, masked CIDR texts of `fields`, distinct and sorted. */
export function cidrsAt(fields: readonly Field[]): string[] {
  const cidrs = fields.flatMap((field) => {
    const text = textOf(field)?.trim();
    if (text === undefined || text === '') return [];
    const cidr = parseCidr(text);
    if (cidr !== undefined) {
      const { family, first } = cidr.range;
      return [`${printAddress({ family, value: first })}/${cidr.prefix}`];
    }
    addFault(field, `\`${text}\` is not a CIDR such as \`10.0.0.0/8\``);
    return [];
  });
  return [...new Set(cidrs)].sort();
}
