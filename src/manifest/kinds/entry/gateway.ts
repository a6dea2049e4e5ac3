import { addFault, child, integerOf, isAbsent, itemsOf, textOf, wordOf } from '../../fields.ts';
import type { Field } from '../../fields.ts';
import type { KeepTree } from '../../read-item.ts';
import type { Listener, ListenerNamespaces, ReferenceGrant } from '../../../model/entry.ts';
import { decodeLabelSelector } from '../label-selector.ts';
import { METADATA } from '../metadata.ts';
import { portAt } from '../pod.ts';
import type { EntryContent } from './entry-content.ts';
import { distinct, hostsAt } from './ingress.ts';

const SELECTOR: KeepTree = { matchLabels: true, matchExpressions: true };

/** What is kept of a Gateway. */
export const GATEWAY_KEEP: KeepTree = {
  metadata: METADATA,
  spec: {
    gatewayClassName: true,
    addresses: { value: true },
    listeners: {
      name: true,
      hostname: true,
      port: true,
      protocol: true,
      allowedRoutes: {
        kinds: { group: true, kind: true },
        namespaces: { from: true, selector: SELECTOR },
      },
    },
  },
  status: { addresses: { value: true }, conditions: { type: true, status: true } },
};

/** What is kept of a ReferenceGrant. */
export const REFERENCE_GRANT_KEEP: KeepTree = {
  metadata: METADATA,
  spec: {
    from: { group: true, kind: true, namespace: true },
    to: { group: true, kind: true, name: true },
  },
};

const GATEWAY_GROUP = 'gateway.networking.k8s.io';
const FROM = ['Same', 'All', 'None', 'Selector'] as const;
const NAMESPACES = { Same: 'same', All: 'every', None: 'none' } as const;

/** Decodes a Gateway. */
export function decodeGateway(root: Field): EntryContent {
  const spec = child(root, 'spec');
  const status = child(root, 'status');
  const className = textOf(child(spec, 'gatewayClassName')) ?? '';
  if (className === '') addFault(child(spec, 'gatewayClassName'), 'a Gateway names its class');
  const addressesAt = (field: Field): string[] =>
    itemsOf(child(field, 'addresses')).flatMap((item) => textOf(child(item, 'value')) ?? []);
  const published = addressesAt(status);
  const conditions = itemsOf(child(status, 'conditions'));
  return {
    type: 'gateway',
    className,
    addresses: distinct(published.length === 0 ? addressesAt(spec) : published),
    accepted: !conditions.some(
      (item) =>
        textOf(child(item, 'type')) === 'Accepted' && textOf(child(item, 'status')) === 'False',
    ),
    listeners: itemsOf(child(spec, 'listeners')).flatMap((item) => decodeListener(item) ?? []),
  };
}

/** Decodes a ReferenceGrant. */
export function decodeReferenceGrant(root: Field): EntryContent {
  const spec = child(root, 'spec');
  return {
    type: 'grant',
    from: itemsOf(child(spec, 'from')).map((item): ReferenceGrant['from'][number] => ({
      kind: kindAt(item, ''),
      namespace: textOf(child(item, 'namespace')) ?? '',
    })),
    to: itemsOf(child(spec, 'to')).map((item): ReferenceGrant['to'][number] => {
      const name = textOf(child(item, 'name')) ?? '';
      return { kind: kindAt(item, ''), ...(name === '' ? {} : { name }) };
    }),
  };
}

/**
 * The kind at `field` with its group, as entries name kinds: those of the core group and of the
 * Gateway API without it.
 *
 * @param group where none is given
 */
export function kindAt(field: Field, group: string, kind?: string): string {
  const named = textOf(child(field, 'kind')) ?? kind ?? '';
  const given = textOf(child(field, 'group')) ?? group;
  return given === '' || given === GATEWAY_GROUP ? named : `${named}.${given}`;
}

function decodeListener(item: Field): Listener | undefined {
  const [hostname] = hostsAt(child(item, 'hostname'));
  const port = portAt(child(item, 'port'));
  const protocol = textOf(child(item, 'protocol')) ?? '';
  if (protocol === '') addFault(child(item, 'protocol'), 'a listener has a protocol');
  if (port === undefined) return undefined;
  const allowed = child(item, 'allowedRoutes');
  return {
    name: textOf(child(item, 'name')) ?? '',
    ...(hostname === undefined ? {} : { hostname }),
    port,
    protocol,
    kinds: itemsOf(child(allowed, 'kinds')).map((kind) => kindAt(kind, GATEWAY_GROUP)),
    namespaces: decodeNamespaces(child(allowed, 'namespaces')),
  };
}

function decodeNamespaces(field: Field): ListenerNamespaces {
  const from = wordOf(child(field, 'from'), FROM) ?? 'Same';
  if (from !== 'Selector') return { kind: NAMESPACES[from] };
  const selector = child(field, 'selector');
  if (isAbsent(selector)) {
    addFault(selector, '`from: Selector` needs a selector');
    return { kind: 'none' };
  }
  // A server that took it in has checked it; what it says about odd labels is read as it stands.
  return { kind: 'selected', selector: decodeLabelSelector(selector, 'LIVE') };
}

/** The port of a reference to a Gateway or a Service; undefined when none is given. */
export function optionalPort(field: Field): number | undefined {
  return integerOf(field) === undefined ? undefined : portAt(field);
}
