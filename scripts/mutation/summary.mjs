// The score of a run by folder, as the table of docs/mutation.md, and what nothing killed:
//   node scripts/mutation/summary.mjs reports/mutation.json [reports of later looks at what was alive …]
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { isAlive, resultsIn } from './sample.mjs';

const [first, ...later] = process.argv
  .slice(2)
  .map((path) => resultsIn(JSON.parse(readFileSync(path, 'utf8'))));

/** A row for each folder: how many were looked at, and what became of them. */
const rows = new Map();
const total = { all: 0, killed: 0, endless: 0, alive: 0 };
const survivors = [];
for (const [name, result] of first) {
  const last = [result, ...later.map((results) => results.get(name) ?? result)].find(
    (one) => !isAlive(one),
  );
  const what = last === undefined ? 'alive' : last.status === 'Timeout' ? 'endless' : 'killed';
  const folder = dirname(result.file);
  if (!rows.has(folder)) rows.set(folder, { all: 0, killed: 0, endless: 0, alive: 0 });
  for (const row of [rows.get(folder), total]) {
    row.all += 1;
    row[what] += 1;
  }
  if (what === 'alive')
    survivors.push(`${name}${result.status === 'NoCoverage' ? ' (no test)' : ''}`);
}

/** Where the share of `all` probably lies of which `some` is a sample, in percent (Wilson, 95 %). */
function interval(some, all) {
  const z = 1.96;
  const share = some / all;
  const middle = share + (z * z) / (2 * all);
  const half = z * Math.sqrt((share * (1 - share)) / all + (z * z) / (4 * all * all));
  return [middle - half, middle + half].map((edge) => (100 * edge) / (1 + (z * z) / all));
}

function print(name, { all, killed, endless, alive }) {
  const [low, high] = interval(killed + endless, all).map((percent) => percent.toFixed(0));
  const score = ((100 * (killed + endless)) / all).toFixed(1);
  return `| ${name} | ${[all, killed, endless, alive].join(' | ')} | ${score} % | ${low}–${high} % |`;
}

const lines = [
  '| folder | mutants | killed | never ended | alive | score | of all, 95 % |',
  '| --- | --- | --- | --- | --- | --- | --- |',
  ...[...rows].toSorted().map(([folder, row]) => print(`\`${folder}\``, row)),
  print('all', total),
  '',
  ...survivors,
];
process.stdout.write(`${lines.join('\n')}\n`);
