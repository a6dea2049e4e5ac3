import type { Reason, Verdict } from '../../../model/answer.ts';
import type { Peer } from '../../../model/peer.ts';
import type { PodOrdinal, ViewService } from '../../model-view.ts';
import type { ReachIndex } from '../../reach-index.ts';
import { endpointsOf } from '../../refs/service-endpoints.ts';
import type { EndGroup, TargetGroup } from '../cases.ts';
import { groupByParty, targetsOf } from '../ends.ts';
import { askPort, serviceBackend } from './backend.ts';
import { findController } from './find-controller.ts';
import type { FoundController } from './find-controller.ts';
import {
  judgeEither,
  judgeFrom,
  judgeFromAnywhere,
  judgeFromAssumed,
  judgeFromOutside,
  withReason,
} from './judge-leg.ts';
import type { LegJudgement } from './judge-leg.ts';
import { outsidePeer } from './outside.ts';
import { isWayIn } from './service-ways.ts';
import type { WayDraft } from './way.ts';

/** One connection of a way in, judged. */
export interface JudgedLeg extends LegJudgement {
  readonly leg: 'ENTRY' | 'BACKEND';
  readonly from: () => Peer | null;
  readonly to: () => Peer | null;
}

/** A way in with what policies say of it. */
export interface JudgedWay {
  readonly draft: WayDraft;
  readonly controller: FoundController | undefined;
  readonly legs: readonly JudgedLeg[];
  readonly verdict: Verdict;
  /** Addresses of what brings traffic to the controller, where the object itself has none. */
  readonly addresses: readonly string[];
}

/** What is the same for many ways in of one list. */
export class WayMemo {
  /** The outside addresses that controllers are judged for; absent: all. */
  readonly clients: readonly EndGroup[] | undefined;
  readonly entries = new Map<string, Entrance>();
  readonly controllers = new Map<string, FoundController>();

  constructor(clients?: readonly EndGroup[]) {
    this.clients = clients;
  }
}

/** How outside traffic gets to a controller. */
interface Entrance {
  readonly judged: LegJudgement;
  readonly to: Peer | null;
  readonly addresses: readonly string[];
}

/** Asks policies about every connection of `draft`. */
export function judgeWay(index: ReachIndex, draft: WayDraft, memo: WayMemo): JudgedWay {
  const { refused, doubts } = draft;
  const controller = controllerOf(index, draft, memo);
  if (refused !== undefined) {
    const base = { draft, controller, legs: [], addresses: draft.addresses };
    return { ...base, verdict: doubts.length === 0 ? 'DENIED' : 'UNDETERMINED' };
  }
  const { legs, addresses } = legsOf(index, draft, controller, memo);
  const open = [...doubts, ...(controller?.doubts ?? [])];
  return { draft, controller, legs, addresses, verdict: wholeVerdict(legs, open) };
}

function controllerOf(
  index: ReachIndex,
  { controller }: WayDraft,
  { controllers }: WayMemo,
): FoundController | undefined {
  if (controller === undefined) return undefined;
  const key = JSON.stringify(controller);
  const found = controllers.get(key) ?? findController(index, controller);
  controllers.set(key, found);
  return found;
}

/** A way in answers only where each leg does, and nothing leaves open what it is. */
function wholeVerdict(legs: readonly JudgedLeg[], doubts: readonly Reason[]): Verdict {
  const verdicts = legs.map(({ verdict }) => verdict);
  if (doubts.length !== 0) return 'UNDETERMINED';
  if (verdicts.includes('DENIED')) return 'DENIED';
  return (['UNDETERMINED', 'PARTIAL'] as const).find((one) => verdicts.includes(one)) ?? 'ALLOWED';
}

/** A connection to a backend that is not known cannot be judged, nor one through an unknown Gateway. */
function legsOf(
  index: ReachIndex,
  draft: WayDraft,
  controller: FoundController | undefined,
  memo: WayMemo,
): Pick<JudgedWay, 'legs' | 'addresses'> {
  const { via, backend, addresses } = draft;
  if (controller === undefined && via.type === 'GATEWAY') return { legs: [], addresses };
  const isKnown = backend !== undefined && backend.groups.length !== 0;
  const found =
    controller === undefined
      ? { legs: [directLeg(index, draft)], addresses }
      : controllerLegs(index, draft, controller, memo);
  return isKnown ? found : { ...found, legs: found.legs.filter(({ leg }) => leg === 'ENTRY') };
}

function directLeg(index: ReachIndex, { backend }: WayDraft): JudgedLeg {
  return {
    ...judgeFromOutside(index, backend?.groups ?? []),
    leg: 'BACKEND',
    from: () => outsidePeer(index),
    to: () => backend?.peer ?? null,
  };
}

