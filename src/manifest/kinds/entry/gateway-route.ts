import { addFault, child, isAbsent, itemsOf, textOf } from '../../fields.ts';
import type { Field } from '../../fields.ts';
import type { KeepTree } from '../../read-item.ts';
import type { EntryBackend, EntryParent, EntryRule } from '../../../model/entry.ts';
import { METADATA } from '../metadata.ts';
import type { EntryContent } from './entry-content.ts';
import { kindAt, optionalPort } from './gateway.ts';
import { distinct, hostsAt } from './ingress.ts';

/** What is kept of a route of the Gateway API: HTTPRoute, GRPCRoute, TLSRoute, TCPRoute, UDPRoute. */
export const GATEWAY_ROUTE_KEEP: KeepTree = {
  metadata: METADATA,
  spec: {
    parentRefs: {
      group: true,
      kind: true,
      namespace: true,
      name: true,
      sectionName: true,
      port: true,
    },
    hostnames: true,
    rules: {
      matches: {
        path: { type: true, value: true },
        method: { type: true, service: true, method: true },
      },
      backendRefs: {
        group: true,
        kind: true,
        namespace: true,
        name: true,
        port: true,
        weight: true,
      },
    },
  },
};

/** Decodes such a route in `namespace`; headers, queries and filters are not looked at. */
export function decodeGatewayRoute(root: Field, namespace: string): EntryContent {
  const spec = child(root, 'spec');
  const hosts = distinct(itemsOf(child(spec, 'hostnames')).flatMap(hostsAt));
  return {
    type: 'entry',
    entry: {
      parents: itemsOf(child(spec, 'parentRefs')).map((item) => decodeParent(item, namespace)),
      tls: [],
      addresses: [],
      rules: itemsOf(child(spec, 'rules')).map((rule, i): EntryRule => ({
        pointer: `/spec/rules/${i}`,
        hosts,
        paths: pathsOf(rule),
        backends: itemsOf(child(rule, 'backendRefs')).flatMap((item) =>
          decodeBackend(item, namespace),
        ),
      })),
    },
  };
}

function decodeParent(item: Field, namespace: string): EntryParent {
  const listener = textOf(child(item, 'sectionName')) ?? '';
  const port = optionalPort(child(item, 'port'));
  const name = textOf(child(item, 'name')) ?? '';
  if (name === '') addFault(child(item, 'name'), 'a parent has a name');
  return {
    kind: kindAt(item, 'gateway.networking.k8s.io', 'Gateway'),
    namespace: textOf(child(item, 'namespace')) ?? namespace,
    name,
    ...(listener === '' ? {} : { listener }),
    ...(port === undefined ? {} : { port }),
  };
}

/** Every path when one of the matches looks at none. */
function pathsOf(rule: Field): string[] {
  const paths = itemsOf(child(rule, 'matches')).map((match) => pathOf(match));
  return paths.includes('') ? [] : distinct(paths);
}

function pathOf(match: Field): string {
  const path = child(match, 'path');
  const method = child(match, 'method');
  if (isAbsent(path)) return typeof method.value === 'object' ? methodPath(method) : '';
  const value = textOf(child(path, 'value')) ?? '/';
  const type = textOf(child(path, 'type')) ?? 'PathPrefix';
  if (type === 'PathPrefix') return value === '/' ? '' : value;
  return type === 'Exact' ? `=${value}` : `~${value}`;
}

/** What a GRPCRoute calls a method is a path on the wire; in an HTTPRoute it is `GET` and the like. */
function methodPath(method: Field): string {
  const service = textOf(child(method, 'service')) ?? '';
  const name = textOf(child(method, 'method')) ?? '';
  if (service === '') return '';
  const isPattern = textOf(child(method, 'type')) === 'RegularExpression';
  if (name === '') return `${isPattern ? '~' : ''}/${service}/`;
  return `${isPattern ? '~' : '='}/${service}/${name}`;
}

/** A weight of 0 sends nothing there. */
function decodeBackend(item: Field, namespace: string): EntryBackend[] {
  if (child(item, 'weight').value === 0) return [];
  const kind = kindAt(item, '', 'Service');
  const port = optionalPort(child(item, 'port'));
  const name = textOf(child(item, 'name')) ?? '';
  if (name === '') addFault(child(item, 'name'), 'a backend has a name');
  if (kind === 'Service' && port === undefined) {
    addFault(child(item, 'port'), 'a backend that is a Service has a port');
  }
  return [
    {
      kind,
      namespace: textOf(child(item, 'namespace')) ?? namespace,
      name,
      ...(port === undefined ? {} : { port }),
    },
  ];
}
