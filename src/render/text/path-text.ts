import { listAt, member, numberAt, objectAt, textAt } from '../json-access.ts';
import type { Json } from '../wire.ts';
import { table, visible, wrap } from './layout.ts';
import type { Look } from './layout.ts';
import {
  counted,
  coverageLines,
  cutRanges,
  paintVerdict,
  printPeer,
  printPlace,
  printPolicy,
  printPortList,
  problemLines,
  reasonLines,
} from './phrases.ts';

/** Shown of each; more are counted. */
const POLICIES_MAX = 15;
const RULES_MAX = 8;
const PEERS_MAX = 8;
const NEAREST_MAX = 3;
const PROBLEMS_MAX = 5;

/** The answer to `path`: the verdict, the sentence, then both legs as a checklist. */
export function pathText(answer: Json, look: Look): string[] {
  const verdict = textAt(answer, 'verdict');
  const ends = `${printPeer(member(answer, 'from'))} → ${printPeer(member(answer, 'to'))}`;
  const color = paintVerdict(look.paint, verdict);
  const sections = [
    [
      `${color(visible(verdict))}  ${look.paint.strong(ends)}  ${visible(textAt(answer, 'askedText'))}`,
    ],
    wrap(visible(cutRanges(sentenceOf(answer))), look.width),
    listAt(answer, 'legs').flatMap((leg) => legLines(leg, look)),
    outcomeLines(listAt(answer, 'outcomes'), look),
    serviceLines(objectAt(answer, 'resolution')),
    titled('reasons', reasonLines(listAt(answer, 'reasons'), look)),
    titled('assumed', reasonLines(listAt(answer, 'assumptions'), look)),
    titled('problems in the input', problemLines(listAt(answer, 'problems'), look, PROBLEMS_MAX)),
    coverageLines(answer, look),
  ];
  return sections
    .filter((lines) => lines.length !== 0)
    .flatMap((lines, position) => (position === 0 ? lines : ['', ...lines]));
}

/** A batch: one line a question, in their order. */
export function pathsText(answer: Json, look: Look): string[] {
  const rows = listAt(answer, 'answers').map((one) => {
    const error = objectAt(one, 'error');
    const question = objectAt(one, 'question');
    const verdict = error === undefined ? textAt(one, 'verdict') : 'ERROR';
    const peer = (name: 'from' | 'to'): string =>
      objectAt(one, name) === undefined
        ? visible(textAt(question, name))
        : printPeer(member(one, name));
    const why =
      error === undefined
        ? listAt(one, 'reasons').map((reason) => textAt(reason, 'code'))
        : [`${textAt(error, 'code')}: ${textAt(error, 'detail')}`];
    return [
      { text: visible(verdict), paint: paintVerdict(look.paint, verdict) },
      { text: peer('from') },
      { text: peer('to') },
      { text: visible(textAt(one, 'askedText') || textAt(question, 'port')) },
      { text: visible(why.join(', ')), paint: look.paint.faint },
    ];
  });
  return [
    ...table(['VERDICT', 'FROM', 'TO', 'PORT', 'WHY'], rows, look),
    ...coverageLines(answer, look),
  ];
}

/** The paragraph without its first sentence, where that only repeats the line above it. */
function sentenceOf(answer: Json): string {
  const text = textAt(answer, 'text');
  const asked = textAt(answer, 'askedText');
  const from = textAt(objectAt(answer, 'from'), 'ref');
  const to = textAt(objectAt(answer, 'to'), 'ref');
  const port = asked === 'any' ? 'any port' : asked;
  const headline = `${textAt(answer, 'verdict')}: ${from} to ${to} on ${port}. `;
  return text.startsWith(headline) ? text.slice(headline.length) : text;
}

