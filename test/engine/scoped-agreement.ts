/** What a reader of some namespaces is told, compared with what is so. What is returned is wrong. */
import { connectivity, connectivityInParts } from '../../src/engine/queries/connectivity.ts';
import { effective } from '../../src/engine/queries/effective.ts';
import { exposure } from '../../src/engine/queries/exposure.ts';
import { isolation } from '../../src/engine/queries/isolation.ts';
import { path } from '../../src/engine/queries/path.ts';
import { policies } from '../../src/engine/queries/policies.ts';
import { reachableFrom } from '../../src/engine/queries/reachable-from.ts';
import { resolve } from '../../src/engine/queries/resolve.ts';
import { waysIn } from '../../src/engine/queries/ways-in.ts';
import { whoCanReach } from '../../src/engine/queries/who-can-reach.ts';
import type { GroupOrdinal } from '../../src/engine/grouping.ts';
import type { ReachIndex } from '../../src/engine/reach-index.ts';
import type { GroupBy, LazyList, PathVerdict, Reach, Verdict } from '../../src/model/answer.ts';
import {
  connectionsOf,
  portRangesOf,
  printConnections,
  union,
} from '../../src/model/connection-set.ts';
import type { PortRange } from '../../src/model/connection-set.ts';
import { PodreachError } from '../../src/model/errors.ts';
import { OTHERS } from '../../src/model/peer.ts';
import { toJson } from '../../src/render/wire.ts';
import type { NamedEnd } from '../support/matrix.ts';

/** Questions about `refs`, in every way in which answers name things; `salt` chooses among them. */
export function askAll(
  index: ReachIndex,
  refs: readonly string[],
  salt: number,
): Readonly<Record<string, string>> {
  const asked = [
    ...refs,
    OTHERS,
    '*/*',
    '*?app=a',
    '{app=a}?app=a',
    '10.0.0.0/8',
    'internet',
    'n1/*',
  ];
  const pick = (turn: number): string => asked[(salt + turn) % asked.length] ?? OTHERS;
  const [one, other, third] = [pick(0), pick(3), pick(7)];
  const port = ['any', 'TCP/80', 'UDP/53', 'TCP/http'][salt % 4] ?? 'any';
  const groupBy: GroupBy = (['POD', 'WORKLOAD', 'NAMESPACE'] as const)[salt % 3] ?? 'POD';
  const implicit = salt % 2 === 0;
  const list = { port, groupBy, exclude: salt % 5 === 0 ? [third] : [], implicit };
  const ends = { external: salt % 4 !== 0, nodes: salt % 3 === 0 };
  const asks: Record<string, () => unknown> = {
    'connectivity ': () => wholeOf(connectivity(index, { port, groupBy, ...ends })),
    'connectivity in parts': () =>
      [...(connectivityInParts(index, { port, groupBy, ...ends })?.parts() ?? [])].map((part) =>
        part === undefined ? undefined : wholeOf(part),
      ),
    'exposure ': () => wholeOf(exposure(index, { of: '*/*', groupBy })),
    'effective ': () => wholeOf(effective(index, { of: '*/*' })),
    'isolation ': () => wholeOf(isolation(index, { of: '*/*', groupBy })),
    'policies ': () => wholeOf(policies(index, {})),
    'ways in': () => wholeOf(waysIn(index, {})),
    'misspelt ': () => path(index, { from: 'svcc', to: 'p', port }),
  };
  for (const ref of [one, OTHERS]) {
    asks[`who can reach ${ref}`] = () => wholeOf(whoCanReach(index, { target: ref, ...list }));
    asks[`reachable from ${ref}`] = () =>
      wholeOf(reachableFrom(index, { source: ref, maxHops: 1 + (salt % 3), ...list }));
    asks[`effective of ${ref}`] = () => wholeOf(effective(index, { of: ref }));
    asks[`isolation of ${ref}`] = () => wholeOf(isolation(index, { of: ref, groupBy }));
  }
  const pairs = [
    [one, OTHERS],
    [OTHERS, one],
    [other, third],
  ] as const;
  for (const [from, to] of pairs) {
    asks[`path ${from} -> ${to}`] = () => path(index, { from, to, port });
  }
  asks[`resolve ${third}`] = () => {
    const { members, ...rest } = resolve(index, { ref: third });
    return { ...rest, members: wholeOf(members) };
  };
  asks[`connectivity of ${one}`] = () =>
    wholeOf(connectivity(index, { of: one, port, groupBy, ...ends }));
  return Object.fromEntries(Object.entries(asks).map(([name, ask]) => [name, answerOf(ask)]));
}

/** The whole list with the legs of parts, which the JSON of a list leaves out and GraphQL asks for. */
function wholeOf<Row>(list: LazyList<Row>): object {
  const items = list.slice(0, list.totalCount);
  const legs = items.flatMap((row) => (row as Partial<Reach>).parts ?? []).map((part) => part.legs);
  return { ...list, items, legs };
}

