import type { AnswerKind, Renderer } from './answer-kind.ts';
import { listAt, member, numberAt, objectAt, textAt, textOf } from './json-access.ts';
import type { Column } from './csv-column.ts';
import { EFFECTIVE_COLUMNS, EXPOSURE_COLUMNS } from './csv-exposure.ts';
import { printPorts } from './port-text.ts';
import { rowsOf } from './rows.ts';
import type { Json } from './wire.ts';

/** RFC 4180: a header, then one row a line, lines end in CR LF. */
export const csv: Renderer = {
  mediaType: 'text/csv; charset=utf-8; header=present',
  render: (kind, answer) => csvHeader(kind) + csvRows(kind, answer),
};

/** The header line of a kind of answer. */
export function csvHeader(kind: AnswerKind): string {
  return line(COLUMNS[kind].map(([name]) => name));
}

/** The rows of one page. */
export function csvRows(kind: AnswerKind, page: Json): string {
  const columns = COLUMNS[kind];
  return rowsOf(kind, page)
    .map((row) => line(columns.map(([, cell]) => cell(row))))
    .join('');
}

/** A column that is a member of the row, by the same name. */
const plain = (name: string): Column => [name, (row) => textAt(row, name)];

const ports = (name: string): Column => [name, (row) => printPorts(listAt(row, name))];

/** Columns for one end of a reach: its ref, then what the ref names. */
const end = (name: 'from' | 'to'): readonly Column[] => [
  [name, (row) => textAt(objectAt(row, name), 'ref')],
  [`${name}Kind`, (row) => textAt(objectAt(row, name), 'kind')],
  [`${name}Namespace`, (row) => textAt(objectAt(row, name), 'namespace')],
  [`${name}Name`, (row) => textAt(objectAt(row, name), 'name')],
];

const codes: Column = [
  'reasons',
  (row) =>
    listAt(row, 'reasons')
      .map((reason) => textAt(reason, 'code'))
      .join(' '),
];

/** The end of an answer; where a question could not be asked, the end as it was asked. */
const asked = (row: Json, name: 'from' | 'to'): string =>
  textAt(objectAt(row, name), 'ref') || textAt(objectAt(row, 'question'), name);

const PATH: readonly Column[] = [
  ['from', (row) => asked(row, 'from')],
  ['to', (row) => asked(row, 'to')],
  ['port', (row) => textAt(row, 'askedText') || textAt(objectAt(row, 'question'), 'port')],
  plain('verdict'),
  plain('vacuous'),
  ports('allowed'),
  ports('denied'),
  ports('undetermined'),
  codes,
  ['error', (row) => textAt(objectAt(row, 'error'), 'code')],
  ['detail', (row) => textAt(objectAt(row, 'error'), 'detail')],
];

const direction = (name: 'ingress' | 'egress'): readonly Column[] => [
  [
    `${name}Isolated`,
    (row) => {
      const isolated = member(objectAt(row, name), 'isolated');
      return isolated === null || isolated === undefined
        ? 'unknown'
        : textAt(objectAt(row, name), 'isolated');
    },
  ],
  [
    `${name}Policies`,
    (row) =>
      listAt(objectAt(row, name), 'policies')
        .map((policy) => `${textAt(policy, 'namespace')}/${textAt(policy, 'name')}`)
        .join(' '),
  ],
];

/** Whether any policy protects, and the policies of the cluster behind that. */
const protection = (name: 'ingress' | 'egress'): readonly Column[] => [
  [
    `${name}Protected`,
    (row) => {
      const isProtected = member(objectAt(row, name), 'protected');
      return typeof isProtected === 'boolean' ? String(isProtected) : 'unknown';
    },
  ],
  [
    `${name}ClusterPolicies`,
    (row) =>
      listAt(objectAt(row, name), 'clusterPolicies')
        .map((one) => textAt(one, 'name'))
        .join(' '),
  ],
];

const policy = (name: string): Column => [name, (row) => textAt(objectAt(row, 'policy'), name)];

const via = (name: string): Column => [name, (row) => textAt(objectAt(row, 'via'), name)];

