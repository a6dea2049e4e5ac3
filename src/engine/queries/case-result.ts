import type { AddressRange } from '../../model/address.ts';
import {
  ALL_PORTS,
  NO_CONNECTIONS,
  connectionsOf,
  contains,
  intersect,
  isEmpty,
  overlaps,
  subtract,
  union,
} from '../../model/connection-set.ts';
import type { ConnectionSet, PortRange } from '../../model/connection-set.ts';
import type { Reason } from '../../model/answer.ts';
import type { PartyId } from '../party.ts';
import type { PairReach } from '../reach-index.ts';

/** The asked ports on one destination. */
export interface PortView {
  /** Ports on the destination itself. */
  readonly asked: ConnectionSet;
  /** For a Service that translates: each of its ports and where it leads; absent: no translation. */
  readonly service?: readonly { readonly port: PortRange; readonly targets: ConnectionSet }[];
  /** The destination was reached through a Service: a pod that meets itself there is a hairpin. */
  readonly viaService: boolean;
  /** Why nothing about this destination is certain. */
  readonly doubts?: readonly Reason[];
  /**
   * Other addresses the Service's own port may be judged on: unless they agree, nobody knows
   * (semantics R2.13).
   */
  readonly rivals?: readonly PartyId[];
  /** Outside addresses that are let in at all; absent: every one. */
  readonly clients?: readonly AddressRange[];
  /** Outside clients may arrive with the address of any node (semantics R2.13, NodePort). */
  readonly masquerade?: boolean;
}

/** What one case group comes to, in the ports the caller asked in. */
export interface CaseResult {
  readonly allowed: ConnectionSet;
  readonly denied: ConnectionSet;
  readonly undetermined: ConnectionSet;
  readonly doubts: readonly Reason[];
}

/**
 * Cuts a pair's outcome down to the asked ports, in the caller's own ports.
 *
 * @param clients the same connection from other addresses the client may appear with
 * @param before the same connection to the Service's own addresses and ports
 */
export function resultOf(
  reach: PairReach,
  clients: readonly PairReach[],
  before: readonly PairReach[],
  ports: PortView,
): CaseResult {
  const seen = [reach, ...clients];
  const allowed = seen.reduce((set, one) => intersect(set, one.allowed), ALL_PORTS);
  const denied = seen.reduce((set, one) => intersect(set, one.denied), ALL_PORTS);
  const result =
    ports.service === undefined
      ? cut(allowed, denied, ports.asked)
      : translate(allowed, denied, before, ports.service);
  const certain = (ports.doubts ?? []).length === 0;
  const open = certain
    ? result
    : { ...result, ...cut(NO_CONNECTIONS, NO_CONNECTIONS, everything(result)) };
  if (isEmpty(open.undetermined)) return { ...open, doubts: [] };
  const undecided = subtract(subtract(ports.asked, allowed), denied);
  const doubts = [...reach.egress.unsure, ...reach.ingress.unsure]
    .filter(({ set }) => overlaps(set, undecided))
    .map(({ reason }) => reason);
  const rewritten = clients.length + before.length !== 0 && doubts.length === 0 && certain;
  return {
    ...open,
    doubts: [...doubts, ...(ports.doubts ?? []), ...(rewritten ? [REWRITING_DOUBT] : [])],
  };
}

type PortSets = Omit<CaseResult, 'doubts'>;

function cut(allowed: ConnectionSet, denied: ConnectionSet, asked: ConnectionSet): PortSets {
  return {
    allowed: intersect(allowed, asked),
    denied: intersect(denied, asked),
    undetermined: subtract(subtract(asked, allowed), denied),
  };
}

function everything({ allowed, denied, undetermined }: PortSets): ConnectionSet {
  return union(union(allowed, denied), undetermined);
}

/** A Service port is allowed when all it leads to is; a port that leads nowhere is denied. */
function translate(
  allowed: ConnectionSet,
  denied: ConnectionSet,
  before: readonly PairReach[],
  service: NonNullable<PortView['service']>,
): PortSets {
  const [yes, no, maybe]: [PortRange[], PortRange[], PortRange[]] = [[], [], []];
  for (const { port, targets } of service) {
    const own = connectionsOf([port]);
    const all = contains(allowed, targets) && before.every((one) => contains(one.allowed, own));
    const none = contains(denied, targets) && before.every((one) => contains(one.denied, own));
    if (none || isEmpty(targets)) no.push(port);
    else if (all) yes.push(port);
    else maybe.push(port);
  }
  return {
    allowed: connectionsOf(yes),
    denied: connectionsOf(no),
    undetermined: connectionsOf(maybe),
  };
}

const REWRITING_DOUBT: Reason = {
  code: 'CONDITIONAL',
  message:
    'addresses are rewritten on the way, and whether policies see them before or after is not specified',
};
