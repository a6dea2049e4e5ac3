import type { Reason } from '../../../model/answer.ts';
import type { Entry, EntryBackend, EntryRule, Gateway } from '../../../model/entry.ts';
import { printObject } from '../../../model/policy.ts';
import type { WayInVia } from '../../../model/way-in.ts';
import type { ReachIndex } from '../../reach-index.ts';
import { attachRoute, isGranted } from './attach-route.ts';
import type { Attachment } from './attach-route.ts';
import { backendOf } from './backend.ts';
import type { BackendAnswer } from './backend.ts';
import type { ControllerQuestion, WayDraft } from './way.ts';

const HTTP_PORT = 80;
const HTTPS_PORT = 443;

/** Where an entry is listened to, or why it is not. */
interface Place {
  readonly via: Pick<WayInVia, 'type' | 'port' | 'protocol' | 'gateway'>;
  readonly addresses: readonly string[];
  readonly controller?: ControllerQuestion;
  /** Hosts of every rule here; absent: each rule's own. */
  readonly hosts?: readonly string[];
  readonly refused?: Reason;
  readonly doubts: readonly Reason[];
}

/**
 * The ways in that `entry` makes: one for each place where it is listened to, host, path and backend.
 *
 * @param isWanted namespaces of backends that are looked for
 */
export function entryWays(
  index: ReachIndex,
  entry: Entry,
  isWanted: (namespace: string) => boolean,
): WayDraft[] {
  const doubts = entry.doubtful ? [doubtful(entry)] : [];
  // Something without rules answers nothing, and is told once.
  const rules = entry.rules.length === 0 ? [NO_RULE] : entry.rules;
  return rules.flatMap((rule) => {
    const backends = backendsOf(index, entry, rule, isWanted);
    return backends.flatMap((answer) =>
      placesOf(index, entry, rule).flatMap((place) =>
        oneOrEach(place.hosts ?? rule.hosts).flatMap((host) =>
          oneOrEach(rule.paths).map((path) => wayOf(entry, place, { host, path, answer, doubts })),
        ),
      ),
    );
  });
}

const NO_RULE: EntryRule = { pointer: '/spec', hosts: [], paths: [], backends: [] };

function wayOf(
  { ref }: Entry,
  place: Place,
  {
    host,
    path,
    answer,
    doubts,
  }: {
    readonly host: string | undefined;
    readonly path: string | undefined;
    readonly answer: BackendAnswer;
    readonly doubts: readonly Reason[];
  },
): WayDraft {
  const { type, ...where } = place.via;
  const refused = place.refused ?? answer.refused;
  return {
    via: {
      type,
      kind: ref.kind,
      namespace: ref.namespace ?? '',
      name: ref.name,
      ...(host === undefined ? {} : { host }),
      ...(path === undefined ? {} : { path }),
      ...where,
    },
    addresses: place.addresses,
    ...(place.controller === undefined ? {} : { controller: place.controller }),
    ...(answer.backend === undefined ? {} : { backend: answer.backend }),
    ...(refused === undefined ? {} : { refused }),
    doubts: [...doubts, ...place.doubts, ...answer.doubts],
    notes: answer.notes,
  };
}

/** Every backend of a rule that is in a wanted namespace. */
function backendsOf(
  index: ReachIndex,
  entry: Entry,
  rule: EntryRule,
  isWanted: (namespace: string) => boolean,
): BackendAnswer[] {
  if (rule.backends.length === 0) {
    if (!isWanted(entry.ref.namespace ?? '')) return [];
    const message = `${printObject(entry.ref)} sends ${rule.pointer} to no Service: its controller answers by itself, if at all`;
    return [{ refused: { code: 'NO_BACKEND', message }, doubts: [], notes: [] }];
  }
  const protocol = protocolOf(entry);
  const mean = entry.ref.kind === 'Route' ? 'target' : 'own';
  return rule.backends
    .filter(({ namespace }) => isWanted(namespace))
    .map((backend) =>
      permitted(index, entry, backend, backendOf(index, backend, { protocol, mean })),
    );
}