function legLines(leg: Json, look: Look): string[] {
  const direction = textAt(leg, 'direction').toLowerCase();
  const policies = listAt(leg, 'policies');
  const head = look.paint.strong(`${direction} of ${printPeer(member(leg, 'subject'))}`);
  const nearest = listAt(leg, 'nearest').slice(0, NEAREST_MAX);
  const shown = policies
    .slice(0, POLICIES_MAX)
    .flatMap((policy) => listAt(policy, 'rules').slice(0, RULES_MAX))
    .map((effect) => printRule(objectAt(effect, 'rule')));
  const closest = nearest.map((near) => printRule(objectAt(near, 'rule')));
  return [
    `${mark(textAt(leg, 'verdict'), look)} ${head}: ${decisionOf(leg)}`,
    ...policies.slice(0, POLICIES_MAX).flatMap((policy) => policyLines(policy, closest, look)),
    ...more(policies.length - POLICIES_MAX, 'policy', '    '),
    // What stands above already is only marked there.
    ...nearest.flatMap((near, position) => {
      const rule = closest[position] ?? '';
      return shown.includes(rule) ? [] : [`    nearest: ${rule}: ${visible(textAt(near, 'why'))}`];
    }),
  ].flatMap((line) => wrapUnder(line, look));
}

/** What decided a leg, in words. */
function decisionOf(leg: Json): string {
  const decided = objectAt(leg, 'decidedBy');
  const kind = textAt(decided, 'kind');
  if (kind === 'ISOLATION' && textAt(leg, 'verdict') === 'PARTIAL') {
    return 'isolated, and the rules admit only part of this';
  }
  if (kind !== 'RULE') return DECISIONS.get(kind) ?? visible(textAt(decided, 'short'));
  const action = ACTIONS.get(textAt(decided, 'action')) ?? words(textAt(decided, 'action'));
  return visible(action) + ` by ${printRule(objectAt(decided, 'rule'))}`;
}

const DECISIONS: ReadonlyMap<string, string> = new Map([
  ['ISOLATION', 'isolated, and no rule admits this'],
  ['DEFAULT', 'not isolated, so nothing stops it'],
  ['SELF', 'a pod always reaches itself'],
  ['LOCAL_NODE', 'a pod is always reachable from its own node'],
  ['EXTERNAL', 'no pod, so no policy applies'],
  ['AMBIGUOUS', 'policies of equal priority disagree'],
  ['UNDETERMINED', 'cannot be decided'],
  ['HIDDEN', 'decided by policies of other namespaces'],
]);

const ACTIONS: ReadonlyMap<string, string> = new Map([
  ['ALLOW', 'allowed'],
  ['DENY', 'denied'],
]);

function printRule(rule: Json | undefined): string {
  const policy = printPolicy(objectAt(rule, 'policy'), true);
  return `${policy} ${visible(textAt(rule, 'pointer'))}${printPlace(rule)}`;
}

/** One policy that selects the subject: what it did, and what each of its rules did. */
function policyLines(policy: Json, closest: readonly string[], look: Look): string[] {
  const effect = textAt(policy, 'effect');
  const rules = listAt(policy, 'rules');
  const why = rules.length === 0 ? `: ${textAt(objectAt(policy, 'reason'), 'message')}` : '';
  const name = printPolicy(objectAt(policy, 'policy'));
  return [
    `    ${effectMark(effect, look)} ${name} ${visible(words(effect) + why)}`,
    ...rules.slice(0, RULES_MAX).flatMap((rule) => {
      const ref = objectAt(rule, 'rule');
      const at = look.paint.faint(`${visible(textAt(ref, 'pointer'))}${printPlace(ref)}`);
      const nearest = closest.includes(printRule(ref)) ? ` ${look.paint.unsure('nearest:')}` : '';
      const message = visible(textAt(objectAt(rule, 'reason'), 'message'));
      return [
        `        ${effectMark(textAt(rule, 'effect'), look)} ${at}${nearest} ${message}`,
        ...peerLines(rule, look),
      ];
    }),
    ...more(rules.length - RULES_MAX, 'rule', '        '),
  ];
}

