import fc from 'fast-check';
import t from 'tap';
import { indexOf } from '../support/cluster.ts';
import { matrixOf } from '../support/matrix.ts';
import { SEED, WORLDS, holds } from '../support/property.ts';
import { worlds } from '../support/worlds.ts';
import { IMPLEMENTATIONS, compareWorld, missedCandidates, newTally } from './agreement.ts';
import { printTally } from './agreement.ts';
import {
  isolationDifferences,
  listDifferences,
  pathDifferences,
  wireDifferences,
  withOwnService,
} from './agreement-lists.ts';
import type { World } from './oracle-world.ts';
import { decideSighted } from './oracle.ts';
import type { OracleVerdict } from './oracle.ts';

t.setTimeout(1_800_000);
t.comment(`PODREACH_SEED=${SEED} PODREACH_WORLDS=${WORLDS}`);
t.comment(`implementations: ${IMPLEMENTATIONS.map(({ name }) => name).join(', ')}`);

t.test('every implementation says of every pair what the oracle says of its packets', async (t) => {
  const tally = newTally();
  await holds(worlds(), 0.65, async (objects) => (await compareWorld(objects, tally)).wrong);
  t.comment(printTally(tally));
  const share = Math.round((100 * tally.allowed) / tally.packets);
  t.ok(35 <= share && share <= 65, 'about half of the packets are allowed ones', { share });
});

t.test('the dialects differ from the oracle as little as the defaults do', async (t) => {
  const dialects = fc.constantFrom(
    { ipBlockMatchesPods: false },
    { ipBlockMatchesNodes: false },
    { localNode: 'both' },
    { localNode: 'none' },
    { hostNetworkPods: 'asPod' },
    { namedPortContainers: 'regular' },
    { namedPortContainers: 'regular+init' },
  ) as fc.Arbitrary<NonNullable<World['options']>>;
  const tally = newTally();
  await holds(fc.tuple(worlds(), dialects), 0.015, async ([objects, options]) => {
    const { wrong } = await compareWorld(objects, tally, options);
    return wrong.map((text) => `${JSON.stringify(options)} ${text}`);
  });
  t.pass(printTally(tally));
});

t.test('ICMP is left to the plugin exactly where the oracle leaves it', async (t) => {
  const words: Readonly<Partial<Record<OracleVerdict, string>>> = {
    allow: 'ALLOWED',
    deny: 'DENIED',
    unspecified: 'UNSPECIFIED',
  };
  await holds(worlds(), 0.005, async (objects) => {
    const index = await indexOf(objects);
    return [...matrixOf(objects, index)].flatMap(([key, cell]) => {
      const { source, destination, family, other } = cell;
      const packet = { source, destination, family, protocol: 'ICMP', port: 0 };
      const { verdict } = decideSighted({ objects }, packet);
      return words[verdict] === other ? [] : [`${key}: ${other}; oracle: ${verdict}`];
    });
  });
  t.pass('no counterexample');
});

t.test(
  'a path to a pod, Service or Deployment is what the oracle says over all families',
  async (t) => {
    await holds(worlds().map(withOwnService), 0.02, async (objects) =>
      pathDifferences(await indexOf(objects), objects),
    );
    t.pass('no counterexample');
  },
);

t.test('a list has a row for every pair that a path does not deny, and no other', async (t) => {
  await holds(fc.tuple(worlds(), fc.nat(100)), 0.01, async ([objects, salt]) =>
    listDifferences(await indexOf(objects), objects, salt),
  );
  t.pass('no counterexample');
});

t.test(
  'candidates are all that may connect, and every implementation lists the same bytes',
  async (t) => {
    const values = fc.tuple(worlds().map(withOwnService), fc.nat(100));
    await holds(values, 0.02, async ([objects, salt]) => {
      const { indexes } = await compareWorld(objects, newTally());
      return [...indexes.flatMap(missedCandidates), ...wireDifferences(indexes, objects, salt)];
    });
    t.pass('no counterexample');
  },
);

t.test('a pod is isolated by the policies by which the oracle says it is', async (t) => {
  await holds(worlds(), 0.02, async (objects) =>
    isolationDifferences(await indexOf(objects), objects),
  );
  t.pass('no counterexample');
});
