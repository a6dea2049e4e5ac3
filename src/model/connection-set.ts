import {
  EMPTY_INTERVALS,
  equalIntervals,
  hasInteger,
  intersectIntervals,
  intervalsOf,
  subtractIntervals,
  unionIntervals,
} from './interval-set.ts';
import type { IntervalSet } from './interval-set.ts';

/** The protocols NetworkPolicy speaks of, in the order they are printed. */
export const PROTOCOLS = ['TCP', 'UDP', 'SCTP'] as const;
/** One of {@link PROTOCOLS}. */
export type Protocol = (typeof PROTOCOLS)[number];

/** The lowest and highest port that is ever asked or answered. */
export const PORT_MIN = 1;
/** @see PORT_MIN */
export const PORT_MAX = 65535;

/** `protocol` with an inclusive range of ports: the form of every answer. */
export interface PortRange {
  readonly protocol: Protocol;
  readonly from: number;
  readonly to: number;
}

/**
 * A set of connections as a caller can ask for them: a subset of protocol × destination port.
 *
 * `other` stands for everything that is not TCP, UDP or SCTP (ICMP, ESP ...) as a single point; it
 * is never part of an answer and exists so that "a rule without ports" and "every port" differ.
 *
 * INVARIANT: canonical and frozen; equality is structural (semantics 5.1).
 */
export interface ConnectionSet {
  readonly TCP: IntervalSet;
  readonly UDP: IntervalSet;
  readonly SCTP: IntervalSet;
  readonly other: boolean;
}

const EVERY_PORT: IntervalSet = Object.freeze([{ lo: PORT_MIN, hi: PORT_MAX }]);

/** Nothing. */
export const NO_CONNECTIONS: ConnectionSet = make(
  EMPTY_INTERVALS,
  EMPTY_INTERVALS,
  EMPTY_INTERVALS,
  false,
);
/** Every port of TCP, UDP and SCTP: what `any` asks for. */
export const ALL_PORTS: ConnectionSet = make(EVERY_PORT, EVERY_PORT, EVERY_PORT, false);
/** Everything, other protocols included: what a rule without ports says. */
export const ALL_CONNECTIONS: ConnectionSet = make(EVERY_PORT, EVERY_PORT, EVERY_PORT, true);

/** All ports of one protocol. */
export function allOf(protocol: Protocol): ConnectionSet {
  return connectionsOf([{ protocol, from: PORT_MIN, to: PORT_MAX }]);
}

/** The canonical set of `ranges`, in any order, overlapping or not. */
export function connectionsOf(ranges: readonly PortRange[]): ConnectionSet {
  if (ranges.length === 0) return NO_CONNECTIONS;
  const lane = (protocol: Protocol): IntervalSet =>
    intervalsOf(
      ranges
        .filter((range) => range.protocol === protocol)
        .map((range) => ({ lo: range.from, hi: range.to })),
    );
  return make(lane('TCP'), lane('UDP'), lane('SCTP'), false);
}

/** The ranges of `set`, sorted by protocol and port; `other` is left out. */
export function portRangesOf(set: ConnectionSet): PortRange[] {
  return PROTOCOLS.flatMap((protocol) =>
    set[protocol].map(({ lo, hi }) => ({ protocol, from: lo, to: hi })),
  );
}

/** Everything in `a` or `b`. */
export function union(a: ConnectionSet, b: ConnectionSet): ConnectionSet {
  if (a === b || isEmpty(b)) return a;
  if (isEmpty(a)) return b;
  return make(
    unionIntervals(a.TCP, b.TCP),
    unionIntervals(a.UDP, b.UDP),
    unionIntervals(a.SCTP, b.SCTP),
    a.other || b.other,
  );
}

/** Everything in both `a` and `b`. */
export function intersect(a: ConnectionSet, b: ConnectionSet): ConnectionSet {
  if (a === b) return a;
  if (a === ALL_CONNECTIONS || (a === ALL_PORTS && !b.other)) return b;
  if (b === ALL_CONNECTIONS || (b === ALL_PORTS && !a.other)) return a;
  if (isEmpty(a) || isEmpty(b)) return NO_CONNECTIONS;
  return make(
    intersectIntervals(a.TCP, b.TCP),
    intersectIntervals(a.UDP, b.UDP),
    intersectIntervals(a.SCTP, b.SCTP),
    a.other && b.other,
  );
}

/** Everything in `a` that is not in `b`. */
export function subtract(a: ConnectionSet, b: ConnectionSet): ConnectionSet {
  if (a === b || b === ALL_CONNECTIONS) return NO_CONNECTIONS;
  if (isEmpty(a) || isEmpty(b)) return a;
  return make(
    subtractIntervals(a.TCP, b.TCP),
    subtractIntervals(a.UDP, b.UDP),
    subtractIntervals(a.SCTP, b.SCTP),
    a.other && !b.other,
  );
}

/** Everything that is not in `set`. */
export function complement(set: ConnectionSet): ConnectionSet {
  return subtract(ALL_CONNECTIONS, set);
}

/** Whether `a` holds all of `b`. */
export function contains(a: ConnectionSet, b: ConnectionSet): boolean {
  return isEmpty(subtract(b, a));
}

/** Whether `a` and `b` have a connection in common. */
export function overlaps(a: ConnectionSet, b: ConnectionSet): boolean {
  return !isEmpty(intersect(a, b));
}

/** Whether `set` holds `protocol`/`port`. */
export function hasPort(set: ConnectionSet, protocol: Protocol, port: number): boolean {
  return hasInteger(set[protocol], port);
}

/** Whether both sets hold the same connections. */
export function equalConnections(a: ConnectionSet, b: ConnectionSet): boolean {
  if (a === b) return true;
  return a.other === b.other && PROTOCOLS.every((lane) => equalIntervals(a[lane], b[lane]));
}

/** Whether `set` holds nothing. */
export function isEmpty(set: ConnectionSet): boolean {
  return set.TCP.length === 0 && set.UDP.length === 0 && set.SCTP.length === 0 && !set.other;
}

/**
 * `none`, `all`, or `TCP 80,443,9000-9010; UDP all`: the printed form of tests, texts and diffs.
 *
 * @see semantics 5.1, "Printing"
 */
export function printConnections(set: ConnectionSet): string {
  if (PROTOCOLS.every((lane) => equalIntervals(set[lane], EVERY_PORT))) return 'all';
  const lanes = PROTOCOLS.filter((lane) => set[lane].length !== 0).map((lane) =>
    equalIntervals(set[lane], EVERY_PORT)
      ? `${lane} all`
      : `${lane} ${set[lane].map(({ lo, hi }) => (lo === hi ? `${lo}` : `${lo}-${hi}`)).join(',')}`,
  );
  return lanes.length === 0 ? 'none' : lanes.join('; ');
}

function make(
  TCP: IntervalSet,
  UDP: IntervalSet,
  SCTP: IntervalSet,
  other: boolean,
): ConnectionSet {
  return Object.freeze({ TCP, UDP, SCTP, other });
}
