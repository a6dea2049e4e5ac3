import { listAt, member, numberAt, objectAt, textAt, textOf } from '../json-access.ts';
import { rowsOf } from '../rows.ts';
import type { Json } from '../wire.ts';
import { table, visible } from './layout.ts';
import type { Cell, Look } from './layout.ts';
import { listHead, shortPorts } from './list-text.ts';
import { counted, printPeer, printPlace, printPolicy, printSome } from './phrases.ts';

/** Pods and policies named in one line. */
const NAMES_MAX = 3;

/** The rules that hold for pods as a table a direction, in the order they are asked. */
export function effectiveListText(answer: Json, look: Look): string[] {
  const rows = rowsOf('effective-list', answer);
  const total = numberAt(answer, 'totalCount');
  const parts = numberAt(answer, 'partCount');
  const differing = parts < 2 ? '' : `, ${parts} parts with different rules`;
  const name = printPeer(member(answer, 'peer'));
  const headline = `${name === '' ? '' : `${name}: `}${counted(total, 'row')}${differing}`;
  const hidden = total - rows.length;
  return [
    ...listHead(answer, look, headline),
    ...blocksOf(rows).flatMap((block) => blockLines(answer, block, look)),
    ...(0 < hidden ? ['', `${rows.length} of ${rows.length + hidden} rows are shown`] : []),
  ];
}

/** Rows of one part and direction, which stand together. */
function blocksOf(rows: readonly Json[]): Json[][] {
  const blocks = new Map<string, Json[]>();
  for (const row of rows) {
    const key = `${textAt(row, 'part')} ${textAt(row, 'direction')}`;
    const known = blocks.get(key);
    if (known === undefined) blocks.set(key, [row]);
    else known.push(row);
  }
  return [...blocks.values()];
}

function blockLines(answer: Json, rows: readonly Json[], look: Look): string[] {
  const [first] = rows;
  const direction = textAt(first, 'direction').toLowerCase();
  const subject = objectAt(first, 'subject');
  const names = listAt(subject, 'nodes').map(printPeer);
  const count = numberAt(subject, 'count');
  const pods = numberAt(answer, 'partCount') < 2 ? '' : ` of ${printSome(names, NAMES_MAX)}`;
  const headings = [
    '#',
    'ACTION',
    'TIER',
    'PORTS',
    direction === 'egress' ? 'TO' : 'FROM',
    'RULES',
  ];
  return [
    '',
    look.paint.strong(`${visible(direction)}${pods}, ${counted(count, 'pod')}`),
    ...table(
      headings,
      rows.flatMap((row) => rowCells(row, look)),
      look,
    ),
  ];
}

/** One row: its peers and its rules stand under each other, each on its own line. */
function rowCells(row: Json, look: Look): (readonly Cell[])[] {
  const { paint } = look;
  const peers = listAt(row, 'peers').map((peer) => {
    const not = member(peer, 'negated') === true ? 'all but ' : '';
    return visible(not + textAt(peer, 'text'));
  });
  const rules = becauseOf(row);
  const action = textAt(row, 'action');
  const isShadowed = objectAt(row, 'shadowedBy') !== undefined;
  const first = [
    { text: textAt(row, 'position') },
    { text: visible(action), paint: paintAction(action, look) },
    { text: visible(tierOf(row)) },
    { text: portsOf(row) },
  ];
  return Array.from({ length: Math.max(1, peers.length, rules.length) }, (_, i) => {
    const start: readonly Cell[] = i === 0 ? first : first.map(() => ({ text: '' }));
    const [peer, rule] = [peers[i], rules[i]];
    const cells = [
      ...start,
      { text: peer ?? '' },
      rule === undefined ? { text: '' } : { text: rule, paint: paint.faint },
    ];
    return isShadowed ? cells.map((cell) => faded(cell, look)) : cells;
  });
}

/** What is never asked stands back; nothing is painted where nothing stands. */
function faded({ text }: Cell, { paint }: Look): Cell {
  return text === '' ? { text } : { text, paint: paint.faint };
}

/** What stands behind a row, a line each. */
function becauseOf(row: Json): string[] {
  const reason = objectAt(row, 'reason');
  const shadow = objectAt(row, 'shadowedBy');
  const policies = listAt(row, 'policies').map((policy) => printPolicy(policy, true));
  const rules = listAt(row, 'contributors').map(printRule);
  const kind = textAt(row, 'kind');
  return [
    ...(kind === 'ISOLATION' ? policies.map((name) => `isolated by ${name}`) : rules),
    ...(kind === 'DEFAULT' ? ['nobody decided'] : []),
    ...(kind === 'SELF' || kind === 'LOCAL_NODE' ? ['no policy can stop it'] : []),
    ...(reason === undefined
      ? []
      : [visible(`${textAt(reason, 'code')}: ${textAt(reason, 'message')}`)]),
    ...(shadow === undefined ? [] : [`never asked: ${shadowOf(shadow)}`]),
  ];
}

function shadowOf(shadow: Json): string {
  const rules = listAt(shadow, 'rules').map(printRule);
  const policies = listAt(shadow, 'policies').map((policy) => printPolicy(policy, true));
  return printSome([...rules, ...policies.map((name) => `isolated by ${name}`)], NAMES_MAX);
}

function printRule(rule: Json): string {
  const policy = printPolicy(objectAt(rule, 'policy'), true);
  return `${policy} ${visible(textAt(rule, 'pointer'))}${printPlace(rule)}`;
}

function tierOf(row: Json): string {
  return textAt(row, 'tier').toLowerCase().replaceAll('_', ' ');
}

function portsOf(row: Json): string {
  const names = listAt(row, 'portNames').map((name) => visible(textOf(name)));
  const numbers = shortPorts(listAt(row, 'ports'));
  return [...(numbers === '' ? [] : [numbers]), ...names].join(',') || 'none';
}

function paintAction(action: string, { paint }: Look): (text: string) => string {
  if (action === 'ALLOW') return paint.good;
  return action === 'DENY' ? paint.bad : paint.unsure;
}
