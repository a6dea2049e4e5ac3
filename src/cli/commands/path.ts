import type { Command } from 'commander';
import { path } from '../../engine/queries/path.ts';
import { addAskOptions, ask } from '../ask.ts';
import type { AskOptions } from '../ask.ts';
import { qualifyRef } from '../qualify-ref.ts';
import { parametersOf, wholeAnswer } from '../questions.ts';
import type { Question } from '../questions.ts';
import type { Run } from '../run.ts';

/** `podreach path FROM TO`, also `can-reach` */
export function addPath(parent: Command, run: Run): void {
  const command = parent
    .command('path')
    .alias('can-reach')
    .description('say whether FROM can reach TO, and why (exit 0 yes, 1 no or partly, 3 unknown)')
    .argument('<from>', 'ref of the source')
    .argument('<to>', 'ref of the destination')
    .option('-p, --port <port>', 'ports: any, 443, tcp/http, udp/53, tcp/8000-8100', 'any');
  addAskOptions(command).action(
    (from: string, to: string, options: AskOptions & { readonly port: string }) =>
      run((io) => ask(io, pathQuestion(from, to, options), options)),
  );
}

function pathQuestion(
  from: string,
  to: string,
  { namespace, port }: AskOptions & { readonly port: string },
): Question {
  const args = { from: qualifyRef(from, namespace), to: qualifyRef(to, namespace), port };
  return {
    kind: 'path',
    route: 'path',
    parameters: parametersOf(args),
    ofFiles: (files) => wholeAnswer(files.ask(path, args)),
  };
}
