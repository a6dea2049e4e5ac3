/**
 * Answers as they go over the wire, short enough to read: peers by their ref, rules and reasons as one
 * line, what is empty or null left out.
 */
import { printObject } from '../../src/model/policy.ts';
import { connectionsOf, printConnections } from '../../src/model/connection-set.ts';
import type { Protocol } from '../../src/model/connection-set.ts';

/** What {@link tell} makes of a value; undefined: nothing that is worth a word. */
export type Told = string | number | boolean | readonly Told[] | { readonly [key: string]: Told };

/** Members that only repeat what stands beside them. */
const LEFT_OUT = new Set(['docs', 'subject', 'askedText']);

/** A value of the JSON form of an answer, made short. */
export function tell(value: unknown): Told | undefined {
  if (Array.isArray(value)) {
    if (value.length === 0) return undefined;
    if (value.every(isPorts)) return printConnections(connectionsOf(value));
    return value.map((one) => tell(one) ?? '-');
  }
  if (typeof value !== 'object') return value as Told | undefined;
  if (value === null) return undefined;
  return tellLine(value) ?? tellMembers(value);
}

function tellMembers(value: object): Told | undefined {
  const members = Object.entries(value).flatMap(([key, inner]) => {
    const told = LEFT_OUT.has(key) ? undefined : tell(inner);
    return told === undefined ? [] : [[key, told] as const];
  });
  return members.length === 0 ? undefined : Object.fromEntries(members);
}

/** What is one line; undefined: it has members of its own. */
function tellLine(value: object): string | undefined {
  const member = (name: string): unknown => (value as Readonly<Record<string, unknown>>)[name];
  const text = (name: string): string => plain(member(name) ?? '');
  const told = (name: string): string => plain(tell(member(name)) ?? 'none');
  if (isObject(value, 'key', 'ref')) {
    return `${text('ref')}${member('podCount') === undefined ? '' : ` × ${text('podCount')}`}`;
  }
  if (isObject(value, 'count', 'nodes')) {
    const nodes = member('nodes') as readonly unknown[];
    return `${text('count')}: ${nodes.map((one) => plain(tell(one))).join(' ')}`;
  }
  if (isObject(value, 'policy', 'pointer')) {
    return `${told('policy')} ${text('pointer')} (${text('index')}), line ${text('line')}`;
  }
  if (isObject(value, 'pointer', 'match')) {
    const ports = member('ports') === undefined ? '' : ` ${told('ports')}`;
    return `${text('pointer')} ${text('match')}${ports} ${told('reason')}`;
  }
  if (isObject(value, 'rule', 'peerMatch')) {
    const [peer, port] = [text('peerMatch'), text('portMatch')];
    return `${told('rule')}, peer ${peer}, port ${port}: ${text('why')}`;
  }
  if (isObject(value, 'kind', 'text', 'negated')) {
    return `${text('negated') === 'true' ? 'not ' : ''}${text('kind')} ${text('text')}`;
  }
  if (isObject(value, 'apiVersion', 'name') && !isObject(value, 'status')) {
    return printObject(value as Parameters<typeof printObject>[0]);
  }
  if (isObject(value, 'code', 'message')) {
    const more = tellMembers({ ...value, code: undefined, message: undefined });
    return `${text('code')}: ${text('message')}${more === undefined ? '' : ` ${JSON.stringify(more)}`}`;
  }
  return undefined;
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function isObject(value: object, ...names: readonly string[]): boolean {
  return names.every((name) => Object.hasOwn(value, name));
}

function isPorts(value: unknown): value is { protocol: Protocol; from: number; to: number } {
  return typeof value === 'object' && value !== null && isObject(value, 'protocol', 'from', 'to');
}
