import { listAt, member, numberAt, objectAt, textAt, textOf } from '../json-access.ts';
import { printPorts } from '../port-text.ts';
import { rowsOf } from '../rows.ts';
import type { Json } from '../wire.ts';
import { table, visible, wrap } from './layout.ts';
import type { Cell, Look } from './layout.ts';
import {
  counted,
  coverageLines,
  paintVerdict,
  printCounts,
  printPeer,
  printPlace,
  printPolicy,
  printPortList,
  printSome,
  printVia,
  problemLines,
  reasonLines,
} from './phrases.ts';

/** Names shown in one cell. */
const NAMES_MAX = 2;
const PROBLEMS_MAX = 5;

/** Rows of who-can-reach, reachable-from and connectivity. */
export function reachListText(answer: Json, look: Look): string[] {
  const items = rowsOf('reach-list', answer);
  const total = numberAt(answer, 'totalCount');
  const none =
    member(answer, 'complete') === false
      ? 'no connection is known to be allowed'
      : 'none: no connection is allowed';
  const headline =
    total === 0 ? none : `${counted(total, 'row')}: ${printCounts(objectAt(answer, 'counts'))}`;
  const rows = items.map((row): readonly Cell[] => {
    const verdict = textAt(row, 'verdict');
    return [
      { text: printPeer(member(row, 'from')) },
      { text: printPeer(member(row, 'to')) },
      { text: visible(verdict), paint: paintVerdict(look.paint, verdict) },
      { text: shortPorts(listAt(row, 'ports')) },
      { text: shortPorts(listAt(row, 'undetermined')) },
      { text: printSome([...new Set(listAt(row, 'via').map(printVia))], NAMES_MAX) },
      { text: because(row), paint: look.paint.faint },
    ];
  });
  const headings = ['FROM', 'TO', 'VERDICT', 'PORTS', 'UNDETERMINED', 'BRINGS', 'BECAUSE'];
  return [...list(answer, look, { headline, headings, rows }), ...unreachableLines(answer, look)];
}

/** The pod groups that no other pod may reach, in a list over everything. */
function unreachableLines(answer: Json, { width }: Look): string[] {
  const names = listAt(answer, 'unreachable').map(printPeer);
  if (names.length === 0) return [];
  const count = numberAt(answer, 'unreachableCount');
  const more = names.length < count ? ` and ${count - names.length} more` : '';
  return ['', ...wrap(`no other pod may reach: ${names.join(', ')}${more}`, width)];
}

/** Who is isolated, in which direction, by which policies. */
export function isolationListText(answer: Json, look: Look): string[] {
  const { paint } = look;
  const rows = rowsOf('isolation-list', answer).map((row): readonly Cell[] => {
    if (member(row, 'policed') === false) {
      return [
        { text: printPeer(member(row, 'peer')) },
        { text: 'not policed' },
        { text: 'not policed' },
      ];
    }
    const cell = (name: 'ingress' | 'egress'): Cell => {
      const side = objectAt(row, name);
      const isolated = member(side, 'isolated');
      const names = listAt(side, 'policies').map((policy) => printPolicy(policy, true));
      const by = names.length === 0 ? '' : ` by ${printSome(names, NAMES_MAX)}`;
      if (isolated === true) return { text: `isolated${by}`, paint: paint.good };
      const cluster = listAt(side, 'clusterPolicies').map((policy) => printPolicy(policy, true));
      const also = cluster.length === 0 ? '' : `, under ${printSome(cluster, NAMES_MAX)}`;
      if (isolated === false) {
        return { text: `${names.length === 0 ? 'open' : `partly isolated${by}`}${also}` };
      }
      return { text: `unknown${by}${also}`, paint: paint.unsure };
    };
    return [{ text: printPeer(member(row, 'peer')) }, cell('ingress'), cell('egress')];
  });
  const headline = counted(numberAt(answer, 'totalCount'), 'row');
  return list(answer, look, { headline, headings: ['PODS', 'INGRESS', 'EGRESS'], rows });
}

