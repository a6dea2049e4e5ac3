import fc from 'fast-check';
import { PodreachError } from '../../src/model/errors.ts';
import type { AnyTarget } from './target.ts';

/** Processor time of one input: a fixed part, and what a megabyte may take. */
const CPU_MS_FIXED = 250;
const CPU_MS_PER_MIB = 1000;
const MIB = 1024 * 1024;
/** What inputs may leave behind: caches are bounded and inputs are small. */
const MEMORY_BYTES_MAX = 512 * MIB;

/** What `count` inputs came to. */
export interface TargetReport {
  readonly accepted: number;
  readonly refused: number;
  /** The smallest input that failed, with what is wrong; undefined: none did. */
  readonly failure?: string;
}

/** Sends `count` inputs, the same ones for the same `seed`. */
export async function runTarget(
  target: AnyTarget,
  { count, seed }: { readonly count: number; readonly seed: number },
): Promise<TargetReport> {
  let accepted = 0;
  let refused = 0;
  const property = fc.asyncProperty(target.inputs, async (input) => {
    const start = process.cpuUsage();
    const outcome = await outcomeOf(target, input);
    // A collection of garbage or a compilation may fall into the first time; not into every one.
    let msTaken = cpuMs(start);
    const msMax = CPU_MS_FIXED + (CPU_MS_PER_MIB * target.bytesOf(input)) / MIB;
    for (let again = 0; msMax < msTaken && again < 3; again += 1) {
      const restart = process.cpuUsage();
      await outcomeOf(target, input);
      msTaken = Math.min(msTaken, cpuMs(restart));
    }
    if (msMax < msTaken) throw new Error(`it took ${msTaken} ms, ${msMax} at the most`);
    if (outcome !== (await outcomeOf(target, input))) {
      throw new Error('it came to something else the second time');
    }
    checkPrototypes();
    if (outcome.startsWith('refused')) refused += 1;
    else accepted += 1;
  });
  const before = process.memoryUsage().rss;
  const details = await fc.check(property, { numRuns: count, seed });
  const grown = process.memoryUsage().rss - before;
  if (details.failed) {
    const { errorInstance, counterexample } = details;
    const what = errorInstance instanceof Error ? errorInstance.stack : String(errorInstance);
    return { accepted, refused, failure: `${what}\nseed ${seed}: ${fc.stringify(counterexample)}` };
  }
  if (MEMORY_BYTES_MAX < grown) {
    return { accepted, refused, failure: `${count} inputs took ${grown} bytes of memory` };
  }
  return { accepted, refused };
}

async function outcomeOf(target: AnyTarget, input: unknown): Promise<string> {
  try {
    return await target.outcomeOf(input);
  } catch (error) {
    if (error instanceof PodreachError) return `refused: ${error.code}: ${error.message}`;
    throw error;
  }
}

function cpuMs(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

const NAMES = Object.freeze(
  [Object.prototype, Array.prototype, Map.prototype].map((one) => Reflect.ownKeys(one).length),
);

/** Nothing that was read may have become a property of everything. */
function checkPrototypes(): void {
  const now = [Object.prototype, Array.prototype, Map.prototype].map(
    (one) => Reflect.ownKeys(one).length,
  );
  if (now.some((count, i) => count !== NAMES[i])) throw new Error('a prototype was changed');
}