/** What is told of the controller and of the backend, each under one name of its own. */
const WAY: readonly Column[] = [
  ...['type', 'kind', 'namespace', 'name', 'host', 'path', 'port', 'protocol'].map(via),
  [
    'gateway',
    (row) => {
      const gateway = objectAt(objectAt(row, 'via'), 'gateway');
      const names = ['namespace', 'name', 'listener'].map((name) => textAt(gateway, name));
      return gateway === undefined ? '' : names.join('/');
    },
  ],
  plain('verdict'),
  ['addresses', (row) => listAt(row, 'addresses').map(textOf).join(' ')],
  ['controllerFound', (row) => textAt(objectAt(row, 'controller'), 'found')],
  [
    'controller',
    (row) =>
      listAt(objectAt(row, 'controller'), 'peers')
        .map((peer) => textAt(peer, 'ref'))
        .join(' '),
  ],
  [
    'backend',
    (row) => {
      const backend = objectAt(row, 'backend');
      const names = ['kind', 'namespace', 'name'].map((name) => textAt(backend, name));
      return textAt(objectAt(backend, 'peer'), 'ref') || names.filter(Boolean).join('/');
    },
  ],
  ['backendPort', (row) => textAt(objectAt(row, 'backend'), 'port')],
  ['targets', (row) => printPorts(listAt(objectAt(row, 'backend'), 'targets'))],
  codes,
];

const SNAPSHOT: readonly Column[] = [
  plain('id'),
  plain('cluster'),
  plain('takenAt'),
  plain('ingestedAt'),
  plain('source'),
  plain('digest'),
  plain('engine'),
  ['problems', (row) => String(listAt(row, 'problems').length)],
];

const COLUMNS: Readonly<Record<AnswerKind, readonly Column[]>> = {
  path: PATH,
  paths: PATH,
  'reach-list': [
    ...end('from'),
    ...end('to'),
    plain('verdict'),
    ports('ports'),
    ports('undetermined'),
    plain('implicit'),
    plain('podPairs'),
  ],
  'isolation-list': [
    ['ref', (row) => textAt(objectAt(row, 'peer'), 'ref')],
    ['kind', (row) => textAt(objectAt(row, 'peer'), 'kind')],
    ['namespace', (row) => textAt(objectAt(row, 'peer'), 'namespace')],
    ['name', (row) => textAt(objectAt(row, 'peer'), 'name')],
    plain('policed'),
    ...direction('ingress'),
    ...direction('egress'),
    ...protection('ingress'),
    ...protection('egress'),
  ],
  'exposure-list': EXPOSURE_COLUMNS,
  'effective-list': EFFECTIVE_COLUMNS,
  'policy-list': [
    policy('apiVersion'),
    policy('kind'),
    policy('namespace'),
    policy('name'),
    plain('tier'),
    ['directions', (row) => listAt(row, 'directions').map(textOf).join(' ')],
    plain('subject'),
    ['podCount', (row) => textAt(objectAt(row, 'selects'), 'podCount')],
    ['ingressRules', (row) => String(numberAt(objectAt(row, 'ruleCounts'), 'ingress'))],
    ['egressRules', (row) => String(numberAt(objectAt(row, 'ruleCounts'), 'egress'))],
    plain('evaluated'),
    ['reason', (row) => textAt(objectAt(row, 'reason'), 'code')],
    plain('file'),
    plain('line'),
  ],
  'way-list': WAY,
  resolution: ['ref', 'kind', 'namespace', 'name', 'podCount'].map(plain),
  snapshot: SNAPSHOT,
  'snapshot-list': SNAPSHOT,
  'cluster-list': [
    plain('name'),
    ['latest', (row) => textAt(objectAt(row, 'latest'), 'id')],
    ['takenAt', (row) => textAt(objectAt(row, 'latest'), 'takenAt')],
    ['digest', (row) => textAt(objectAt(row, 'latest'), 'digest')],
    plain('lastSeenAt'),
  ],
};

function line(cells: readonly string[]): string {
  return `${cells.map(quote).join(',')}\r\n`;
}

/**
 * A spreadsheet runs a cell that starts with one of these characters as a formula; no name, ref or
 * port of Kubernetes does, so that what is quoted here is an attack or a mistake.
 */
function quote(cell: string): string {
  const safe = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
