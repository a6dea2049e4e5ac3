import { portRangesOf } from '../../../model/connection-set.ts';
import type { Reason, RuleRef } from '../../../model/answer.ts';
import type { WayIn, WayInBackend, WayInController, WayInLeg } from '../../../model/way-in.ts';
import { countPods } from '../../count-pods.ts';
import type { ReachIndex } from '../../reach-index.ts';
import { distinctReasons } from '../outcomes.ts';
import { rulesBehind } from '../reach-list.ts';
import type { FoundController } from './find-controller.ts';
import { controllerPeers } from './judge-way.ts';
import type { JudgedLeg, JudgedWay } from './judge-way.ts';
import { NOT_ISOLATED } from './judge-leg.ts';
import type { BackendDraft } from './way.ts';

/** Rules and policies told per leg. */
const TOLD_MAX = 10;

/** A row, with the rules behind each of its legs. */
export function explainWay(index: ReachIndex, way: JudgedWay): WayIn {
  const { draft, controller, verdict, addresses } = way;
  const { via, refused, doubts, notes, backend } = draft;
  const legs = way.legs.map((leg) => explainLeg(index, leg));
  const reasons = [
    ...(refused === undefined ? [] : [refused]),
    ...doubts,
    // Who would pass it on does not matter where nothing is passed on.
    ...(controller === undefined || refused !== undefined
      ? []
      : [...controller.doubts, ...controller.notes]),
    ...notes,
    ...legs.flatMap((leg) => leg.reasons),
  ];
  return {
    via,
    verdict,
    addresses,
    controller: controller === undefined ? null : tellController(index, controller),
    backend: backend === undefined ? null : tellBackend(index, backend),
    legs,
    reasons: distinctReasons(reasons),
  };
}

function explainLeg(index: ReachIndex, leg: JudgedLeg): WayInLeg {
  const { counted, clients, verdict } = leg;
  const { reasons, blockedBy } = leg.why();
  const rules = rulesBehind(index, { counted, implicit: null });
  return {
    leg: leg.leg,
    from: leg.from(),
    to: leg.to(),
    verdict,
    ports: portRangesOf(leg.allowed),
    because: rules.slice(0, TOLD_MAX),
    becauseCount: rules.length,
    blockedBy: blockedBy.slice(0, TOLD_MAX).map(({ ref }) => ref),
    ...(clients === undefined ? {} : { clients }),
    reasons: distinctReasons([...reasons, ...allowReasons(leg, rules)]),
  };
}

function allowReasons({ verdict, counted }: JudgedLeg, rules: readonly RuleRef[]): Reason[] {
  if (counted.length === 0 || (verdict !== 'ALLOWED' && verdict !== 'PARTIAL')) return [];
  return rules.length === 0
    ? [NOT_ISOLATED]
    : [{ code: 'ADMITTED', message: 'rules of policies admit it' }];
}

function tellController(index: ReachIndex, found: FoundController): WayInController {
  const { className, controller } = found;
  return {
    found: found.found,
    peers: controllerPeers(index, found),
    ...(className === undefined || className === '' ? {} : { className }),
    ...(controller === undefined ? {} : { controller }),
  };
}

function tellBackend(index: ReachIndex, backend: BackendDraft): WayInBackend {
  const { name, peer, targets, pods, others } = backend;
  const { kind, namespace, port } = name;
  return {
    kind,
    namespace,
    name: name.name,
    peer,
    ...(port === undefined ? {} : { port }),
    targets: portRangesOf(targets),
    podCount: countPods(index.view, pods) + others,
  };
}
