/** A process that looks at one copy of the sources after another. @see seeded-bugs.test.ts */
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import type { Trial, findDifference } from './find-difference.ts';

/** A copy to look at. */
export interface Order {
  /** Path of its `find-difference.js`. */
  readonly script: string;
  readonly first: 'pairs' | 'questions';
}

/** What there was to see; `difference` is absent where everybody agrees. */
export interface Report {
  readonly difference?: string;
}

const [, , trialFile = ''] = process.argv;
const trial = JSON.parse(readFileSync(trialFile, 'utf8')) as Trial;

async function lookAt({ script, first }: Order): Promise<Report> {
  const copy = (await import(pathToFileURL(script).href)) as {
    findDifference: typeof findDifference;
  };
  try {
    const difference = await copy.findDifference(trial, first);
    return difference === undefined ? {} : { difference };
  } catch (error) {
    return { difference: `threw ${String(error)}` };
  }
}

process.on('message', (order: Order) => {
  void lookAt(order).then((report) => process.send?.(report));
});