/** Each peer of a rule that has several, where not one of them is the other end. */
function peerLines(rule: Json, look: Look): string[] {
  const peers = listAt(rule, 'peerEntries');
  const fails = textAt(objectAt(rule, 'reason'), 'code') === 'PEER_NOT_SELECTED';
  if (!fails || peers.length < 2) return [];
  const indent = '            ';
  return [
    ...peers.slice(0, PEERS_MAX).map((peer) => {
      const at = look.paint.faint(visible(textAt(peer, 'pointer')));
      const sign = textAt(peer, 'match') === 'MAYBE' ? look.paint.unsure('?') : '·';
      return `${indent}${sign} ${at} ${visible(textAt(objectAt(peer, 'reason'), 'message'))}`;
    }),
    ...more(peers.length - PEERS_MAX, 'peer', indent),
  ];
}

function outcomeLines(outcomes: readonly Json[], look: Look): string[] {
  if (outcomes.length < 2) return [];
  const members = (outcome: Json, name: 'from' | 'to'): string => {
    const group = objectAt(outcome, name);
    const [first] = listAt(group, 'nodes');
    const count = numberAt(group, 'count');
    return count === 1 ? printPeer(first) : `${count}, such as ${printPeer(first)}`;
  };
  const ports = (outcome: Json, name: string): string => {
    const list = listAt(outcome, name);
    return list.length === 0 ? '' : printPortList(list);
  };
  const rows = outcomes.map((outcome) => {
    const verdict = textAt(outcome, 'verdict');
    return [
      { text: visible(verdict), paint: paintVerdict(look.paint, verdict) },
      { text: visible(textAt(outcome, 'family')) },
      { text: members(outcome, 'from') },
      { text: members(outcome, 'to') },
      { text: ports(outcome, 'allowed') },
      { text: ports(outcome, 'denied') },
      { text: ports(outcome, 'undetermined') },
    ];
  });
  const headings = ['VERDICT', 'FAMILY', 'FROM', 'TO', 'ALLOWED', 'DENIED', 'UNDETERMINED'];
  return [
    `${counted(outcomes.length, 'outcome')}, the worst first and explained above`,
    ...table(headings, rows, look),
  ];
}

function serviceLines(resolution: Json | undefined): string[] {
  return listAt(resolution, 'ports').map((port) => {
    const targets = listAt(port, 'targets').map(
      (target) => `${numberAt(target, 'port')} on ${counted(numberAt(target, 'podCount'), 'pod')}`,
    );
    const service = printPeer(member(resolution, 'service'));
    const name = textAt(port, 'name');
    const asked = `${textAt(port, 'protocol').toLowerCase()}/${numberAt(port, 'port')}`;
    const named = name === '' ? asked : `${asked} (${name})`;
    return visible(`${service} ${named} → ${targets.join(', ') || 'no endpoint'}`);
  });
}

function titled(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [title, ...lines];
}

function more(count: number, noun: string, indent: string): string[] {
  return count <= 0 ? [] : [`${indent}and ${counted(count, `more ${noun}`)}`];
}

function mark(verdict: string, { paint }: Look): string {
  if (verdict === 'ALLOWED') return paint.good('✓');
  return verdict === 'DENIED' ? paint.bad('✗') : paint.unsure('?');
}

function effectMark(effect: string, { paint }: Look): string {
  if (effect === 'ADMITS' || effect === 'ACCEPT') return paint.good('✓');
  if (effect === 'UNDECIDABLE') return paint.unsure('?');
  return effect === 'DENY' ? paint.bad('✗') : paint.faint('·');
}

/** `DOES_NOT_ADMIT` as `does not admit`. */
function words(code: string): string {
  return code.toLowerCase().replaceAll('_', ' ');
}

/** Wraps a line that is already indented, continuing two columns further in. */
function wrapUnder(line: string, { width }: Look): string[] {
  const indent = /^ */.exec(line)?.[0] ?? '';
  const [first = '', ...rest] = wrap(line, width, indent);
  return [first, ...rest.map((one) => `  ${one}`)];
}
