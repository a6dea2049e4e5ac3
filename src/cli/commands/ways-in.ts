import type { Command } from 'commander';
import { waysIn } from '../../engine/queries/ways-in.ts';
import { addAskOptions, addLimitOption, ask } from '../ask.ts';
import type { AskOptions } from '../ask.ts';
import { qualifyRef } from '../qualify-ref.ts';
import { listAnswer, parametersOf } from '../questions.ts';
import type { Question } from '../questions.ts';
import type { Run } from '../run.ts';

interface WaysInOptions extends AskOptions {
  readonly of?: string;
  readonly limit?: number;
}

/** `podreach ways-in` */
export function addWaysIn(parent: Command, run: Run): void {
  const command = parent
    .command('ways-in')
    .description('list every way in from outside, and whether it reaches its pods')
    .option('--of <ref>', 'only ways that lead to one of these pods');
  addLimitOption(addAskOptions(command)).action((options: WaysInOptions) =>
    run((io) => ask(io, waysInQuestion(options), options)),
  );
}

function waysInQuestion({ namespace, of }: WaysInOptions): Question {
  const ref = of ?? (namespace === undefined ? undefined : '*');
  const args = ref === undefined ? {} : { of: qualifyRef(ref, namespace) };
  return {
    kind: 'way-list',
    route: 'ways-in',
    parameters: parametersOf(args),
    ofFiles: (files) => listAnswer(files.ask(waysIn, args)),
  };
}
