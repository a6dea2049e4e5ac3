import { listAt, numberAt, objectAt, textAt } from '../json-access.ts';
import { rowsOf } from '../rows.ts';
import type { Json } from '../wire.ts';
import { visible } from './layout.ts';
import type { Cell, Look } from './layout.ts';
import { list } from './list-text.ts';
import {
  counted,
  paintVerdict,
  printCounts,
  printPeer,
  printPolicy,
  printSome,
} from './phrases.ts';

/** Names shown in one cell. */
const NAMES_MAX = 2;

/** Every way in, and whether it reaches its pods. */
export function wayListText(answer: Json, look: Look): string[] {
  const total = numberAt(answer, 'totalCount');
  const counts = total === 0 ? '' : `: ${printCounts(objectAt(answer, 'counts'))}`;
  const rows = rowsOf('way-list', answer).map((row): readonly Cell[] => {
    const verdict = textAt(row, 'verdict');
    return [
      { text: printVia(objectAt(row, 'via')) },
      { text: printUrl(objectAt(row, 'via')) },
      { text: visible(verdict), paint: paintVerdict(look.paint, verdict) },
      { text: printController(row) },
      { text: printBackend(objectAt(row, 'backend')) },
      { text: because(row), paint: look.paint.faint },
    ];
  });
  const headings = ['WAY IN', 'AT', 'VERDICT', 'THROUGH', 'TO', 'BECAUSE'];
  return list(answer, look, { headline: `${counted(total, 'row')}${counts}`, headings, rows });
}

/** What brings traffic in: `Ingress shop/web`. */
export function printVia(via: Json | undefined): string {
  return visible(`${textAt(via, 'kind')} ${textAt(via, 'namespace')}/${textAt(via, 'name')}`);
}

/** `shop.example/api :443`, or the port alone. */
function printUrl(via: Json | undefined): string {
  const place = `${textAt(via, 'host')}${textAt(via, 'path')}`;
  const number = textAt(via, 'port');
  const kind = textAt(via, 'type').toLowerCase().replaceAll('_', ' ');
  const port = `${textAt(via, 'protocol').toLowerCase()}/${number === '' ? '?' : number}`;
  const isNamed = place !== '' || ['ingress', 'gateway', 'route'].includes(kind);
  return visible(isNamed ? `${place === '' ? '*' : place} ${port}` : `${kind} ${port}`);
}

function printController(row: Json): string {
  const controller = objectAt(row, 'controller');
  if (controller === undefined) return '';
  const peers = listAt(controller, 'peers').map(printPeer);
  if (peers.length !== 0) return printSome(peers, NAMES_MAX);
  return textAt(controller, 'found') === 'OUTSIDE' ? 'a load balancer' : 'not found';
}

function printBackend(backend: Json | undefined): string {
  if (backend === undefined) return '';
  const name =
    printPeer(objectAt(backend, 'peer')) ||
    visible(`${textAt(backend, 'namespace')}/${textAt(backend, 'name')}`);
  const port = textAt(backend, 'port');
  return port === '' ? name : `${name} ${visible(port)}`;
}

/** The policies that decide the legs that matter, or the codes where none does. */
function because(row: Json): string {
  const verdict = textAt(row, 'verdict');
  const policies = listAt(row, 'legs').flatMap((leg) => deciding(leg, verdict));
  const names = [...new Set(policies.map((policy) => printPolicy(policy, true)))];
  if (names.length !== 0 && verdict !== 'UNDETERMINED') return printSome(names, NAMES_MAX);
  const codes = listAt(row, 'reasons').map((reason) => visible(textAt(reason, 'code')));
  return printSome([...new Set(codes)], NAMES_MAX);
}

/** Policies that let a leg through where all of the way is open, and else those that stop it. */
function deciding(leg: Json, verdict: string): readonly (Json | undefined)[] {
  if (verdict === 'ALLOWED') return listAt(leg, 'because').map((rule) => objectAt(rule, 'policy'));
  return textAt(leg, 'verdict') === 'ALLOWED' ? [] : listAt(leg, 'blockedBy');
}
