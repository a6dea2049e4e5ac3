import {
  PORT_MAX,
  PORT_MIN,
  PROTOCOLS,
  connectionsOf,
  portRangesOf,
} from '../../model/connection-set.ts';
import type { PortRange, Protocol } from '../../model/connection-set.ts';
import { PodreachError } from '../../model/errors.ts';

/** Ports by number (inclusive), or by a name that every destination resolves for itself. */
export type AskedPort =
  | ({ readonly kind: 'range' } & PortRange)
  | { readonly kind: 'name'; readonly protocol: Protocol; readonly name: string };

/** What `port` asks for; `any` is every port of every protocol. */
export type AskedPorts = 'any' | readonly AskedPort[];

/** Longest name of a Service port (a DNS label); container ports allow fewer characters. */
const NAME_LENGTH_MAX = 63;

/**
 * Reads a port in the grammar of contract 2: `any`, `tcp`, `443`, `tcp/443`, `443/TCP`,
 * `tcp/8000-8100`, `tcp/http`, or several, comma separated. No protocol means TCP.
 *
 * @returns canonical: by protocol, merged ranges before names, without repetition
 * @throws PodreachError `bad-port`
 */
export function parsePort(text: string): AskedPorts {
  const known = PARSED.get(text);
  if (known !== undefined) return known;
  const asked = parseItems(text);
  if (PARSED_MAX <= PARSED.size) PARSED.clear();
  if (text.length <= PARSED_LENGTH_MAX) PARSED.set(text, asked);
  return asked;
}

/** Few ports are asked for again and again: equal texts are the same object. */
const PARSED = new Map<string, AskedPorts>();
const PARSED_MAX = 1000;
const PARSED_LENGTH_MAX = 256;

function parseItems(text: string): AskedPorts {
  const items = text.split(',').map((item) => item.trim());
  const ports = items.map((item) => (item === 'any' ? item : parseItem(item)));
  const listed = ports.flatMap((port) => (port === 'any' ? [] : [port]));
  if (listed.length < ports.length) return 'any';
  const ranges = portRangesOf(connectionsOf(listed.filter((port) => port.kind === 'range')));
  const names = listed.filter((port) => port.kind === 'name');
  return PROTOCOLS.flatMap((protocol): AskedPort[] => [
    ...ranges
      .filter((range) => range.protocol === protocol)
      .map((range): AskedPort => ({ kind: 'range', ...range })),
    ...[...new Set(names.filter((port) => port.protocol === protocol).map(({ name }) => name))]
      .sort()
      .map((name): AskedPort => ({ kind: 'name', protocol, name })),
  ]);
}

/** `asked` in the same grammar, canonical: `any`, `tcp`, `tcp/443,udp/53`. */
export function printAskedPorts(asked: AskedPorts): string {
  return asked === 'any' ? 'any' : asked.map(printAskedPort).join(',');
}

function printAskedPort(port: AskedPort): string {
  const protocol = port.protocol.toLowerCase();
  if (port.kind === 'name') return `${protocol}/${port.name}`;
  const { from, to } = port;
  if (from === PORT_MIN && to === PORT_MAX) return protocol;
  return `${protocol}/${from}${from === to ? '' : `-${to}`}`;
}

function parseItem(item: string): AskedPort {
  if (item === '') {
    throw new PodreachError('bad-port', 'a port is missing; for every port write `any`');
  }
  const slash = item.indexOf('/');
  if (slash < 0) {
    const protocol = protocolOf(item);
    if (protocol !== undefined) return { kind: 'range', protocol, from: PORT_MIN, to: PORT_MAX };
    return parseNumbers(item, 'TCP', item) ?? refuseBareName(item);
  }
  const [before, after] = [item.slice(0, slash), item.slice(slash + 1)];
  const protocol = protocolOf(before);
  if (protocol !== undefined) {
    return parseNumbers(after, protocol, item) ?? parseName(after, protocol, item);
  }
  const behind = protocolOf(after);
  const numbers = behind === undefined ? undefined : parseNumbers(before, behind, item);
  if (numbers !== undefined) return numbers;
  const hint =
    behind !== undefined && isName(before)
      ? `write \`${behind.toLowerCase()}/${before}\``
      : 'protocols are `tcp`, `udp` and `sctp`, as in `tcp/443`';
  throw new PodreachError('bad-port', `\`${item}\` is no port: ${hint}`);
}

function refuseBareName(item: string): never {
  if (isName(item)) {
    const message = `\`${item}\` is a name without a protocol; write \`tcp/${item}\``;
    throw new PodreachError('bad-port', message, { suggestions: [`tcp/${item}`] });
  }
  throw new PodreachError(
    'bad-port',
    `\`${item}\` is no port; write \`443\`, \`udp/53\`, \`tcp/8000-8100\`, \`tcp/http\`, \`tcp\` or \`any\``,
  );
}

/** Digits, or digits-digits; undefined for everything else. */
function parseNumbers(text: string, protocol: Protocol, item: string): AskedPort | undefined {
  const match = /^(\d+)(?:-(\d+))?$/.exec(text);
  if (match === null) return undefined;
  const from = Number(match[1]);
  const to = match[2] === undefined ? from : Number(match[2]);
  if (from < PORT_MIN || PORT_MAX < from || PORT_MAX < to || to < PORT_MIN) {
    const limits = `${PORT_MIN} to ${PORT_MAX}`;
    throw new PodreachError('bad-port', `\`${item}\` is out of range: ports are ${limits}`);
  }
  if (to < from) {
    const turned = `${protocol.toLowerCase()}/${to}-${from}`;
    const message = `\`${item}\` ends before it begins; write \`${turned}\``;
    throw new PodreachError('bad-port', message, { suggestions: [turned] });
  }
  return { kind: 'range', protocol, from, to };
}

function parseName(name: string, protocol: Protocol, item: string): AskedPort {
  if (isName(name)) return { kind: 'name', protocol, name };
  throw new PodreachError(
    'bad-port',
    `\`${item}\` is no port: after the protocol comes a number, a range such as \`8000-8100\` or a name`,
  );
}

function isName(text: string): boolean {
  return (
    text.length <= NAME_LENGTH_MAX && /^[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?$/.test(text)
  );
}

function protocolOf(text: string): Protocol | undefined {
  return PROTOCOLS.find((protocol) => protocol === text.toUpperCase());
}
