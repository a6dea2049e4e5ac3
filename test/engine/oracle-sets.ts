/** Whole sets by asking the oracle at every border: between two borders nothing can change. */
import { nameOf, nodeNames, parseNet, podsOf, sideOfAddress } from './oracle-world.ts';
import type { World } from './oracle-world.ts';
import { decide } from './oracle.ts';
import type { Question } from './oracle.ts';

const PROTOCOLS = ['TCP', 'UDP', 'SCTP'];
const PORT_MAX = 65535;

/** First and last address, in one family. */
export interface Span {
  readonly family: 4 | 6;
  readonly first: bigint;
  readonly last: bigint;
}

/** Ports at which an answer may start to differ from the port before, ascending from 1. */
export function borderPorts(objects: readonly unknown[]): number[] {
  const fields = ['port', 'endPort', 'containerPort', 'targetPort', 'number', 'start', 'end'];
  const borders = numbersUnder(objects, fields).flatMap((port) => [port, port + 1]);
  return [...new Set([1, ...borders])]
    .filter((port) => 1 <= port && port <= PORT_MAX)
    .sort((a, b) => a - b);
}

/** What `question` allows on any port, printed as in semantics 5.1. */
export function allowedSet(world: World, question: Omit<Question, 'protocol' | 'port'>): string {
  const starts = borderPorts(world.objects);
  const lanes = PROTOCOLS.flatMap((protocol) => {
    const open = starts.map(
      (port) => decide(world, { ...question, protocol, port }).verdict === 'allow',
    );
    const parts: [number, number][] = [];
    for (const [i, first] of starts.entries()) {
      if (open[i] !== true) continue;
      const last = (starts[i + 1] ?? PORT_MAX + 1) - 1;
      const before = parts.at(-1);
      if (before !== undefined && before[1] + 1 === first) before[1] = last;
      else parts.push([first, last]);
    }
    if (parts.length === 0) return [];
    const texts = parts.map(([a, b]) => (a === b ? `${a}` : `${a}-${b}`));
    return texts[0] === `1-${PORT_MAX}` ? [`${protocol} all`] : [`${protocol} ${texts.join(',')}`];
  });
  if (lanes.join('; ') === 'TCP all; UDP all; SCTP all') return 'all';
  return lanes.length === 0 ? 'none' : lanes.join('; ');
}

/** The address space cut at the borders of every block, each part with one unowned address in it. */
export function externalSpans(world: World): { readonly span: Span; readonly address: string }[] {
  const nets = stringsUnder(world.objects, ['cidr', 'except', 'networks']).map(parseNet);
  return ([4, 6] as const).flatMap((family) => {
    const end = 1n << (family === 4 ? 32n : 128n);
    const borders = nets
      .filter((net) => net.family === family)
      .flatMap((net) => [net.first, net.last + 1n]);
    const starts = [...new Set([0n, ...borders])].filter((value) => value < end);
    starts.sort((a, b) => (a < b ? -1 : 1));
    return starts.flatMap((first, i) => {
      const span = { family, first, last: (starts[i + 1] ?? end) - 1n };
      const address = unownedIn(world, span);
      return address === undefined ? [] : [{ span, address }];
    });
  });
}

/** Adjacent spans with equal text as one, those that are `none` left out: `first-last = text`. */
export function printSpans(
  parts: readonly { readonly span: Span; readonly text: string }[],
): string[] {
  const merged: { span: Span; text: string }[] = [];
  for (const { span, text } of parts) {
    const before = merged.at(-1);
    if (
      before?.text === text &&
      before.span.family === span.family &&
      before.span.last + 1n === span.first
    ) {
      before.span = { ...before.span, last: span.last };
    } else if (text !== 'none') merged.push({ span, text });
  }
  return merged.map(({ span, text }) => `${printSpan(span)}${text === '' ? '' : ` = ${text}`}`);
}

/** `first-last`. */
export function printSpan({ family, first, last }: Span): string {
  return `${printIp(family, first)}-${printIp(family, last)}`;
}

/** Pods of the pod network that have not finished, and all nodes: the ends of a list. */
export function listedEnds(world: World): { readonly pods: string[]; readonly nodes: string[] } {
  const running = podsOf(world).filter(
    ({ status, spec }) =>
      spec?.hostNetwork !== true && status?.phase !== 'Succeeded' && status?.phase !== 'Failed',
  );
  return { pods: running.map(nameOf).sort(), nodes: nodeNames(world) };
}

/** Dotted IPv4, or IPv6 with all its words. */
export function printIp(family: 4 | 6, value: bigint): string {
  const [count, size] = family === 4 ? [4, 8n] : [8, 16n];
  const parts = Array.from(
    { length: count },
    (_, i) => (value >> (size * BigInt(count - 1 - i))) & ((1n << size) - 1n),
  );
  return family === 4 ? parts.join('.') : parts.map((part) => part.toString(16)).join(':');
}

function unownedIn(world: World, { family, first, last }: Span): string | undefined {
  for (let value = first; value <= last && value < first + 16n; value += 1n) {
    const address = printIp(family, value);
    if (sideOfAddress(world, address).kind === 'external') return address;
  }
  return undefined;
}

function numbersUnder(value: unknown, keys: readonly string[]): number[] {
  return leavesUnder(value, keys).filter((leaf) => typeof leaf === 'number');
}

function stringsUnder(value: unknown, keys: readonly string[]): string[] {
  return leavesUnder(value, keys).filter((leaf) => typeof leaf === 'string');
}

/** Every scalar that is the value, or an element of the value, of a field named in `keys`. */
function leavesUnder(value: unknown, keys: readonly string[]): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]): unknown[] => {
    const own = keys.includes(key) ? [inner].flat() : [];
    return [...own, ...leavesUnder(inner, keys)];
  });
}
