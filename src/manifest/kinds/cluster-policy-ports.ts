import { addFault, child, integerOf, isAbsent, textOf, wordOf } from '../fields.ts';
import type { Field } from '../fields.ts';
import { PORT_MAX, PORT_MIN, PROTOCOLS } from '../../model/connection-set.ts';
import type { Protocol } from '../../model/connection-set.ts';
import type { PortTerm } from '../../model/policy.ts';
import { entriesOf, refuseUnknown, variantOf } from './cluster-policy-fields.ts';
import type { ClusterRuleContext } from './cluster-policy-fields.ts';

/**
 * The ports of a rule; `every` where there is no list, which means ICMP and the like as well.
 *
 * @returns undefined where an entry says something that is not known here
 * @see semantics R3.11
 */
export function decodeClusterPorts(
  rule: Field,
  context: ClusterRuleContext,
): readonly PortTerm[] | 'every' | undefined {
  const { portsKey, itemsMax } = context.api;
  const list = child(rule, portsKey);
  if (isAbsent(list)) return 'every';
  const decode = portsKey === 'ports' ? decodeOldPort : decodeProtocol;
  const terms = entriesOf(list, itemsMax, context.source).map((item, i) =>
    decode(item, i, context),
  );
  return terms.includes('unreadable')
    ? undefined
    : terms.flatMap((term) => (term === undefined || term === 'unreadable' ? [] : term));
}

/** A port, something that is not known here, or undefined with a fault. */
type Decoded = PortTerm | 'unreadable' | undefined;

/** An entry of v1alpha1. */
function decodeOldPort(item: Field, index: number, { source }: ClusterRuleContext): Decoded {
  const kind = variantOf(item, ['portNumber', 'portRange', 'namedPort'], source);
  switch (kind) {
    case 'portNumber': {
      const body = child(item, kind);
      refuseUnknown(body, ['protocol', 'port'], source);
      return numberTerm(index, oldProtocol(body), child(body, 'port'));
    }
    case 'portRange': {
      const body = child(item, kind);
      refuseUnknown(body, ['protocol', 'start', 'end'], source);
      return rangeTerm(index, oldProtocol(body), body);
    }
    case 'namedPort':
      return nameTerm(index, child(item, kind));
    default:
      return kind;
  }
}

function oldProtocol(body: Field): Protocol {
  return wordOf(child(body, 'protocol'), PROTOCOLS) ?? 'TCP';
}

/** An entry of v1alpha2. */
function decodeProtocol(item: Field, index: number, context: ClusterRuleContext): Decoded {
  const { source } = context;
  const kind = variantOf(item, ['tcp', 'udp', 'sctp', 'destinationNamedPort'], source);
  if (kind === undefined || kind === 'unreadable') return kind;
  const body = child(item, kind);
  if (kind === 'destinationNamedPort') return nameTerm(index, body);
  const protocol = ({ tcp: 'TCP', udp: 'UDP', sctp: 'SCTP' } as const)[kind];
  if (isAbsent(child(body, 'destinationPort')) && isEmptyObject(body)) {
    // D8: the text says all ports, the definition of the kind refuses it.
    addFault(body, `\`${kind}: {}\` is refused by servers; write the range 1-65535 for all ports`, {
      severity: source === 'LIVE' ? 'warning' : 'error',
      ...(source === 'LIVE' ? { code: 'EMPTY_PROTOCOL' } : {}),
    });
    return { index, kind: 'range', protocol, from: PORT_MIN, to: PORT_MAX };
  }
  if (variantOf(body, ['destinationPort'], source) !== 'destinationPort') return 'unreadable';
  const port = child(body, 'destinationPort');
  switch (variantOf(port, ['number', 'range'], source)) {
    case 'number':
      return numberTerm(index, protocol, child(port, 'number'));
    case 'range': {
      const range = child(port, 'range');
      refuseUnknown(range, ['start', 'end'], source);
      return rangeTerm(index, protocol, range);
    }
    default:
      return 'unreadable';
  }
}

function isEmptyObject({ value }: Field): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

function numberTerm(index: number, protocol: Protocol, field: Field): PortTerm | undefined {
  const port = portAt(field);
  return port === undefined ? undefined : { index, kind: 'range', protocol, from: port, to: port };
}

function rangeTerm(index: number, protocol: Protocol, body: Field): PortTerm | undefined {
  const from = portAt(child(body, 'start'));
  const to = portAt(child(body, 'end'));
  if (from === undefined || to === undefined) return undefined;
  if (to <= from)
    addFault(child(body, 'end'), `\`end\` ${to} is not greater than \`start\` ${from}`);
  return { index, kind: 'range', protocol, from, to };
}

/** A name stands for the container port that has it, with the protocol of that. */
function nameTerm(index: number, field: Field): PortTerm | undefined {
  const name = textOf(field);
  if (name === '') addFault(field, 'a port name cannot be empty');
  return name === undefined ? undefined : { index, kind: 'name', name };
}

function portAt(field: Field): number | undefined {
  const port = integerOf(field);
  if (port === undefined) {
    if (isAbsent(field)) addFault(field, 'a port from 1 to 65535 is missing');
    return undefined;
  }
  if (port < PORT_MIN || PORT_MAX < port) {
    addFault(field, `\`${port}\` is not a port from 1 to 65535`);
    return undefined;
  }
  return port;
}
