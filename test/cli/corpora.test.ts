import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { findManifests, manifestInputs } from '../../src/cli/manifest-files.ts';
import { DEFAULT_OPTIONS } from '../../src/engine/options.ts';
import { connectivity } from '../../src/engine/queries/connectivity.ts';
import { path } from '../../src/engine/queries/path.ts';
import { DEFAULT_INGEST_LIMITS } from '../../src/model/input.ts';
import { openFiles } from '../../src/service/answer-files.ts';
import type { FileAnswers } from '../../src/service/answer-files.ts';

// Real manifests of other projects, which are never part of this one: looked at where they are.
const CORPORA = fileURLToPath(new URL('../../../shared/corpora', import.meta.url));
const skip = existsSync(CORPORA) ? false : 'no corpora beside the repository';

async function open(corpus: string): Promise<FileAnswers> {
  const found = await findManifests([`${CORPORA}/${corpus}`], process.stdin);
  return openFiles(manifestInputs(found), {
    limits: DEFAULT_INGEST_LIMITS,
    engineOptions: DEFAULT_OPTIONS,
  });
}

const EVERYTHING = { port: 'any', groupBy: 'WORKLOAD', external: true, nodes: false } as const;

const SIZES: readonly (readonly [corpus: string, policies: number])[] = [
  ['sock-shop', 13],
  ['online-boutique', 13],
  ['kube-prometheus', 8],
  ['argo-cd', 7],
  ['longhorn', 6],
  ['openshift-monitoring', 16],
  ['flux', 3],
];

for (const [corpus, policies] of SIZES) {
  t.test(`${corpus} is read whole and every pair of it is judged`, { skip }, async (t) => {
    const files = await open(corpus);
    const { coverage, problems, namespaces } = files.snapshot;
    t.equal(coverage.find(({ kind }) => kind === 'NetworkPolicy')?.count, policies);
    t.same(
      problems.filter(({ severity }) => severity === 'error'),
      [],
    );
    const kept = [...namespaces.values()].flatMap((chunk) => chunk.policies);
    t.equal(kept.length, policies, 'no policy is invalid');
    const { result } = files.ask(connectivity, EVERYTHING);
    // flux ships its policies without the workloads they are for.
    t.equal(result.totalCount === 0, corpus === 'flux');
    t.equal(result.slice(0, 1000).length, Math.min(1000, result.totalCount));
  });
}

t.test(
  'sock-shop: what its one-letter mistake and its null selector close',
  { skip },
  async (t) => {
    const files = await open('sock-shop');
    const { result } = files.ask(connectivity, EVERYTHING);
    t.same(
      result.unreachable?.map(({ name }) => name),
      ['carts', 'carts-db', 'queue-master', 'session-db'],
    );
    for (const [to, policy] of [
      ['carts', 'cortex-access'],
      ['carts-db', 'carts-db-access'],
      ['session-db', 'cortex-access'],
    ] as const) {
      const answer = files.ask(path, {
        from: 'sock-shop/front-end',
        to: `sock-shop/${to}`,
        port: 'any',
      });
      t.equal(answer.result.verdict, 'DENIED');
      const policies = answer.result.legs[1]?.policies.map((one) => one.policy.name);
      t.ok(policies?.includes(policy), `${to}: ${policies?.join(', ')}`);
    }
  },
);