/** Routes may send to other namespaces only where a ReferenceGrant there lets them. */
function permitted(
  { view }: ReachIndex,
  entry: Entry,
  backend: EntryBackend,
  answer: BackendAnswer,
): BackendAnswer {
  if (backend.namespace === entry.ref.namespace) return answer;
  const granted = isGranted(view, entry, backend);
  if (granted === true) return answer;
  if (granted !== false) return { ...answer, doubts: [...answer.doubts, granted] };
  const message = `no ReferenceGrant of namespace ${backend.namespace} lets ${printObject(entry.ref)} send to ${backend.kind} ${backend.name}`;
  return { ...answer, refused: { code: 'REF_NOT_PERMITTED', message } };
}

function placesOf(index: ReachIndex, entry: Entry, rule: EntryRule): Place[] {
  if (entry.parents !== undefined) return gatewayPlaces(index, entry);
  const { className, tls, addresses } = entry;
  const [host] = rule.hosts;
  const isSecure = tls === 'every' || (host !== undefined && tls.includes(host));
  return [
    {
      via: {
        type: entry.ref.kind === 'Route' ? 'ROUTE' : 'INGRESS',
        port: isSecure ? HTTPS_PORT : HTTP_PORT,
        protocol: 'TCP',
      },
      addresses,
      controller: { kind: 'IngressClass', ...(className === undefined ? {} : { className }) },
      doubts: [],
    },
  ];
}

function gatewayPlaces({ view }: ReachIndex, entry: Entry): Place[] {
  const { parents = [] } = entry;
  const nowhere = { type: 'GATEWAY', port: null, protocol: protocolOf(entry) } as const;
  if (parents.length === 0) {
    const message = `${printObject(entry.ref)} names no Gateway`;
    const refused = { code: 'NOT_ATTACHED', message };
    return [{ via: nowhere, addresses: [], refused, doubts: [] }];
  }
  // Parents in the core group are Services: routes of a mesh, which bring nothing in from outside.
  return parents
    .filter(({ kind }) => kind !== 'Service')
    .flatMap((parent): Place[] => {
      const { namespace, name, listener = '' } = parent;
      const { listeners, refusal } = attachRoute(view, entry, parent);
      if (refusal === undefined) {
        return listeners.map((attachment) => listenerPlace(entry, namespace, attachment));
      }
      const via = { ...nowhere, gateway: { namespace, name, listener } };
      const isOpen = ['MISSING_KIND', 'UNKNOWN_PARENT', 'HIDDEN'].includes(refusal.code);
      return isOpen
        ? [{ via, addresses: [], doubts: [refusal] }]
        : [{ via, addresses: [], refused: refusal, doubts: [] }];
    });
}

function listenerPlace(
  entry: Entry,
  namespace: string,
  { gateway, listener, hosts, doubts }: Attachment,
): Place {
  const { name, className, addresses } = gateway;
  return {
    via: {
      type: 'GATEWAY',
      port: listener.port,
      protocol: protocolOf(entry),
      gateway: { namespace, name, listener: listener.name },
    },
    addresses,
    controller: { kind: 'GatewayClass', className, gateway: { namespace, name } },
    hosts,
    doubts: gateway.doubtful ? [...doubts, doubtfulGateway(namespace, gateway)] : doubts,
  };
}

function protocolOf({ ref }: Entry): 'TCP' | 'UDP' {
  return ref.kind === 'UDPRoute' ? 'UDP' : 'TCP';
}

function doubtful({ ref }: Entry): Reason {
  return {
    code: 'CONFLICTING_OBJECTS',
    message: `${printObject(ref)} is contradictory or cannot be read in full; see the problems of the snapshot`,
  };
}

function doubtfulGateway(namespace: string, { name }: Gateway): Reason {
  return {
    code: 'CONFLICTING_OBJECTS',
    message: `Gateway ${namespace}/${name} is contradictory or cannot be read in full`,
  };
}

/** Each item, or one that stands for all where there are none. */
function oneOrEach(items: readonly string[]): readonly (string | undefined)[] {
  return items.length === 0 ? [undefined] : items;
}
