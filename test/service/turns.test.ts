import t from 'tap';
import { Turns } from '../../src/service/turns.ts';

/** Keeps everybody waiting. */
function spin(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

/** Work of `steps` steps of two milliseconds each. */
function* slow(steps: number, onStep: () => void): Generator<undefined, string> {
  for (let i = 0; i < steps; i += 1) {
    spin(2);
    onStep();
    yield undefined;
  }
  return 'done';
}

/** Counts how often the event loop has come round. */
function loopCounter(): { readonly count: () => number; readonly stop: () => void } {
  let count = 0;
  let isStopped = false;
  const comeRound = (): void => {
    count += 1;
    if (!isStopped) setImmediate(comeRound);
  };
  setImmediate(comeRound);
  return { count: () => count, stop: () => void (isStopped = true) };
}

t.test('of many that take long, one has a turn each time the event loop comes round', async (t) => {
  const turns = new Turns();
  const loop = loopCounter();
  const inRound = new Map<number, Set<number>>();
  const works = [0, 1, 2, 3, 4].map((work) =>
    turns.finish(
      slow(20, () => {
        const known = inRound.get(loop.count()) ?? new Set();
        inRound.set(loop.count(), known.add(work));
      }),
    ),
  );
  t.same(await Promise.all(works), Array<string>(5).fill('done'));
  loop.stop();
  t.ok(5 < inRound.size, 'each has several turns');
  t.same(
    [...inRound.values()].filter(({ size }) => size !== 1),
    [],
  );
});

t.test('what has just come is done at once, or before those that go on', async (t) => {
  const turns = new Turns();
  const order: string[] = [];
  t.equal(
    turns.soon(() => 'at once'),
    'at once',
  );
  turns.soon(() => {
    spin(6);
  });
  const long = turns.finish(slow(1, () => order.push('goes on')));
  const fresh = turns.soon(() => order.push('just came'));
  t.ok(fresh instanceof Promise, 'much was done already');
  await Promise.all([long, fresh]);
  t.same(order, ['just came', 'goes on']);
});

t.test('what fails tells whoever asked, and others go on', async (t) => {
  const turns = new Turns();
  const fails = (): never => {
    throw new Error('wrong');
  };
  t.throws(() => turns.soon(fails), /wrong/);
  turns.soon(() => {
    spin(6);
  });
  const later = turns.soon(fails);
  const other = turns.finish(slow(4, () => undefined));
  await t.rejects(Promise.resolve(later), /wrong/);
  t.equal(await other, 'done');
});

t.test('what nobody waits for any more is given up between its turns', async (t) => {
  const turns = new Turns();
  let steps = 0;
  const work = slow(1000, () => (steps += 1));
  await t.rejects(
    turns.finish(work, () => {
      if (5 < steps) throw new Error('too long');
    }),
    /too long/,
  );
  t.ok(steps < 1000);
});
