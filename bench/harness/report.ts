import { cpus, loadavg } from 'node:os';
import { isMet } from './row.ts';
import type { Check, Goal, Row, RowResult } from './row.ts';

/** A row with what it came to. */
export interface Measured {
  readonly row: Row;
  readonly result: RowResult;
  /** Load average of the last minute when the row ended. */
  readonly load: number;
  readonly tookMs: number;
}

/** Where and of what a table is. */
export interface Conditions {
  readonly size: string;
  readonly seed: number;
  readonly pairs: number;
}

/** The one-minute load average. */
export function load(): number {
  return loadavg()[0] ?? 0;
}

/** Machine, versions and size, in a line. */
export function describeConditions({ size, seed, pairs }: Conditions): string {
  const [cpu] = cpus();
  const machine = `${cpus().length} x ${cpu?.model.trim() ?? 'unknown CPU'}`;
  return `${size}, seed ${seed}, ${pairs} pairs; Node ${process.versions.node}, ${machine}`;
}

const HEADERS = ['row', 'figure', 'took', 'reference', 'ratio', 'goal', 'met'] as const;

/** The lines of a row in a table for terminals. */
export function tableLines({ row, result, load }: Measured): string[] {
  const title = `${row.id.padEnd(4)}${row.title}, against ${row.against}`;
  return [title, ...cellsOf(result, load).map((cells) => `    ${aligned(cells)}`)];
}

/** The head of a table for terminals. */
export function tableHead(): string {
  return `    ${aligned(HEADERS.slice(1))}`;
}

/** All rows as a Markdown table. */
export function markdown(all: readonly Measured[], conditions: Conditions): string {
  const lines = all.flatMap(({ row, result, load }) =>
    cellsOf(result, load).map(
      ([what = '', ...cells]) => `| ${[row.id, `${row.title}: ${what}`, ...cells].join(' | ')} |`,
    ),
  );
  const rule = HEADERS.map((header) => (header === 'figure' ? '---' : '---:'));
  return [
    `${describeConditions(conditions)}. Medians; ratios are of CPU time.`,
    '',
    `| ${HEADERS.join(' | ')} |`,
    `| ${rule.join(' | ')} |`,
    ...lines,
    '',
  ].join('\n');
}

/** All rows as JSON. */
export function json(all: readonly Measured[], conditions: Conditions): string {
  const rows = all.map(({ row, result, load, tookMs }) => ({
    id: row.id,
    area: row.area,
    title: row.title,
    against: row.against,
    bound: row.bound,
    load: Number(load.toFixed(2)),
    tookMs: Math.round(tookMs),
    ...(isChecked(result)
      ? { checks: result.map((check) => ({ ...check, met: isMet(check, load) })) }
      : result),
  }));
  const { node } = process.versions;
  return `${JSON.stringify({ ...conditions, node, cpus: cpus().length, rows }, undefined, 2)}\n`;
}

/** `13 of 15 goals met; 4 rows skipped`. */
export function summary(all: readonly Measured[]): string {
  const verdicts = all.flatMap(({ result, load }) =>
    isChecked(result) ? result.map((check) => isMet(check, load)) : [],
  );
  const judged = verdicts.filter((met) => met !== null);
  const skipped = all.filter(({ result }) => !isChecked(result)).length;
  const met = judged.filter(Boolean).length;
  return `${met} of ${judged.length} goals met; ${skipped} rows skipped`;
}

function isChecked(result: RowResult): result is readonly Check[] {
  return Array.isArray(result);
}

function cellsOf(result: RowResult, load: number): (readonly string[])[] {
  if (!isChecked(result)) return [['skipped', '', '', '', '', result.skipped]];
  return result.map((check) => [
    check.what,
    `${short(check.figure)} ${check.unit}`,
    check.reference === undefined ? '' : `${short(check.reference)} ${check.unit}`,
    ratioText(check),
    goalText(check.goal, check.unit),
    verdictText(isMet(check, load), check, load),
  ]);
}

function ratioText({ ratio, spread, pairs }: Check): string {
  if (ratio === undefined) return '';
  const range = spread === undefined ? '' : ` (${short(spread[0])}-${short(spread[1])})`;
  return `${short(ratio)}x${range}${pairs === undefined ? '' : `, ${pairs} pairs`}`;
}

function goalText(goal: Goal, unit: string): string {
  if (goal === 'none') return '';
  if ('ratioAtMost' in goal) return `<= ${goal.ratioAtMost}x`;
  if ('ratioAtLeast' in goal) return `>= ${goal.ratioAtLeast}x`;
  return `<= ${goal.atMost} ${unit}`;
}

function verdictText(met: boolean | null, { goal }: Check, load: number): string {
  if (met !== null) return met ? 'yes' : 'NO';
  return goal === 'none' ? '' : `not judged at load ${load.toFixed(1)}`;
}

const WIDTHS = [46, 12, 12, 30, 12, 12];

function aligned(cells: readonly string[]): string {
  return cells
    .map((cell, i) => (i === 0 ? cell.padEnd(WIDTHS[i] ?? 0) : cell.padStart(WIDTHS[i] ?? 0)))
    .join(' ')
    .trimEnd();
}

/** Three digits that matter. */
function short(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (1000 <= Math.abs(value)) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(3)));
}
