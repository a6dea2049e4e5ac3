import { randomInt } from 'node:crypto';
import fc from 'fast-check';

/** Random worlds compared in all (`PODREACH_WORLDS`); each property takes a share of that. */
export const WORLDS = Number(process.env['PODREACH_WORLDS'] ?? 20_000);

/** A property takes at least so many (`PODREACH_WORLDS_LEAST`). */
const LEAST = Number(process.env['PODREACH_WORLDS_LEAST'] ?? 20);

/** Where the randomness starts (`PODREACH_SEED`): print it, so that a failure can be had again. */
export const SEED = Number(process.env['PODREACH_SEED'] ?? randomInt(2 ** 31));

/**
 * Runs `check` on random values until it objects: what it returns is what is wrong.
 *
 * @param share the part of {@link WORLDS} to run
 * @throws with the smallest counterexample that was found, and the seed
 */
export async function holds<Value>(
  values: fc.Arbitrary<Value>,
  share: number,
  check: (value: Value) => Promise<readonly string[]>,
): Promise<void> {
  const property = fc.asyncProperty(values, async (value) => {
    const wrong = await check(value);
    if (wrong.length !== 0) throw new Error(wrong.slice(0, 5).join('\n'));
  });
  await fc.assert(property, { numRuns: Math.max(LEAST, Math.ceil(WORLDS * share)), seed: SEED });
}
