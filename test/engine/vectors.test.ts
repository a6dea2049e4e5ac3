import t from 'tap';
import { snapshotOf } from '../support/cluster.ts';
import { oracleJudge, productJudge } from '../vectors/judges.ts';
import type { Judge } from '../vectors/judges.ts';
import { loadVectors, parseQuestion } from '../vectors/load.ts';
import type { Ask, Vector, VectorPolicy } from '../vectors/load.ts';

type MakeJudge = (vector: Vector, policies?: readonly VectorPolicy[]) => Judge | Promise<Judge>;

/** The oracle answers them as well: it must be right before it can judge anybody. */
const JUDGES: readonly (readonly [name: string, make: MakeJudge])[] = [
  ['oracle', oracleJudge],
  ['product', productJudge],
];
const FILES = [
  'isolation',
  'peers',
  'ports',
  'nodes',
  'services',
  'cluster-policies',
  'queries',
  'more',
];
let asked = 0;

/** What was wanted and what was answered, under one text. */
interface Answer {
  readonly text: string;
  readonly found: unknown;
  readonly wanted: unknown;
}

async function answer(make: MakeJudge, vector: Vector, ask: Ask): Promise<Answer[]> {
  const { q, set, atoms, diff, want, by } = ask;
  const judge = await make(vector);
  if (q !== undefined) {
    const ruling = judge.rule(parseQuestion(q));
    const legs = (['egress', 'ingress'] as const).filter((leg) => by?.[leg] !== undefined);
    return [
      { text: q, found: ruling.verdict, wanted: want },
      ...legs.map((leg) => ({ text: `${q}, by ${leg}`, found: ruling[leg], wanted: by?.[leg] })),
    ];
  }
  if (set !== undefined) return [{ text: set, found: judge.set(parseQuestion(set)), wanted: want }];
  if (atoms !== undefined) {
    const side = atoms.startsWith('->') ? 'target' : 'source';
    const pod = atoms.replace('->', '').trim();
    return [{ text: atoms, found: judge.atoms(pod, side), wanted: want }];
  }
  if (diff !== undefined) {
    const after = await make(vector, vector.np_after);
    const question = parseQuestion(diff);
    return [
      { text: `${diff}, before`, found: judge.set(question), wanted: ask.before },
      { text: `${diff}, after`, found: after.set(question), wanted: ask.after },
    ];
  }
  const text = ask.who ?? ask.what;
  const [, pod, protocol, port] = /^(\S+) ([A-Z]+)\/(\d+)$/.exec(text ?? '') ?? [];
  if (text === undefined || pod === undefined || protocol === undefined) {
    throw new Error(`${vector.id} holds a question of no known form`);
  }
  const side = ask.who === undefined ? 'source' : 'target';
  const found = judge.others(pod, side, { protocol, port: Number(port) });
  return [{ text, found, wanted: want }];
}

for (const file of FILES) {
  for (const [name, make] of JUDGES) {
    t.test(`the ${name} answers ${file}.yaml`, async (t) => {
      for (const vector of loadVectors(file)) {
        for (const ask of vector.ask ?? []) {
          asked += 1;
          for (const { text, found, wanted } of await answer(make, vector, ask)) {
            t.same(found, wanted, `${vector.id} ${text}`, { title: vector.title, why: ask.why });
          }
        }
      }
    });
  }
}

t.test('specs of validation.yaml are refused at the paths wanted, or not at all', async (t) => {
  for (const { id, invalid = [], valid = [] } of loadVectors('validation')) {
    for (const { spec, errors = [], strictCIDR = true } of [...invalid, ...valid]) {
      asked += 1;
      const metadata = { namespace: 'dev', name: 'p' };
      const policy = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata, spec };
      const { problems } = await snapshotOf([policy], {
        source: strictCIDR ? 'MANIFESTS' : 'LIVE',
      });
      const paths = problems
        .filter(({ severity, object }) => severity === 'error' && object === 'NetworkPolicy dev/p')
        .map(({ path }) => path);
      const text = `${id} ${JSON.stringify(spec)}`;
      if (errors.length === 0) t.same(paths, [], text);
      for (const error of errors) {
        t.ok(
          paths.some((path) => path.startsWith(error)),
          `${text}: ${error}`,
          { paths },
        );
      }
    }
  }
});

t.test('every vector was asked', async (t) => {
  t.comment(`${asked} questions`);
  t.ok(500 < asked, `${asked} questions`);
});
