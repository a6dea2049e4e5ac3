import { listAt, member, numberAt, objectAt, textAt } from '../json-access.ts';
import { rowsOf } from '../rows.ts';
import type { Json } from '../wire.ts';
import { table, visible, wrap } from './layout.ts';
import type { Look } from './layout.ts';
import { coverageLines, problemLines } from './phrases.ts';

const PROBLEMS_MAX = 20;
/** Hexadecimal digits of a digest that tell snapshots apart at a glance. */
const DIGEST_DIGITS = 12;

/** One snapshot: where it is from, what it holds, what is wrong with it. */
export function snapshotText(answer: Json, look: Look): string[] {
  const detected = member(answer, 'sourceDetected') === true ? ' (detected)' : '';
  const counts = listAt(answer, 'counts')
    .filter((kind) => numberAt(kind, 'count') !== 0)
    .map((kind) => `${numberAt(kind, 'count')} ${textAt(kind, 'kind')}`);
  const problems = listAt(answer, 'problems');
  const hint = textAt(answer, 'hint');
  const facts = [
    ['snapshot', textAt(answer, 'id')],
    ['cluster', textAt(answer, 'cluster')],
    ['taken at', textAt(answer, 'takenAt')],
    ['source', textAt(answer, 'source').toLowerCase() + detected],
    ['digest', textAt(answer, 'digest')],
    ['holds', counts.join(', ')],
  ] as const;
  return [
    ...facts.map(([name, value]) => `${name.padEnd(10)}${visible(value)}`),
    ...coverageLines(answer, look),
    ...wrap(visible(hint), look.width),
    ...(problems.length === 0 ? [] : ['problems', ...problemLines(problems, look, PROBLEMS_MAX)]),
  ];
}

/** The snapshots of a cluster, newest first. */
export function snapshotListText(answer: Json, look: Look): string[] {
  const rows = rowsOf('snapshot-list', answer).map((row) => [
    { text: visible(textAt(row, 'id')) },
    { text: visible(textAt(row, 'cluster')) },
    { text: visible(textAt(row, 'takenAt')) },
    { text: visible(textAt(row, 'source').toLowerCase()) },
    { text: visible(textAt(row, 'digest').slice(0, DIGEST_DIGITS)), paint: look.paint.faint },
    { text: String(listAt(row, 'problems').length) },
  ]);
  const headings = ['SNAPSHOT', 'CLUSTER', 'TAKEN AT', 'SOURCE', 'DIGEST', 'PROBLEMS'];
  return rows.length === 0 ? ['no snapshots'] : table(headings, rows, look);
}

/** The clusters of a server. */
export function clusterListText(answer: Json, look: Look): string[] {
  const rows = rowsOf('cluster-list', answer).map((row) => {
    const latest = objectAt(row, 'latest');
    return [
      { text: visible(textAt(row, 'name')) },
      { text: visible(textAt(latest, 'id')) },
      { text: visible(textAt(latest, 'takenAt')) },
      { text: visible(textAt(row, 'lastSeenAt')) },
    ];
  });
  return rows.length === 0
    ? ['no clusters']
    : table(['CLUSTER', 'LATEST SNAPSHOT', 'TAKEN AT', 'LAST SEEN'], rows, look);
}
