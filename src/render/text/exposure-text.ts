import { listAt, member, numberAt, objectAt, textAt } from '../json-access.ts';
import { rowsOf } from '../rows.ts';
import type { Json } from '../wire.ts';
import { visible } from './layout.ts';
import type { Cell, Look } from './layout.ts';
import { list, shortPorts } from './list-text.ts';
import { counted, printPeer, printPortList, printSome, reasonLines } from './phrases.ts';
import { printVia } from './way-text.ts';

/** Entry paths named in one cell. */
const NAMES_MAX = 2;

/** Who is exposed, to what, the most exposed first. */
export function exposureListText(answer: Json, look: Look): string[] {
  const items = rowsOf('exposure-list', answer);
  const levels = listAt(answer, 'levels')
    .filter((level) => numberAt(level, 'count') !== 0)
    .map((level) => `${numberAt(level, 'count')} ${words(textAt(level, 'level'))}`);
  const total = counted(numberAt(answer, 'totalCount'), 'row');
  const headline = levels.length === 0 ? total : `${total}: ${levels.join(', ')}`;
  const rows = items.map((row): readonly Cell[] => {
    const level = textAt(row, 'level');
    return [
      { text: textAt(row, 'rank') },
      { text: printPeer(member(row, 'peer')) },
      { text: visible(words(level)), paint: paintLevel(level, look) },
      { text: permittedText(objectAt(row, 'ingress')) },
      { text: entryText(row) },
      { text: permittedText(objectAt(row, 'egress')) },
      { text: clusterText(objectAt(row, 'cluster')) },
    ];
  });
  const headings = ['#', 'PODS', 'EXPOSED TO', 'FROM INTERNET', 'ENTRY PATH', 'TO INTERNET'].concat(
    'FROM CLUSTER',
  );
  const lines = list(answer, look, { headline, headings, rows });
  const [only] = items;
  return items.length === 1 && only !== undefined ? [...lines, ...detailLines(only, look)] : lines;
}

/** `INTERNET_PERMITTED` as `internet, permitted only`. */
function words(level: string): string {
  return LEVELS.get(level) ?? level.toLowerCase().replaceAll('_', ' ');
}

const LEVELS: ReadonlyMap<string, string> = new Map([
  ['INTERNET_CONDITIONAL', 'internet, perhaps'],
  ['INTERNET_PERMITTED', 'internet, but no way in'],
  ['INTERNET_UNDETERMINED', 'internet, not determined'],
  ['NONE', 'nobody'],
]);

function paintLevel(level: string, { paint }: Look): (text: string) => string {
  if (level === 'INTERNET') return paint.bad;
  return level.startsWith('INTERNET') ? paint.unsure : (text) => text;
}

function permittedText(permitted: Json | undefined): string {
  const name = textAt(permitted, 'class').toLowerCase();
  if (name === 'ports') return visible(shortPorts(listAt(permitted, 'ports')));
  if (name !== 'ranges') return visible(name);
  const ranges = listAt(permitted, 'ranges').map((range) => printPeer(member(range, 'peer')));
  const hidden = numberAt(permitted, 'rangeCount') - ranges.length;
  const more = 0 < hidden ? ` and ${hidden} more` : '';
  return `${shortPorts(listAt(permitted, 'ports'))} for ${printSome(ranges, 1)}${more}`;
}

function entryText(row: Json): string {
  const paths = listAt(row, 'entryPaths').map((path) => {
    const effective = visible(textAt(path, 'effective').toLowerCase());
    return `${entryName(path)}: ${effective}`;
  });
  if (paths.length !== 0) return printSome(paths, NAMES_MAX);
  return textAt(row, 'effective') === 'CONDITIONAL' ? 'unknown' : '';
}

/** `Ingress shop/web for shop.example`; of what pods declare themselves `host port`. */
function entryName(path: Json): string {
  const kind = textAt(path, 'kind');
  if (kind.startsWith('HOST_')) return visible(kind.toLowerCase().replaceAll('_', ' '));
  const via = objectAt(path, 'via');
  const host = textAt(via, 'host');
  return `${printVia(via)}${host === '' ? '' : visible(` for ${host}`)}`;
}

/** The widest that is not nothing: whoever may do more is in it. */
function clusterText(cluster: Json | undefined): string {
  const entire = listAt(cluster, 'entireCluster');
  const others = listAt(objectAt(cluster, 'otherNamespaces'), 'ports');
  const own = listAt(objectAt(cluster, 'ownNamespace'), 'ports');
  const hypothetical = numberAt(cluster, 'hypotheticalCount');
  return [
    entire.length === 0 ? '' : `everywhere ${shortPorts(entire)}`,
    others.length === 0 || entire.length !== 0 ? '' : `other namespaces ${shortPorts(others)}`,
    own.length === 0 || entire.length !== 0 ? '' : `own ${shortPorts(own)}`,
    hypothetical === 0 || entire.length !== 0 ? '' : `new pods (${hypothetical})`,
  ]
    .filter((text) => text !== '')
    .join('; ');
}

/** Of one row, all that a table has no room for. */
function detailLines(row: Json, look: Look): string[] {
  const cluster = objectAt(row, 'cluster');
  const hypothetical = listAt(cluster, 'hypothetical').map((one) => {
    const [ports, unsure] = [listAt(one, 'ports'), listAt(one, 'undetermined')];
    const maybe = unsure.length === 0 ? '' : `, perhaps ${printPortList(unsure)}`;
    const stopped = ports.length + unsure.length === 0;
    const admitted = printPortList(listAt(one, 'admitted'));
    const what = stopped ? `${admitted}, if its own egress let it` : printPortList(ports) + maybe;
    return visible(`  ${textAt(one, 'text')}: ${what}`);
  });
  const hidden = numberAt(cluster, 'hypotheticalCount') - hypothetical.length;
  const more = hidden <= 0 ? [] : [`  and ${hidden} more`];
  const reasons = reasonLines(listAt(row, 'reasons'), look);
  return [
    ...(hypothetical.length === 0 ? [] : ['', 'who else could, were it created', ...hypothetical]),
    ...more,
    ...(reasons.length === 0 ? [] : ['', 'reasons', ...reasons]),
  ];
}
