import { addFault, child, isAbsent, itemsOf, textOf } from '../../fields.ts';
import type { Field } from '../../fields.ts';
import type { KeepTree } from '../../read-item.ts';
import type { EntryBackend } from '../../../model/entry.ts';
import { METADATA } from '../metadata.ts';
import { portAt } from '../pod.ts';
import type { EntryContent } from './entry-content.ts';
import { distinct, hostsAt } from './ingress.ts';

const TARGET: KeepTree = { kind: true, name: true, weight: true };

/** What is kept of an OpenShift Route; certificates never are. */
export const OPENSHIFT_ROUTE_KEEP: KeepTree = {
  metadata: METADATA,
  spec: {
    host: true,
    path: true,
    to: TARGET,
    alternateBackends: TARGET,
    port: { targetPort: true },
    tls: { termination: true },
  },
  status: { ingress: { routerCanonicalHostname: true } },
};

/** The name that the routers of OpenShift have as a class. */
const ROUTER_CLASS = 'openshift-default';

/** Decodes a Route in `namespace`. */
export function decodeOpenshiftRoute(root: Field, namespace: string): EntryContent {
  const spec = child(root, 'spec');
  const path = textOf(child(spec, 'path')) ?? '';
  const port = targetPort(child(child(spec, 'port'), 'targetPort'));
  const targets = [child(spec, 'to'), ...itemsOf(child(spec, 'alternateBackends'))];
  return {
    type: 'entry',
    entry: {
      className: ROUTER_CLASS,
      tls: isAbsent(child(spec, 'tls')) ? [] : 'every',
      addresses: distinct(
        itemsOf(child(child(root, 'status'), 'ingress')).flatMap(
          (item) => textOf(child(item, 'routerCanonicalHostname')) ?? [],
        ),
      ),
      rules: [
        {
          pointer: '/spec',
          hosts: hostsAt(child(spec, 'host')),
          paths: path === '' || path === '/' ? [] : [path],
          backends: targets.flatMap((target) => decodeTarget(target, namespace, port)),
        },
      ],
    },
  };
}

function decodeTarget(
  target: Field,
  namespace: string,
  port: number | string | undefined,
): EntryBackend[] {
  if (child(target, 'weight').value === 0) return [];
  const name = textOf(child(target, 'name')) ?? '';
  if (name === '') addFault(child(target, 'name'), 'a Route names a Service');
  return name === ''
    ? []
    : [
        {
          kind: textOf(child(target, 'kind')) ?? 'Service',
          namespace,
          name,
          ...(port === undefined ? {} : { port }),
        },
      ];
}

function targetPort(field: Field): number | string | undefined {
  if (isAbsent(field)) return undefined;
  return typeof field.value === 'string' ? field.value : portAt(field);
}
