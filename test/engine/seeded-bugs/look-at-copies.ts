/** A process that looks at one copy of the sources after another. @see seeded-bugs.test.ts */
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import type { Difference, Place, Trial, findDifference } from './find-difference.ts';

/** A copy to look at. */
export interface Order {
  /** Path of its program. @see copies.ts */
  readonly script: string;
  readonly first: 'pairs' | 'questions';
  /** Where the bug showed before. */
  readonly likely?: Place;
}

/** What there was to see; `difference` is absent where everybody agrees. */
export interface Report {
  readonly difference?: Difference;
}

/** Sent before a place is looked at: a loop that never ends sends nothing more. */
export interface Now {
  readonly now: Place;
}

const [, , trialFile = ''] = process.argv;
const trial = JSON.parse(readFileSync(trialFile, 'utf8')) as Trial;

async function lookAt({ script, first, likely }: Order): Promise<Report> {
  let place: Place = ['pairs', 0];
  const onPlace = (now: Place): void => {
    place = now;
    process.send?.({ now } satisfies Now);
  };
  try {
    const copy = (await import(pathToFileURL(script).href)) as {
      findDifference: typeof findDifference;
    };
    const difference = await copy.findDifference(trial, first, likely, onPlace);
    return difference === undefined ? {} : { difference };
  } catch (error) {
    return { difference: { text: `threw ${String(error)}`, place } };
  }
}

process.on('message', (order: Order) => {
  void lookAt(order).then((report) => process.send?.(report));
});
