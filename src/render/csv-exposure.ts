import type { Column } from './csv-column.ts';
import { listAt, objectAt, textAt, textOf } from './json-access.ts';
import { printPorts } from './port-text.ts';
import type { Json } from './wire.ts';

const column = (name: string, cell: Column[1]): Column => [name, cell];

/** Ports of one member of a row. */
const portsOf = (heading: string, at: (row: Json) => Json | undefined, name = 'ports'): Column => [
  heading,
  (row) => printPorts(listAt(at(row), name)),
];

const peer = (name: string): Column => [name, (row) => textAt(objectAt(row, 'peer'), name)];

const plain = (name: string): Column => [name, (row) => textAt(row, name)];

const permitted = (name: 'ingress' | 'egress'): readonly Column[] => {
  const at = (row: Json): Json | undefined => objectAt(row, name);
  return [
    [`${name}Class`, (row) => textAt(at(row), 'class')],
    portsOf(`${name}Ports`, at),
    [
      `${name}Ranges`,
      (row) =>
        listAt(at(row), 'ranges')
          .map((range) => textAt(objectAt(range, 'peer'), 'ref'))
          .join(' '),
    ],
  ];
};

const cluster = (row: Json): Json | undefined => objectAt(row, 'cluster');

/** One row of `exposure`, in short: ports that are not determined are in the other formats. */
export const EXPOSURE_COLUMNS: readonly Column[] = [
  plain('rank'),
  peer('ref'),
  peer('kind'),
  peer('namespace'),
  peer('name'),
  plain('level'),
  plain('effective'),
  column('entryPaths', (row) =>
    listAt(row, 'entryPaths')
      .map((path) => {
        const via = objectAt(path, 'via');
        const object = ['kind', 'namespace', 'name'].map((name) => textAt(via, name)).join('/');
        const host = textAt(via, 'host');
        const what = `${textAt(path, 'kind')}:${object}${host === '' ? '' : `@${host}`}`;
        return `${what}=${textAt(path, 'effective')}`;
      })
      .join(' '),
  ),
  ...permitted('ingress'),
  ...permitted('egress'),
  portsOf('entireCluster', cluster, 'entireCluster'),
  portsOf('otherNamespaces', (row) => objectAt(cluster(row), 'otherNamespaces')),
  portsOf('ownNamespace', (row) => objectAt(cluster(row), 'ownNamespace')),
  column('hypothetical', (row) => textAt(cluster(row), 'hypotheticalCount')),
  column('reasons', (row) =>
    [...new Set(listAt(row, 'reasons').map((one) => textAt(one, 'code')))].join(' '),
  ),
];

const names = (policies: readonly Json[]): string =>
  policies
    .map((policy) => [textAt(policy, 'namespace'), textAt(policy, 'name')])
    .map(([namespace = '', name = '']) => (namespace === '' ? name : `${namespace}/${name}`))
    .join(' ');

const places = (rules: readonly Json[]): string =>
  rules
    .map((rule) => {
      const line = textAt(rule, 'line');
      const file = textAt(rule, 'file');
      const place = file === '' ? '' : ` (${file}${line === '' ? '' : `:${line}`})`;
      return `${names([objectAt(rule, 'policy') ?? {}])} ${textAt(rule, 'pointer')}${place}`;
    })
    .join('; ');

/** One row of `effective`. */
export const EFFECTIVE_COLUMNS: readonly Column[] = [
  plain('part'),
  column('pods', (row) =>
    listAt(objectAt(row, 'subject'), 'nodes')
      .map((pod) => textAt(pod, 'ref'))
      .join(' '),
  ),
  column('podCount', (row) => textAt(objectAt(row, 'subject'), 'count')),
  plain('direction'),
  plain('position'),
  plain('kind'),
  plain('tier'),
  plain('action'),
  column('peers', (row) =>
    listAt(row, 'peers')
      .map((one) => `${textAt(one, 'negated') === 'true' ? 'not ' : ''}${textAt(one, 'text')}`)
      .join('; '),
  ),
  portsOf('ports', (row) => row),
  column('portNames', (row) => listAt(row, 'portNames').map(textOf).join(',')),
  column('contributors', (row) => places(listAt(row, 'contributors'))),
  column('policies', (row) => names(listAt(row, 'policies'))),
  column('shadowed', (row) => String(objectAt(row, 'shadowedBy') !== undefined)),
  column('reason', (row) => textAt(objectAt(row, 'reason'), 'code')),
];
