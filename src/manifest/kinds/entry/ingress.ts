import { addFault, child, integerOf, isAbsent, itemsOf, textOf, wordOf } from '../../fields.ts';
import type { Field } from '../../fields.ts';
import { isDnsSubdomain, portNameFault } from '../../names.ts';
import type { KeepTree } from '../../read-item.ts';
import { parseAddress } from '../../../model/address.ts';
import type { EntryBackend, EntryRule } from '../../../model/entry.ts';
import { METADATA } from '../metadata.ts';
import { portAt } from '../pod.ts';
import type { EntryContent } from './entry-content.ts';

/** The way to name a class before `spec.ingressClassName`; controllers still read it. */
const CLASS_ANNOTATION = 'kubernetes.io/ingress.class';

const BACKEND: KeepTree = {
  service: { name: true, port: { name: true, number: true } },
  resource: { apiGroup: true, kind: true, name: true },
  // Before networking.k8s.io/v1.
  serviceName: true,
  servicePort: true,
};

/** What is kept of an Ingress. */
export const INGRESS_KEEP: KeepTree = {
  metadata: { ...METADATA, annotations: { [CLASS_ANNOTATION]: true } },
  spec: {
    ingressClassName: true,
    defaultBackend: BACKEND,
    backend: BACKEND,
    tls: { hosts: true },
    rules: { host: true, http: { paths: { path: true, pathType: true, backend: BACKEND } } },
  },
  status: { loadBalancer: { ingress: { ip: true, hostname: true } } },
};

const PATH_TYPES = ['Exact', 'Prefix', 'ImplementationSpecific'] as const;

/** Decodes an Ingress in `namespace`; those of older versions have the same meaning. */
export function decodeIngress(root: Field, namespace: string): EntryContent {
  const spec = child(root, 'spec');
  const fallback = ['defaultBackend', 'backend'].find((key) => !isAbsent(child(spec, key)));
  const rules = itemsOf(child(spec, 'rules')).flatMap((rule, i) => decodeRule(rule, i, namespace));
  const tls = itemsOf(child(spec, 'tls')).map((item) => itemsOf(child(item, 'hosts')));
  return {
    type: 'entry',
    entry: {
      ...classOf(root),
      // A certificate without hosts is the controller's own.
      tls: tls.some((hosts) => hosts.length === 0)
        ? 'every'
        : distinct(tls.flat().flatMap((host) => textOf(host) ?? [])),
      addresses: publishedAddresses(child(child(root, 'status'), 'loadBalancer')),
      rules:
        fallback === undefined
          ? rules
          : [
              ...rules,
              {
                pointer: `/spec/${fallback}`,
                hosts: [],
                paths: [],
                backends: decodeBackend(child(spec, fallback), namespace),
              },
            ],
    },
  };
}

/** Addresses and host names in the `ingress` list of a status, sorted. */
export function publishedAddresses(balancer: Field): string[] {
  const listed = itemsOf(child(balancer, 'ingress'));
  return distinct(
    listed.flatMap((item) => textOf(child(item, 'ip')) ?? textOf(child(item, 'hostname')) ?? []),
  );
}

/** Sorted, each once, none empty. */
export function distinct(texts: readonly string[]): string[] {
  return [...new Set(texts.filter((text) => text !== ''))].sort();
}

/** The host at `field` as a list; none when it stands for every name. */
export function hostsAt(field: Field): string[] {
  const host = textOf(field)?.toLowerCase() ?? '';
  if (host === '') return [];
  const name = host.startsWith('*.') ? host.slice(2) : host;
  if (!isDnsSubdomain(name) || parseAddress(host) !== undefined) {
    addFault(field, `\`${host}\` is not a host name such as \`shop.example\` or \`*.example\``);
  }
  return [host];
}

function classOf(root: Field): { className?: string } {
  const annotations = child(child(root, 'metadata'), 'annotations');
  const named = textOf(child(child(root, 'spec'), 'ingressClassName'));
  const className = named ?? textOf(child(annotations, CLASS_ANNOTATION));
  return className === undefined || className === '' ? {} : { className };
}

function decodeRule(rule: Field, i: number, namespace: string): EntryRule[] {
  const hosts = hostsAt(child(rule, 'host'));
  return itemsOf(child(child(rule, 'http'), 'paths')).map((item, j) => ({
    pointer: `/spec/rules/${i}/http/paths/${j}`,
    hosts,
    paths: pathsOf(item),
    backends: decodeBackend(child(item, 'backend'), namespace),
  }));
}

function pathsOf(item: Field): string[] {
  const field = child(item, 'path');
  const path = textOf(field) ?? '';
  const type = wordOf(child(item, 'pathType'), PATH_TYPES);
  if (path === '') return [];
  if (!path.startsWith('/') && type !== 'ImplementationSpecific') {
    addFault(field, `\`${path}\` does not start with \`/\``);
  }
  if (type === 'Exact') return [`=${path}`];
  return path === '/' ? [] : [path];
}

/** The backend at `field`; none, with a fault, when it names none. */
function decodeBackend(field: Field, namespace: string): EntryBackend[] {
  const resource = child(field, 'resource');
  if (!isAbsent(resource)) {
    const group = textOf(child(resource, 'apiGroup')) ?? '';
    const kind = textOf(child(resource, 'kind')) ?? '';
    const name = textOf(child(resource, 'name')) ?? '';
    return [{ kind: group === '' ? kind : `${kind}.${group}`, namespace, name }];
  }
  const service = child(field, 'service');
  const isOld = isAbsent(service);
  const name = textOf(isOld ? child(field, 'serviceName') : child(service, 'name')) ?? '';
  if (name === '') {
    addFault(field, 'a backend names a Service');
    return [];
  }
  const port = isOld ? oldPort(child(field, 'servicePort')) : portOf(child(service, 'port'));
  return [{ kind: 'Service', namespace, name, ...(port === undefined ? {} : { port }) }];
}

function portOf(field: Field): number | string | undefined {
  const name = textOf(child(field, 'name')) ?? '';
  return name === '' ? portAt(child(field, 'number')) : portName(child(field, 'name'), name);
}

function oldPort(field: Field): number | string | undefined {
  if (typeof field.value === 'string') return portName(field, field.value);
  return integerOf(field) === undefined ? undefined : portAt(field);
}

function portName(field: Field, name: string): string {
  const fault = portNameFault(name);
  if (fault !== undefined) addFault(field, fault);
  return name;
}
