import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { parse, parseDocument, stringify } from 'yaml';
import { compileIndex } from '../../src/engine/compile.ts';
import { DEFAULT_OPTIONS } from '../../src/engine/options.ts';
import { connectivity } from '../../src/engine/queries/connectivity.ts';
import { effective } from '../../src/engine/queries/effective.ts';
import { exposure } from '../../src/engine/queries/exposure.ts';
import { isolation } from '../../src/engine/queries/isolation.ts';
import { path } from '../../src/engine/queries/path.ts';
import { policies } from '../../src/engine/queries/policies.ts';
import { waysIn } from '../../src/engine/queries/ways-in.ts';
import { whoCanReach } from '../../src/engine/queries/who-can-reach.ts';
import type { ReachIndex } from '../../src/engine/reach-index.ts';
import type { LazyList, Reach, RuleRef, Verdict } from '../../src/model/answer.ts';
import { connectionsOf, printConnections } from '../../src/model/connection-set.ts';
import type { Peer } from '../../src/model/peer.ts';
import { printObject } from '../../src/model/policy.ts';
import type { SnapshotSource } from '../../src/model/snapshot.ts';
import { toJson } from '../../src/render/wire.ts';
import { snapshotOfText } from '../support/cluster.ts';
import { tell } from './tell.ts';
import type { Told } from './tell.ts';

/*
 * Each folder of test/fixtures is a cluster and the whole truth about it. `UPDATE_EXPECTED=1` rewrites
 * what the product says (`reach`, `because`, `problems`); `ask` is what the summary promises, is
 * written by hand and never rewritten. Where there is a `told.yaml`, every word of the answers is in it.
 */

const ROOT = fileURLToPath(new URL('../fixtures/', import.meta.url));
const UPDATE = process.env['UPDATE_EXPECTED'] === '1';

/** A question with the answer that somebody promised. */
interface Promised {
  readonly from: string;
  readonly to: string;
  readonly port: string;
  readonly want: Verdict;
  /** Codes that must be among the reasons. */
  readonly reasons?: readonly string[];
  /** Codes of problems that come with the answer. */
  readonly problems?: readonly string[];
  /** What the text must say, and must not. */
  readonly says?: readonly string[];
  readonly silent?: readonly string[];
  readonly vacuous?: boolean;
}

/** What the product says of a whole cluster. */
interface Truth {
  /** False when a missing fact could add rows or change them. */
  readonly complete: boolean;
  /** `from -> to` and the ports; whatever is not listed is denied. */
  readonly reach: Readonly<Record<string, string>>;
  /** `from -> to` and the rules that allow it; no entry where nothing is isolated. */
  readonly because: Readonly<Record<string, readonly string[]>>;
  readonly problems: readonly string[];
}

interface Expected extends Truth {
  readonly summary: string;
  readonly source?: SnapshotSource;
  readonly ask: readonly Promised[];
}

for (const name of readdirSync(ROOT)) {
  t.test(name, async (t) => {
    const file = join(ROOT, name, 'expected.yaml');
    const text = readFileSync(file, 'utf8');
    const { source = 'MANIFESTS', ask, summary, ...wanted } = parse(text) as Expected;
    t.ok(summary !== '' && ask.length !== 0, 'a fixture says what it shows and asks for it');
    const cluster = readFileSync(join(ROOT, name, 'cluster.yaml'), 'utf8');
    const snapshot = await snapshotOfText(cluster, { source, file: 'cluster.yaml' });
    const index = compileIndex(snapshot, DEFAULT_OPTIONS);
    for (const promised of ask) keepPromise(t, index, promised);
    const found = truthOf(index);
    if (UPDATE) {
      const document = parseDocument(text);
      for (const [key, value] of Object.entries(found)) document.set(key, value);
      writeFileSync(file, document.toString({ lineWidth: 0 }));
    } else t.same(found, wanted, summary);
    const toldFile = join(ROOT, name, 'told.yaml');
    if (!existsSync(toldFile)) return;
    const told = tellAll(index, ask);
    if (UPDATE)
      writeFileSync(toldFile, stringify(told, { lineWidth: 0, aliasDuplicateObjects: false }));
    else t.strictSame(told, parse(readFileSync(toldFile, 'utf8')), 'word by word');
  });
}