function controllerLegs(
  index: ReachIndex,
  draft: WayDraft,
  controller: FoundController,
  memo: WayMemo,
): Pick<JudgedWay, 'legs' | 'addresses'> {
  const { candidates } = controller;
  const to = (): Peer | null => draft.backend?.peer ?? null;
  const leg: JudgedLeg = {
    ...judgeBackend(index, draft.backend?.groups ?? [], controller),
    leg: 'BACKEND',
    from: () => controllerPeers(index, controller)[0] ?? null,
    to,
  };
  if (candidates.length === 0) return { legs: [leg], addresses: draft.addresses };
  const entrances = candidates.map((pods) => entranceOf(index, pods, draft.via.port, memo));
  const [first] = entrances;
  const entry: JudgedLeg = {
    ...judgeEither(entrances.map(({ judged }) => judged)),
    leg: 'ENTRY',
    from: () => outsidePeer(index),
    to: () => first?.to ?? controllerPeers(index, controller)[0] ?? null,
  };
  return {
    legs: [entry, leg],
    addresses:
      draft.addresses.length === 0 && entrances.length === 1
        ? (first?.addresses ?? [])
        : draft.addresses,
  };
}

function judgeBackend(
  index: ReachIndex,
  targets: readonly TargetGroup[],
  { found, candidates }: FoundController,
): LegJudgement {
  if (found === 'OUTSIDE') return judgeFromAnywhere(index, targets);
  if (found === 'ASSUMED') return judgeFromAssumed(index, targets);
  return judgeEither(
    candidates.map((pods) =>
      judgeFrom(index, groupByParty(index, { pods, nodes: [], ranges: [] }), targets),
    ),
  );
}

/** Workloads of a controller told; a controller rarely has two. */
const PEERS_MAX = 10;

/** The pods of a controller by workload. */
export function controllerPeers(index: ReachIndex, { candidates }: FoundController): Peer[] {
  const groups = candidates
    .flat()
    .map((pod) => index.directory.groupOfPod(pod, 'WORKLOAD'))
    .map((group) => [group.key, group] as const);
  return [...new Map(groups).values()].slice(0, PEERS_MAX).map(({ peer }) => peer());
}

/**
 * How outside traffic gets to the pods of a controller: through the Services that let it in, on the
 * port that is listened to if they have it. Without such a Service, on any port of the pods.
 */
function entranceOf(
  index: ReachIndex,
  pods: readonly PodOrdinal[],
  port: number | null,
  { entries, clients }: WayMemo,
): Entrance {
  const key = `${port ?? ''} ${pods.join(',')}`;
  const known = entries.get(key);
  if (known !== undefined) return known;
  const services = servicesOf(index, pods);
  const backends = services.map((service) => {
    const own = service.service.ports.filter((one) => one.port === port);
    const asked = own.length === 0 ? service.service.ports : own;
    return serviceBackend(index, service, asked.map(askPort)).backend;
  });
  const groups = backends.flatMap((backend) => backend.groups);
  const [first] = services;
  const entrance: Entrance = {
    judged:
      groups.length === 0
        ? judgeWithoutService(index, pods, clients)
        : judgeFromOutside(index, groups, clients),
    to: first === undefined ? null : index.directory.servicePeer(first),
    addresses: [
      ...new Set(
        services.flatMap(({ service }) => [...service.loadBalancerIPs, ...service.externalIPs]),
      ),
    ].sort(),
  };
  entries.set(key, entrance);
  return entrance;
}

function judgeWithoutService(
  index: ReachIndex,
  pods: readonly PodOrdinal[],
  clients: readonly EndGroup[] | undefined,
): LegJudgement {
  const groups = groupByParty(index, { pods, nodes: [], ranges: [] });
  const { groups: targets } = targetsOf(index, groups, 'any');
  const judged = judgeFromOutside(index, targets, clients);
  const isNode = groups.every(({ party }) => index.party(party).kind === 'node');
  // Which of its ports is meant is not known: some that is let in by policies may be it.
  const isOpen = judged.verdict === 'PARTIAL' && judged.clients === undefined;
  const whole: LegJudgement = isOpen ? { ...judged, verdict: 'ALLOWED' } : judged;
  return isNode ? whole : withReason(whole, NO_ENTRANCE);
}

const NO_ENTRANCE: Reason = {
  code: 'NO_ENTRANCE',
  message:
    'no Service of the snapshot lets outside traffic to the controller; it is judged on any port',
};

/** Services beside the pods that let outside traffic to some of them. */
function servicesOf(index: ReachIndex, pods: readonly PodOrdinal[]): ViewService[] {
  const { view, options } = index;
  const wanted = new Set(pods);
  const namespaces = new Set(pods.map((pod) => view.namespaceOf(pod)));
  return [...namespaces].flatMap((namespace) =>
    namespace.services
      .filter(isWayIn)
      .map((service): ViewService => ({ namespace, service }))
      .filter((service) =>
        endpointsOf(view, service, options).members.some(
          ({ pod }) => pod !== undefined && wanted.has(pod),
        ),
      ),
  );
}
