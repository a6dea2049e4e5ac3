import type { Reason } from '../../../model/answer.ts';
import type { ControllerClass } from '../../../model/entry.ts';
import { PodreachError } from '../../../model/errors.ts';
import type { Labels } from '../../../model/selector.ts';
import type { NamespaceChunk } from '../../../model/snapshot.ts';
import type { ControllerFound } from '../../../model/way-in.ts';
import { missingKind } from '../../missing.ts';
import type { PodOrdinal } from '../../model-view.ts';
import type { Steps } from '../../query.ts';
import type { ReachIndex } from '../../reach-index.ts';
import { podsOfNamespace, unfinished } from '../../refs/namespace-pods.ts';
import { resolveRef } from '../../refs/resolve-ref.ts';
import { hiddenControllers } from './hidden-parts.ts';
import { KNOWN_CONTROLLERS, knownByClassName, knownByController } from './known-controllers.ts';
import type { KnownController } from './known-controllers.ts';
import type { ControllerQuestion } from './way.ts';

/** Who passes the traffic of a way in on. */
export interface FoundController {
  readonly found: ControllerFound;
  readonly className?: string;
  readonly controller?: string;
  /**
   * Its pods; several lists when it may be any of several controllers, none where it is no pod of the
   * snapshot.
   */
  readonly candidates: readonly (readonly PodOrdinal[])[];
  /** What a reader must know of how it was found. */
  readonly notes: readonly Reason[];
  /** Why it may be another one. */
  readonly doubts: readonly Reason[];
}

/** The label that Gateways put on everything they make (GEP-1762). */
const GATEWAY_NAME = 'gateway.networking.k8s.io/gateway-name';

/** Pods of the known controllers, by its name; does not depend on the question. */
const KNOWN_PODS = new WeakMap<ReachIndex, ReadonlyMap<string, readonly PodOrdinal[]>>();

/** Looks for the pods of all known controllers; {@link findController} needs them. */
export function* lookForControllers(index: ReachIndex): Steps<void> {
  if (KNOWN_PODS.has(index)) return;
  const { view } = index;
  const found = new Map<string, PodOrdinal[]>();
  for (const name of view.namespaceNames) {
    const chunk = view.snapshot.namespaces.get(name);
    if (chunk !== undefined) addKnownPods(index, chunk, found);
    yield;
  }
  KNOWN_PODS.set(index, found);
}

function addKnownPods(
  { view }: ReachIndex,
  chunk: NamespaceChunk,
  found: Map<string, PodOrdinal[]>,
): void {
  const here = KNOWN_CONTROLLERS.filter(
    ({ namespace }) => namespace === undefined || namespace === chunk.name,
  );
  // Pods of one template share their labels.
  const known = new Map<Labels, readonly KnownController[]>();
  for (const labels of chunk.labelSets) {
    const matching = here.filter((one) => isOf(one, labels));
    if (matching.length !== 0) known.set(labels, matching);
  }
  if (known.size === 0) return;
  for (const pod of unfinished(view, podsOfNamespace(view, chunk.name))) {
    for (const { name } of known.get(view.pod(pod).labels) ?? []) {
      const pods = found.get(name);
      if (pods === undefined) found.set(name, [pod]);
      else pods.push(pod);
    }
  }
}

function isOf({ labels: sets }: KnownController, labels: Labels): boolean {
  return sets.some((set) =>
    set.every(([key, value]) =>
      value === undefined ? labels.has(key) : labels.get(key) === value,
    ),
  );
}

/**
 * Who passes traffic on for those who ask like `question`, the surest way first (semantics R2.18).
 */