function answerOf(ask: () => unknown): string {
  try {
    return JSON.stringify(toJson(ask()));
  } catch (error) {
    if (error instanceof PodreachError) {
      return JSON.stringify([error.code, error.message, error.details]);
    }
    throw error;
  }
}

/** Verdicts and ports of pairs of pods with names, and of those with all others, that are not what they are. */
export function verdictDifferences(
  whole: ReachIndex,
  scoped: ReachIndex,
  pods: readonly NamedEnd[],
): string[] {
  const told = pods.filter(({ product }) => isTold(scoped, product));
  const others = otherPods(whole, scoped);
  const ask = (index: ReachIndex, from: string, to: string): PathVerdict =>
    path(index, { from, to, port: 'any' });
  const pairs = told.flatMap(({ ref: from }) =>
    told.flatMap(({ ref: to }) => {
      const [wanted, found] = [ask(whole, from, to), ask(scoped, from, to)].map(printVerdict);
      return wanted === found ? [] : [`${from} -> ${to}: ${found}, not ${wanted}`];
    }),
  );
  if (others.length === 0) return pairs;
  const rows = rowsOf(scoped);
  const groups = told.flatMap((end) => {
    const { ref } = end;
    const wanted = [
      joined(others.map((other) => ask(whole, ref, other))),
      joined(others.map((other) => ask(whole, other, ref))),
    ];
    const found = [ask(scoped, ref, OTHERS), ask(scoped, OTHERS, ref)].map(printVerdict);
    const asRows = end.hostNetwork
      ? wanted.map(rowText)
      : [rows.get(`${ref} ${OTHERS}`), rows.get(`${OTHERS} ${ref}`)].map(
          (row) => `${print(row?.ports ?? [])}|${print(row?.undetermined ?? [])}`,
        );
    return [
      ...wanted.flatMap((one, i) =>
        printVerdict(one) === found[i]
          ? []
          : [`${ref} and others: ${found[i] ?? ''}, not ${printVerdict(one)}`],
      ),
      ...wanted.flatMap((one, i) =>
        rowText(one) === asRows[i]
          ? []
          : [`row of ${ref} and others: ${asRows[i] ?? ''}, not ${rowText(one)}`],
      ),
    ];
  });
  const wrongRows = [...rows.keys()].filter((key) => key === `${OTHERS} ${OTHERS}`);
  return [...pairs, ...groups, ...wrongRows];
}

/** Every pod of the pod network that is in another namespace, those of templates included. */
function otherPods(whole: ReachIndex, scoped: ReachIndex): string[] {
  const rows = whole.rows('POD');
  return Array.from({ length: rows.count }, (_, i) => rows.peerOf(i as GroupOrdinal))
    .filter(({ namespace }) => !scoped.view.tells(namespace))
    .map(({ ref }) => ref);
}

function isTold({ view }: ReachIndex, end: NamedEnd['product']): boolean {
  return end.kind === 'pod' && view.tells(end.namespace);
}

type Ports = Pick<PathVerdict, 'verdict' | 'allowed' | 'denied' | 'undetermined'>;

/** Several pairs as one question (contract 3). */
function joined(all: readonly PathVerdict[]): Ports {
  // A pair without a case in common says nothing, and one on its own node only where there is no other.
  const found = all.filter(({ vacuous }) => !vacuous);
  const strangers = found.filter(
    ({ reasons }) => !reasons.some(({ code }) => code === 'LOCAL_NODE'),
  );
  const cases = strangers.length === 0 ? found : strangers;
  const sum = (name: 'allowed' | 'denied' | 'undetermined'): readonly PortRange[] => {
    const sets = cases.map((one) => connectionsOf(one[name]));
    return portRangesOf(sets.reduce(union, connectionsOf([])));
  };
  const [allowed, denied, undetermined] = [sum('allowed'), sum('denied'), sum('undetermined')];
  const verdict: Verdict =
    allowed.length !== 0 && denied.length !== 0
      ? 'PARTIAL'
      : undetermined.length !== 0
        ? 'UNDETERMINED'
        : allowed.length !== 0
          ? 'ALLOWED'
          : 'DENIED';
  return { verdict, allowed, denied, undetermined };
}

function printVerdict({ verdict, allowed, undetermined, denied }: Ports): string {
  return [verdict, print(allowed), print(denied), print(undetermined)].join('|');
}

function rowText({ allowed, undetermined }: Ports): string {
  return `${print(allowed)}|${print(undetermined)}`;
}

function print(ports: readonly PortRange[]): string {
  return printConnections(connectionsOf(ports));
}

function rowsOf(index: ReachIndex): ReadonlyMap<string, Reach> {
  const list = connectivity(index, { port: 'any', groupBy: 'POD', external: false, nodes: false });
  return new Map(
    list.slice(0, list.totalCount).map((row) => [`${row.from.key} ${row.to.key}`, row]),
  );
}