/** The whole answers to what is asked, and the lists about everybody. */
function tellAll(index: ReachIndex, ask: readonly Promised[]): Told {
  const paths = ask.map(({ from, to, port }): readonly [string, Told] => {
    // The ends are in the question, the legs in the first outcome.
    const rest = { from: null, to: null, asked: null, legs: null };
    const answer = { ...path(index, { from, to, port }), ...rest };
    return [`${from} -> ${to} ${port}`, tell(toJson(answer)) ?? 'nothing'];
  });
  const rows = <Row>(list: LazyList<Row>): Told => tell(toJson(list.slice(0, 99))) ?? 'none';
  const target = ask[0]?.to ?? '';
  const list = { port: 'any', groupBy: 'POD', exclude: [], implicit: true } as const;
  return {
    paths: Object.fromEntries(paths),
    [`who can reach ${target}`]: rows(whoCanReach(index, { target, ...list })),
    isolation: rows(isolation(index, { of: '*/*', groupBy: 'WORKLOAD' })),
    policies: rows(policies(index, {})),
    effective: rows(effective(index, { of: '*/*' })),
    'ways in': rows(waysIn(index, {})),
    exposure: rows(exposure(index, { of: '*/*', groupBy: 'WORKLOAD' })),
  };
}

function keepPromise(t: Tap, index: ReachIndex, promised: Promised): void {
  const { from, to, port, want, reasons = [], problems = [], says = [], silent = [] } = promised;
  const answer = path(index, { from, to, port });
  const text = `${from} -> ${to} ${port}`;
  t.equal(answer.verdict, want, text, { text: answer.text });
  const codes = answer.reasons.map(({ code }) => code);
  for (const code of reasons) t.ok(codes.includes(code), `${text}: ${code}`, { codes });
  const told = answer.problems.map(({ code }) => code);
  for (const code of problems) t.ok(told.includes(code), `${text}: problem ${code}`, { told });
  for (const word of says)
    t.ok(answer.text.includes(word), `${text}: ${word}`, { text: answer.text });
  for (const word of silent) t.notOk(answer.text.includes(word), `${text}: no ${word}`);
  t.equal(answer.vacuous, promised.vacuous ?? false, `${text}: vacuous`);
}

type Tap = Pick<typeof t, 'equal' | 'ok' | 'notOk'>;

function truthOf(index: ReachIndex): Truth {
  const list = connectivity(index, {
    port: 'any',
    groupBy: 'WORKLOAD',
    external: true,
    nodes: false,
  });
  const rows = list.slice(0, list.totalCount);
  const pairOf = ({ from, to }: Reach): string => `${nameOf(from)} -> ${nameOf(to)}`;
  const explained = rows.filter(({ because }) => because.length !== 0);
  return {
    complete: list.complete,
    reach: Object.fromEntries(rows.map((row) => [pairOf(row), portsOf(row)])),
    because: Object.fromEntries(explained.map((row) => [pairOf(row), row.because.map(printRule)])),
    problems: index.view.snapshot.problems.map(({ code, object }) => `${code} ${object}`),
  };
}

function nameOf({ ref, cidrs }: Peer): string {
  return cidrs === undefined ? ref : cidrs.join(',');
}

function portsOf({ verdict, ports, undetermined }: Reach): string {
  const sure = printConnections(connectionsOf(ports));
  const unsure = printConnections(connectionsOf(undetermined));
  if (verdict === 'ALLOWED') return sure;
  const parts = [...(sure === 'none' ? [] : [sure]), ...(unsure === 'none' ? [] : [`${unsure}?`])];
  return `${verdict.toLowerCase()} ${parts.join('; ')}`;
}

function printRule({ policy, direction, index }: RuleRef): string {
  return `${printObject(policy)} ${direction.toLowerCase()} ${index}`;
}

t.test('letting a pod ask the DNS repairs exactly that', async (t) => {
  const reachOf = (name: string): Readonly<Record<string, string>> =>
    (parse(readFileSync(join(ROOT, name, 'expected.yaml'), 'utf8')) as Expected).reach;
  const [mute, asking] = [reachOf('deny-egress'), reachOf('deny-egress-but-dns')];
  const added = Object.entries(asking).filter(([pair, ports]) => mute[pair] !== ports);
  t.same(added, [['shop/pod/shelf -> kube-system/pod/coredns-1', 'TCP 53; UDP 53']]);
  t.same(
    Object.keys(mute).filter((pair) => asking[pair] === undefined),
    [],
    'and closes nothing',
  );
});