export function findController(index: ReachIndex, question: ControllerQuestion): FoundController {
  const configured = configuredPods(index, question);
  const found = classOf(index, question);
  const named = {
    ...(question.className === undefined && found === undefined
      ? {}
      : { className: found?.name ?? question.className ?? '' }),
    ...(found === undefined ? {} : { controller: found.controller }),
  };
  const own = found?.doubtful === true ? [doubtfulClass(found)] : [];
  const doubts = [...own, ...(configured.doubts ?? [])];
  const base = { ...named, notes: configured.notes, doubts };
  if (configured.pods !== undefined) {
    return { ...base, found: 'CONFIGURED', candidates: [configured.pods] };
  }
  const labelled = gatewayPods(index, question);
  if (labelled.length !== 0) return { ...base, found: 'GATEWAY_LABEL', candidates: [labelled] };
  const known = knownControllers(question, found);
  if (known.length !== 0 && known.every(({ labels }) => labels.length === 0)) {
    return { ...base, found: 'OUTSIDE', candidates: [], notes: [...base.notes, OUTSIDE_NOTE] };
  }
  const anyone = question.className === undefined && found === undefined;
  const pods = KNOWN_PODS.get(index) ?? new Map<string, readonly PodOrdinal[]>();
  const candidates = (anyone ? KNOWN_CONTROLLERS : known).flatMap(({ name }) => {
    const own = pods.get(name);
    return own === undefined ? [] : [own];
  });
  const open = [...new Set([...doubts, ...hiddenControllers(index.view)])];
  if (candidates.length !== 0) return { ...base, found: 'KNOWN_NAME', candidates, doubts: open };
  const missing = missingKind(index.view.snapshot, 'Pod');
  return {
    ...base,
    found: 'ASSUMED',
    candidates: [],
    notes: [...base.notes, ASSUMED_NOTE],
    doubts: missing === undefined ? open : [...open, missing],
  };
}

const OUTSIDE_NOTE: Reason = {
  code: 'CONTROLLER_OUTSIDE',
  message:
    'the controller is a load balancer of the cloud or a part of the network plugin, not a pod; ' +
    'every address that it may have is judged',
};

const ASSUMED_NOTE: Reason = {
  code: 'CONTROLLER_ASSUMED',
  message:
    'no pod of the snapshot is known to pass this on; it is taken to be some pod that the snapshot ' +
    'does not show, of which nothing is known',
};

/** The class that is named, or the default one for Ingresses that name none. */
function classOf(
  { view }: ReachIndex,
  { kind, className }: ControllerQuestion,
): ControllerClass | undefined {
  const classes = (view.snapshot.cluster.controllerClasses ?? []).filter(
    (one) => one.kind === kind,
  );
  if (className !== undefined) return classes.find(({ name }) => name === className);
  const [first, ...others] = classes.filter(({ isDefault }) => isDefault);
  return others.length === 0 ? first : undefined;
}

function doubtfulClass({ kind, name }: ControllerClass): Reason {
  return {
    code: 'CONFLICTING_OBJECTS',
    message: `${kind} ${name} is contradictory or cannot be read in full`,
  };
}

function knownControllers(
  { className }: ControllerQuestion,
  found: ControllerClass | undefined,
): readonly KnownController[] {
  if (found !== undefined) return knownByController(found.controller);
  return className === undefined ? [] : knownByClassName(className);
}

/** Pods that carry the name of the Gateway, beside it. */
function gatewayPods({ view }: ReachIndex, { gateway }: ControllerQuestion): PodOrdinal[] {
  if (gateway === undefined) return [];
  return unfinished(view, podsOfNamespace(view, gateway.namespace)).filter(
    (pod) => view.pod(pod).labels.get(GATEWAY_NAME) === gateway.name,
  );
}

/** Pods that the setting names for the class, or for every class with `*`. */
function configuredPods(
  { directory, options }: ReachIndex,
  { className }: ControllerQuestion,
): {
  readonly pods?: readonly PodOrdinal[];
  readonly notes: readonly Reason[];
  readonly doubts?: readonly Reason[];
} {
  const rows = parseControllers(options.ingressControllers);
  const ref = rows.get(className ?? '*') ?? rows.get('*');
  if (ref === undefined) return { notes: [] };
  // The setting is of the whole cluster: to whom it leads is not for a reader of some of it.
  const hidden = hiddenControllers(directory.view);
  if (hidden.length !== 0) return { notes: [], doubts: hidden };
  try {
    const pods = unfinished(directory.view, resolveRef(directory, ref, 'source').pods);
    if (pods.length !== 0) return { pods, notes: [] };
  } catch (error) {
    if (!(error instanceof PodreachError)) throw error;
  }
  const message = `the setting \`ingressControllers\` names \`${ref}\`, and there are no such pods`;
  return { notes: [{ code: 'CONTROLLER_NOT_FOUND', message }] };
}

/** `nginx=edge/gateway;*=ingress/router` as refs by class. */
function parseControllers(text: string | null): ReadonlyMap<string, string> {
  const rows = (text ?? '').split(';').flatMap((row): (readonly [string, string])[] => {
    const split = row.indexOf('=');
    return split < 1 ? [] : [[row.slice(0, split).trim(), row.slice(split + 1).trim()]];
  });
  return new Map(rows);
}
