import { addFault, child, integerOf, isAbsent, itemsOf, objectOf } from '../fields.ts';
import { textOf, wordOf } from '../fields.ts';
import type { Field } from '../fields.ts';
import { portNameFault } from '../names.ts';
import { containsRange, parseAddress, parseCidr, printAddress } from '../../model/address.ts';
import type { Address, Cidr } from '../../model/address.ts';
import { PORT_MAX, PORT_MIN, PROTOCOLS } from '../../model/connection-set.ts';
import type { Direction, PeerAtom, PeerTerm, PortTerm, Rule } from '../../model/policy.ts';
import type { Reading } from '../../model/reading.ts';
import { MATCH_ALL } from '../../model/selector.ts';
import { decodeLabelSelector } from './label-selector.ts';
import { checkFields } from './unknown-fields.ts';

/** What the meaning of a rule depends on besides its text. */
export interface RuleContext {
  /** Of the policy: where a lone pod selector selects (semantics R1.20). */
  readonly namespace: string;
  readonly reading: Reading;
}

/**
 * The rules at `list`. A `null` rule is an empty one, which allows everything, and a rule without
 * peers or ports is for all of them (semantics R1.8–R1.10, R1.63).
 */
export function decodeRules(list: Field, direction: Direction, context: RuleContext): Rule[] {
  const peersKey = direction === 'INGRESS' ? 'from' : 'to';
  return itemsOf(list).map((rule, index) => {
    checkFields(rule, [peersKey, 'ports'], context.reading);
    const peers = itemsOf(child(rule, peersKey)).flatMap((peer, i) => decodePeer(peer, i, context));
    const ports = itemsOf(child(rule, 'ports')).flatMap((port, i) =>
      decodePort(port, i, context.reading),
    );
    return {
      index,
      action: 'allow',
      // What was written and could not be decoded must not read as "every"; it has a fault.
      peers: peers.length === 0 ? 'every' : peers,
      ports: ports.length === 0 ? 'every' : ports,
    };
  });
}

function decodePeer(peer: Field, index: number, context: RuleContext): PeerTerm[] {
  checkFields(peer, ['podSelector', 'namespaceSelector', 'ipBlock'], context.reading);
  if (objectOf(peer) === undefined && !isAbsent(peer)) return [];
  const pods = child(peer, 'podSelector');
  const namespaces = child(peer, 'namespaceSelector');
  const block = child(peer, 'ipBlock');
  const selects = !isAbsent(pods) || !isAbsent(namespaces);
  if (!isAbsent(block)) {
    if (selects) {
      addFault(peer, '`ipBlock` cannot stand beside a selector; make them two entries');
    }
    return decodeBlock(block, context.reading).map((atom) => ({ index, negated: false, atom }));
  }
  if (!selects) {
    const remedy =
      'to allow everyone leave out the list; to allow all pods write `podSelector: {}`';
    addFault(peer, `a peer must say who it is; ${remedy}`);
    return [];
  }
  const atom: PeerAtom = {
    kind: 'pods',
    selection: {
      namespaces: isAbsent(namespaces)
        ? { kind: 'named', name: context.namespace }
        : { kind: 'selected', selector: decodeLabelSelector(namespaces, context.reading) },
      pods: isAbsent(pods) ? MATCH_ALL : decodeLabelSelector(pods, context.reading),
    },
  };
  return [{ index, negated: false, atom }];
}

function decodeBlock(block: Field, reading: Reading): PeerAtom[] {
  checkFields(block, ['cidr', 'except'], reading);
  const cidr = cidrAt(child(block, 'cidr'), reading);
  const except: string[] = [];
  for (const item of itemsOf(child(block, 'except'))) {
    const hole = cidrAt(item, reading);
    if (hole === undefined || cidr === undefined) continue;
    if (!containsRange(cidr.range, hole.range) || hole.prefix <= cidr.prefix) {
      addFault(item, `\`${printCidr(hole)}\` is not a smaller part of \`${printCidr(cidr)}\``);
    }
    except.push(printCidr(hole));
  }
  if (cidr === undefined) return [];
  const holes = [...new Set(except)].sort();
  return [{ kind: 'addresses', cidr: printCidr(cidr), except: holes, owned: 'options' }];
}