/** Policies and what each selects. */
export function policyListText(answer: Json, look: Look): string[] {
  const rows = rowsOf('policy-list', answer).map((row): readonly Cell[] => {
    const ruleCounts = objectAt(row, 'ruleCounts');
    const directions = listAt(row, 'directions').map((one) => textOf(one).toLowerCase());
    const isEvaluated = member(row, 'evaluated') !== false;
    return [
      { text: printPolicy(objectAt(row, 'policy')) },
      { text: visible(textAt(row, 'subject')) },
      { text: String(numberAt(objectAt(row, 'selects'), 'podCount')) },
      {
        text: directions.map((one) => `${visible(one)} ${numberAt(ruleCounts, one)}`).join(', '),
      },
      {
        text: printPlace(row)
          .trim()
          .replace(/^\(|\)$/g, ''),
      },
      isEvaluated
        ? { text: '' }
        : { text: visible(textAt(objectAt(row, 'reason'), 'code')), paint: look.paint.unsure },
    ];
  });
  const headline = counted(numberAt(answer, 'totalCount'), 'policy');
  const headings = ['POLICY', 'SELECTS', 'PODS', 'RULES', 'WHERE', 'NOT EVALUATED'];
  return list(answer, look, { headline, headings, rows });
}

/** What a ref stands for. */
export function resolutionText(answer: Json, look: Look): string[] {
  const peer = objectAt(answer, 'peer');
  const rows = rowsOf('resolution', answer).map((row): readonly Cell[] => [
    { text: printPeer(row) },
    { text: visible(textAt(row, 'kind')) },
    { text: textAt(row, 'podCount') },
  ]);
  const empty = member(answer, 'empty') === true ? ', which stands for nothing now' : '';
  const headline = visible(
    `${textAt(answer, 'ref')}: ${textAt(peer, 'kind')} ${textAt(peer, 'ref')}${empty}`,
  );
  const service = listAt(objectAt(answer, 'service'), 'ports').map((port) => {
    const targets = listAt(port, 'targets').map(
      (target) => `${numberAt(target, 'port')} on ${counted(numberAt(target, 'podCount'), 'pod')}`,
    );
    const asked = `${textAt(port, 'protocol').toLowerCase()}/${numberAt(port, 'port')}`;
    return visible(`  ${asked} → ${targets.join(', ') || 'no endpoint'}`);
  });
  const page = objectAt(answer, 'members') ?? answer;
  const lines = list(page, look, { headline, headings: ['STANDS FOR', 'KIND', 'PODS'], rows });
  return service.length === 0 ? lines : [...lines, '', ...service];
}

/** What a list says at its head, and its table. */
export interface Body {
  readonly headline: string;
  readonly headings: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

/** What is missing comes before the rows: who reads only the top must not take them for all. */
export function listHead(answer: Json, look: Look, headline: string): string[] {
  const isComplete = member(answer, 'complete') !== false;
  const problems = listAt(answer, 'problems').filter((one) => textAt(one, 'severity') !== 'info');
  return [
    look.paint.strong(isComplete ? headline : `INCOMPLETE: ${headline}`),
    ...(isComplete ? [] : ['a missing fact could add or change rows']),
    ...reasonLines(listAt(answer, 'reasons'), look),
    ...coverageLines(answer, look),
    ...problemLines(problems, look, PROBLEMS_MAX),
  ];
}

/** A whole list: its head, its table, and how many rows are not shown. */
export function list(answer: Json, look: Look, { headline, headings, rows }: Body): string[] {
  const hidden = numberAt(answer, 'totalCount') - rows.length;
  return [
    ...listHead(answer, look, headline),
    ...(rows.length === 0 ? [] : ['', ...table(headings, rows, look)]),
    ...(0 < hidden ? ['', `${rows.length} of ${rows.length + hidden} rows are shown`] : []),
  ];
}

/** Why a row is allowed: the policies, or the code where no rule was needed. */
function because(row: Json): string {
  const implicit = textAt(row, 'implicit');
  if (implicit !== '') return visible(implicit);
  const rules = listAt(row, 'because');
  const names = [...new Set(rules.map((rule) => printPolicy(objectAt(rule, 'policy'), true)))];
  const codes = listAt(row, 'reasons').map((reason) => visible(textAt(reason, 'code')));
  const verdict = textAt(row, 'verdict');
  if (names.length === 0 || verdict === 'UNDETERMINED')
    return printSome([...new Set(codes)], NAMES_MAX);
  return printSome(names, NAMES_MAX);
}

/** A cell holds few ranges; the whole list is in the other formats. */
export function shortPorts(ports: readonly Json[]): string {
  const max = 6;
  if (ports.length === 0) return '';
  const text = printPorts(ports.slice(0, max));
  return ports.length <= max
    ? text
    : `${printPortList(ports.slice(0, max))} and ${ports.length - max} more`;
}
