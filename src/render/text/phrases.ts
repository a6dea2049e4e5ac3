import { listAt, numberAt, objectAt, textAt, textOf } from '../json-access.ts';
import { printPorts } from '../port-text.ts';
import type { Json } from '../wire.ts';
import { visible, wrap } from './layout.ts';
import type { Look, Paint } from './layout.ts';

/** Ranges shown of a list of addresses; more are counted. */
const RANGES_MAX = 4;

/** `text` in the colour of `verdict`. */
export function paintVerdict(paint: Paint, verdict: string): (text: string) => string {
  if (verdict === 'ALLOWED') return paint.good;
  return verdict === 'DENIED' ? paint.bad : paint.unsure;
}

/** A peer as its ref; long lists of ranges are cut. */
export function printPeer(peer: Json | undefined): string {
  return visible(cutRanges(textAt(peer, 'ref')));
}

/** `text` with every long list of addresses in it cut after the first; ports are no addresses. */
export function cutRanges(text: string): string {
  const range = '[0-9a-fA-F]*[.:][0-9a-fA-F.:]*(?:/[0-9]+)?';
  return text.replace(new RegExp(`${range}(?:,${range})+`, 'g'), (list) => {
    const ranges = list.split(',');
    const hidden = ranges.length - RANGES_MAX;
    return hidden <= 0
      ? list
      : `${ranges.slice(0, RANGES_MAX).join(',')} and ${hidden} more ranges`;
  });
}

/** Ports in the port grammar, with spaces to wrap at; `none` when there are none. */
export function printPortList(ports: readonly Json[]): string {
  const text = printPorts(ports);
  return text === '' ? 'none' : text.replaceAll(',', ', ');
}

/** `NetworkPolicy shop/allow-web`; the most common kind is left out where `short`. */
export function printPolicy(policy: Json | undefined, short = false): string {
  const namespace = textAt(policy, 'namespace');
  const name = namespace === '' ? textAt(policy, 'name') : `${namespace}/${textAt(policy, 'name')}`;
  const kind = textAt(policy, 'kind');
  return visible(short && kind === 'NetworkPolicy' ? name : `${kind} ${name}`);
}

/** ` (file.yaml:12)`; `''` when the file is not known. */
export function printPlace(json: Json | undefined): string {
  const file = textAt(json, 'file');
  const line = textAt(json, 'line');
  if (file === '') return line === '' ? '' : ` (line ${line})`;
  return visible(` (${file}${line === '' ? '' : `:${line}`})`);
}

/** `shop/allow-web, shop/x and 3 more`. */
export function printSome(names: readonly string[], max: number): string {
  if (names.length <= max) return names.join(', ');
  return `${names.slice(0, max).join(', ')} and ${names.length - max} more`;
}

/** `Ingress shop.example/api`: what a source brings from outside. */
export function printVia(via: Json): string {
  const place = `${textAt(via, 'host')}${textAt(via, 'path')}`;
  const name = `${textAt(via, 'namespace')}/${textAt(via, 'name')}`;
  return visible(`${textAt(via, 'kind')} ${textAt(via, 'host') === '' ? name : place}`);
}

/** `1 pod`, `3 pods`. */
export function counted(count: number, noun: string): string {
  const plural = noun.endsWith('y') ? `${noun.slice(0, -1)}ies` : `${noun}s`;
  return `${count} ${count === 1 ? noun : plural}`;
}

/** Reasons, each `CODE: message`, wrapped under its start. */
export function reasonLines(reasons: readonly Json[], look: Look): string[] {
  return reasons.flatMap((reason) => {
    const text = visible(`${textAt(reason, 'code')}: ${textAt(reason, 'message')}`);
    return hanging(text, look, '  ');
  });
}

/** Problems, the first `max`, each with its object and place. */
export function problemLines(problems: readonly Json[], look: Look, max: number): string[] {
  const lines = problems.slice(0, max).flatMap((problem) => {
    const path = textAt(problem, 'path');
    const where = `${textAt(problem, 'object')}${path === '' ? '' : ` ${path}`}`;
    const text = `${textAt(problem, 'severity')}: ${where}: ${textAt(problem, 'message')}`;
    return hanging(visible(text) + printPlace(problem), look, '  ');
  });
  return problems.length <= max ? lines : [...lines, `  and ${problems.length - max} more`];
}

/** Kinds that the snapshot does not have whole, in a sentence; none when all are complete. */
export function coverageLines(answer: Json, look: Look): string[] {
  const lacking = listAt(objectAt(answer, 'snapshot') ?? answer, 'coverage').filter(
    (kind) => textAt(kind, 'status') !== 'COMPLETE',
  );
  if (lacking.length === 0) return [];
  const kinds = lacking.map((kind) => {
    const namespaces = listAt(kind, 'namespaces').map(textOf);
    const only = namespaces.length === 0 ? '' : ` (only ${printSome(namespaces, 3)})`;
    return `${textAt(kind, 'kind')} ${textAt(kind, 'status').toLowerCase()}${only}`;
  });
  return hanging(visible(`not in the snapshot: ${kinds.join(', ')}`), look, '');
}

/** `2 allowed, 1 undetermined`; verdicts without a row are left out. */
export function printCounts(counts: Json | undefined): string {
  return ['allowed', 'denied', 'partial', 'undetermined']
    .filter((name) => numberAt(counts, name) !== 0)
    .map((name) => `${numberAt(counts, name)} ${name}`)
    .join(', ');
}

function hanging(text: string, { width }: Look, indent: string): string[] {
  const [first = '', ...rest] = wrap(text, width - 4, indent);
  return [first, ...rest.map((line) => `    ${line}`)];
}
