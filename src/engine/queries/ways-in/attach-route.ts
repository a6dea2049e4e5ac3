import type { Reason } from '../../../model/answer.ts';
import { GATEWAY_ROUTES } from '../../../model/entry.ts';
import type { Entry, EntryParent, Gateway, Listener } from '../../../model/entry.ts';
import { matches } from '../../../model/selector.ts';
import type { ModelView } from '../../model-view.ts';
import { missingEntryKind } from './entry-coverage.ts';
import { outsideScope } from './hidden-parts.ts';
import { commonHosts } from './hostnames.ts';

/** A listener that a route asks for. */
export interface Attachment {
  readonly gateway: Gateway;
  readonly listener: Listener;
  /** Names it takes of the route; empty: every one. */
  readonly hosts: readonly string[];
  /** Why the route may not be attached here after all. */
  readonly doubts: readonly Reason[];
}

/** The listeners that take a route, or why none does. */
export interface Attached {
  readonly listeners: readonly Attachment[];
  /** Only where there are no listeners. */
  readonly refusal?: Reason;
}

/** The listeners of one of the parents of `entry` that take it. */
export function attachRoute(view: ModelView, entry: Entry, parent: EntryParent): Attached {
  const { kind, namespace, name } = parent;
  if (kind !== 'Gateway') {
    const message = `podreach does not know what brings traffic to a ${kind}`;
    return { listeners: [], refusal: { code: 'UNKNOWN_PARENT', message } };
  }
  const outside = outsideScope(view, namespace, `Gateway ${namespace}/${name}`);
  if (outside !== undefined) return { listeners: [], refusal: outside };
  const gateways = view.snapshot.namespaces.get(namespace)?.waysIn?.gateways ?? [];
  const gateway = gateways.find((one) => one.name === name);
  if (gateway === undefined) {
    const message = `there is no Gateway ${namespace}/${name}`;
    const missing = missingEntryKind(view.snapshot, 'Gateway', namespace);
    return { listeners: [], refusal: missing ?? { code: 'NO_GATEWAY', message } };
  }
  if (!gateway.accepted) {
    const message = `the controller of Gateway ${namespace}/${name} does not accept it`;
    return { listeners: [], refusal: { code: 'GATEWAY_NOT_ACCEPTED', message } };
  }
  return attachToListeners(view, entry, parent, gateway);
}

function attachToListeners(
  view: ModelView,
  entry: Entry,
  parent: EntryParent,
  gateway: Gateway,
): Attached {
  const asked = gateway.listeners.filter(
    (one) =>
      (parent.listener === undefined || one.name === parent.listener) &&
      (parent.port === undefined || one.port === parent.port),
  );
  const found = asked.map((listener) => attachTo(view, entry, { parent, gateway, listener }));
  const listeners = found.flatMap((one) => one.listeners);
  if (listeners.length !== 0) return { listeners };
  const which = parent.listener === undefined ? 'such a listener' : `listener ${parent.listener}`;
  const message = `Gateway ${parent.namespace}/${parent.name} does not have ${which}`;
  return { listeners, refusal: found[0]?.refusal ?? { code: 'NO_LISTENER', message } };
}

function attachTo(
  view: ModelView,
  entry: Entry,
  {
    parent,
    gateway,
    listener,
  }: {
    readonly parent: EntryParent;
    readonly gateway: Gateway;
    readonly listener: Listener;
  },
): Attached {
  const where = `listener ${listener.name} of Gateway ${parent.namespace}/${parent.name}`;
  const { kind, namespace = '' } = entry.ref;
  const refused = (code: string, message: string): Attached => ({
    listeners: [],
    refusal: { code, message: `${where} ${message}` },
  });
  if (!takesKind(listener, kind)) return refused('KIND_NOT_ALLOWED', `takes no ${kind}`);
  const allowed = allowsNamespace(view, entry, parent.namespace, listener);
  if (allowed === false) {
    return refused('NAMESPACE_NOT_ALLOWED', `takes no routes of namespace ${namespace}`);
  }
  const hasHosts = kind !== 'TCPRoute' && kind !== 'UDPRoute';
  const hosts = hasHosts ? commonHosts(listener.hostname, entry.rules[0]?.hosts ?? []) : [];
  if (hosts === undefined) {
    const message = `is for ${listener.hostname ?? 'every host'}, and the route for none of that`;
    return refused('HOSTNAME_NOT_MATCHED', message);
  }
  return {
    listeners: [{ gateway, listener, hosts, doubts: allowed === true ? [] : [allowed] }],
  };
}

function takesKind({ kinds, protocol }: Listener, kind: string): boolean {
  if (kinds.length !== 0) return kinds.includes(kind);
  return GATEWAY_ROUTES.get(kind)?.includes(protocol) ?? false;
}

/** True or false, or the fact that is missing to tell. */
function allowsNamespace(
  { snapshot }: ModelView,
  { ref: { namespace = '' } }: Entry,
  home: string,
  { namespaces }: Listener,
): boolean | Reason {
  if (namespaces.kind === 'every') return true;
  if (namespaces.kind !== 'selected') return namespaces.kind === 'same' && namespace === home;
  const chunk = snapshot.namespaces.get(namespace);
  if (chunk?.known !== 'UNKNOWN' && chunk?.conflict !== true) {
    return matches(namespaces.selector, chunk?.labels ?? new Map());
  }
  return {
    code: 'MISSING_KIND',
    message: `a listener reads labels of namespace ${namespace}, which the snapshot does not have`,
    missing: [{ apiVersion: 'v1', kind: 'Namespace', namespace, status: 'ABSENT' }],
  };
}

/** Whether `entry` may send to another namespace's `kind` `name`; or the fact that is missing to tell. */
export function isGranted(
  view: ModelView,
  { ref }: Entry,
  { namespace, kind, name }: { namespace: string; kind: string; name: string },
): boolean | Reason {
  const outside = outsideScope(view, namespace, `${kind} ${namespace}/${name}`);
  if (outside !== undefined) return outside;
  const { snapshot } = view;
  const grants = snapshot.namespaces.get(namespace)?.waysIn?.grants ?? [];
  const granting = grants.filter(
    ({ from, to }) =>
      from.some((one) => one.kind === ref.kind && one.namespace === ref.namespace) &&
      to.some((one) => one.kind === kind && (one.name === undefined || one.name === name)),
  );
  if (granting.some(({ doubtful }) => !doubtful)) return true;
  const doubtful = grants.find((one) => one.doubtful);
  if (doubtful !== undefined) {
    return {
      code: 'CONFLICTING_OBJECTS',
      message: `ReferenceGrant ${namespace}/${doubtful.name} is contradictory or cannot be read in full`,
    };
  }
  return missingEntryKind(snapshot, 'ReferenceGrant', namespace) ?? false;
}
