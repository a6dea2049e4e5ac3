import { NO_CONNECTIONS, union } from '../../../model/connection-set.ts';
import type { ConnectionSet, Protocol } from '../../../model/connection-set.ts';
import type { Reason } from '../../../model/answer.ts';
import type { EntryBackend } from '../../../model/entry.ts';
import type { ServicePort } from '../../../model/snapshot.ts';
import { missingKind } from '../../missing.ts';
import type { ViewService } from '../../model-view.ts';
import type { AskedPort } from '../../refs/parse-port.ts';
import { endpointsOf } from '../../refs/service-endpoints.ts';
import type { ReachIndex } from '../../reach-index.ts';
import type { TargetGroup } from '../cases.ts';
import { serviceTargets } from '../service-targets.ts';
import { outsideScope } from './hidden-parts.ts';
import type { BackendDraft, WayDraft } from './way.ts';

/** What stands behind a reference to a backend, or why nothing does. */
export type BackendAnswer = Pick<WayDraft, 'backend' | 'refused' | 'doubts' | 'notes'>;

/** How the port of a backend is meant. */
export interface BackendPorts {
  readonly protocol: Protocol;
  /** `own`: a number or name of the Service's; `target`: a name of these, or where they lead. */
  readonly mean: 'own' | 'target';
}

/**
 * The endpoints that a controller sends to. Controllers read EndpointSlices, so ports of a headless
 * Service lead where they say, unlike for clients that look its name up.
 */
export function backendOf(
  index: ReachIndex,
  named: EntryBackend,
  { protocol, mean }: BackendPorts,
): BackendAnswer {
  const { kind, namespace, name } = named;
  const bare = { name: named, peer: null, groups: [], pods: [], others: 0 } as const;
  const empty: BackendDraft = { ...bare, targets: NO_CONNECTIONS };
  const doubtful = (reason: Reason): BackendAnswer => ({
    backend: empty,
    doubts: [reason],
    notes: [],
  });
  if (kind !== 'Service') {
    const message = `podreach does not know where ${kind} ${namespace}/${name} leads`;
    return doubtful({ code: 'BACKEND_NOT_A_SERVICE', message });
  }
  const outside = outsideScope(index.view, namespace, `Service ${namespace}/${name}`);
  if (outside !== undefined) return doubtful(outside);
  const found = index.view.findService(namespace, name);
  if (found === undefined) {
    const missing = missingKind(index.view.snapshot, 'Service', namespace);
    if (missing !== undefined) return doubtful(missing);
    const message = `there is no Service ${namespace}/${name}`;
    return { backend: empty, refused: { code: 'NO_SERVICE', message }, doubts: [], notes: [] };
  }
  const peer = index.directory.servicePeer(found);
  if (found.service.type === 'ExternalName') {
    const message = `Service ${namespace}/${name} is a DNS alias; where it leads is not in the snapshot`;
    return {
      backend: { ...empty, peer },
      doubts: [{ code: 'EXTERNAL_NAME', message }],
      notes: [],
    };
  }
  const target = translating(found);
  const asked = askedPorts(index, target, named.port, { protocol, mean });
  const { backend, ...rest } = serviceBackend(index, target, asked);
  return { ...rest, backend: { ...backend, name: named, peer } };
}

/** The endpoints of `asked` ports of a Service. */
export function serviceBackend(
  index: ReachIndex,
  target: ViewService,
  asked: readonly AskedPort[],
): Omit<BackendAnswer, 'backend'> & { readonly backend: BackendDraft } {
  const { groups, empty, notes, unmet } = serviceTargets(index, target, asked);
  const lacking = notes.find(({ code }) => code === 'NO_SUCH_SERVICE_PORT');
  const backend: BackendDraft = {
    name: { kind: 'Service', namespace: target.namespace.name, name: target.service.name },
    peer: index.directory.servicePeer(target),
    service: target,
    ...membersOf(groups),
  };
  const others = notes.filter((note) => note !== lacking);
  if (lacking !== undefined && (unmet || groups.every(leadsNowhere))) {
    return { backend, refused: lacking, doubts: [], notes: others };
  }
  if (empty === undefined) return { backend, doubts: [], notes };
  // Without pods in the dump, that there is no endpoint is not known.
  return empty.code === 'MISSING_KIND'
    ? { backend, doubts: [empty], notes: others }
    : { backend, refused: empty, doubts: [], notes: others };
}

/** Groups with what they come to together. */
export function membersOf(
  groups: readonly TargetGroup[],
): Pick<BackendDraft, 'groups' | 'pods' | 'others' | 'targets'> {
  return {
    groups,
    pods: [...new Set(groups.flatMap(({ pods }) => pods))].sort((a, b) => a - b),
    others: groups.reduce((sum, { nodes, ranges }) => sum + nodes.length + ranges.length, 0),
    targets: groups.reduce<ConnectionSet>(
      (set, { ports }) => union(set, ports.asked),
      NO_CONNECTIONS,
    ),
  };
}

function leadsNowhere({ ports }: TargetGroup): boolean {
  return ports.asked === NO_CONNECTIONS;
}

/** A headless Service as its EndpointSlices have it: with target ports. */
function translating({ namespace, service }: ViewService): ViewService {
  return service.headless
    ? { namespace, service: { ...service, headless: false } }
    : { namespace, service };
}

function askedPorts(
  index: ReachIndex,
  target: ViewService,
  port: number | string | undefined,
  { protocol, mean }: BackendPorts,
): readonly AskedPort[] {
  const own = target.service.ports.filter((one) => one.protocol === protocol);
  if (port === undefined) return own.map(askPort);
  if (mean === 'target') {
    const meant = own.filter(({ name }) => name !== undefined && name === port);
    const leading = own.filter((one) => leadsTo(index, target, one, port));
    const found = [meant, leading].find((list) => list.length !== 0);
    if (found !== undefined) return found.map(askPort);
  }
  return typeof port === 'number'
    ? [{ kind: 'range', protocol, from: port, to: port }]
    : [{ kind: 'name', protocol, name: port }];
}

function leadsTo(
  index: ReachIndex,
  target: ViewService,
  port: ServicePort,
  wanted: number | string,
): boolean {
  if (port.targetPort === wanted) return true;
  if (typeof wanted !== 'number') return false;
  const { ports } = endpointsOf(index.view, target, index.options);
  const { endpoints = [] } = ports.find((one) => one.port === port) ?? {};
  return endpoints.some(({ targetPorts }) => targetPorts.includes(wanted));
}

/** A Service port as it is asked for. */
export function askPort({ protocol, port }: ServicePort): AskedPort {
  return { kind: 'range', protocol, from: port, to: port };
}