/** The CIDR at `field`, as strict as servers judge what is new, or as lenient as before 1.36 (D20). */
function cidrAt(field: Field, { strictCIDR }: Reading): Cidr | undefined {
  const text = textOf(field);
  if (text === undefined || text === '') {
    if (text === '' || isAbsent(field)) {
      addFault(field, 'a CIDR such as `10.0.0.0/8` is missing');
    }
    return undefined;
  }
  const strict = parseCidr(text);
  const cidr = strict ?? parseCidr(withoutLeadingZeros(text));
  if (cidr === undefined) {
    const single = parseAddress(text);
    const remedy = single === undefined ? '' : `; for one address write \`${printSingle(single)}\``;
    addFault(field, `\`${text}\` is not a CIDR such as \`10.0.0.0/8\`${remedy}`);
    return undefined;
  }
  const flaw = looseness(cidr, strict === undefined);
  if (flaw !== undefined) {
    const outcome = `servers before 1.36 accept it and read \`${printCidr(cidr)}\``;
    addFault(field, `\`${text}\` ${flaw}; ${outcome}`, {
      severity: strictCIDR ? 'error' : 'warning',
      ...(strictCIDR ? {} : { code: 'LENIENT_CIDR' }),
    });
  }
  return cidr;
}

function looseness({ range, address }: Cidr, padded: boolean): string | undefined {
  if (padded) return 'has leading zeros';
  if (range.family === 6 && address >> 32n === 0xffffn) return 'is an IPv4 address written as IPv6';
  return address === range.first ? undefined : 'has bits set beyond its prefix';
}

function withoutLeadingZeros(text: string): string {
  return text.includes(':') ? text : text.replace(/(^|[./])0+(?=\d)/g, '$1');
}

function printSingle(address: Address): string {
  return `${printAddress(address)}/${address.family === 4 ? 32 : 128}`;
}

function printCidr({ range, prefix }: Cidr): string {
  return `${printAddress({ family: range.family, value: range.first })}/${prefix}`;
}

function decodePort(item: Field, index: number, reading: Reading): PortTerm[] {
  if (objectOf(item) === undefined && !isAbsent(item)) return [];
  checkFields(item, ['protocol', 'port', 'endPort'], reading);
  const protocol = wordOf(child(item, 'protocol'), PROTOCOLS) ?? 'TCP';
  const port = child(item, 'port');
  const endPort = child(item, 'endPort');
  const to = integerOf(endPort);
  if (isAbsent(port)) {
    if (!isAbsent(endPort))
      addFault(endPort, '`endPort` needs `port` beside it, the first of the range');
    return [{ index, kind: 'range', protocol, from: PORT_MIN, to: PORT_MAX }];
  }
  if (typeof port.value === 'string') {
    const fault = portNameFault(port.value);
    if (fault !== undefined) addFault(port, fault);
    if (!isAbsent(endPort)) addFault(endPort, '`endPort` needs a number as `port`, not a name');
    return [{ index, kind: 'name', protocol, name: port.value }];
  }
  const from = decodePortNumber(port);
  checkEndPort(endPort, to, from);
  return from === undefined ? [] : [{ index, kind: 'range', protocol, from, to: to ?? from }];
}

function decodePortNumber(field: Field): number | undefined {
  if (typeof field.value !== 'number') {
    // Only the message matters: it is neither a number nor a name.
    integerOf(field);
    return undefined;
  }
  const port = integerOf(field);
  if (port === undefined || (PORT_MIN <= port && port <= PORT_MAX)) return port;
  addFault(field, `\`${port}\` is not a port from 1 to 65535; leave it out to mean all of them`);
  return port;
}

function checkEndPort(field: Field, to: number | undefined, from: number | undefined): void {
  if (to === undefined) return;
  if (to < PORT_MIN || PORT_MAX < to) {
    addFault(field, `\`${to}\` is not a port from 1 to 65535`);
  } else if (from !== undefined && to < from) {
    addFault(field, `\`endPort\` ${to} is less than \`port\` ${from}`);
  }
}
