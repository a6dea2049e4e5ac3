import { Option } from 'commander';
import type { Command } from 'commander';
import { effective } from '../../engine/queries/effective.ts';
import { exposure } from '../../engine/queries/exposure.ts';
import type { GroupBy } from '../../model/answer.ts';
import { addAskOptions, addLimitOption, ask } from '../ask.ts';
import type { AskOptions } from '../ask.ts';
import { qualifyRef } from '../qualify-ref.ts';
import { listAnswer, parametersOf } from '../questions.ts';
import type { Question } from '../questions.ts';
import type { Run } from '../run.ts';

interface ExposureOptions extends AskOptions {
  readonly of?: string;
  readonly groupBy: string;
  readonly limit?: number;
}

/** `podreach exposure [--of REF]` */
export function addExposure(parent: Command, run: Run): void {
  const command = parent
    .command('exposure')
    .description('list who is exposed to the internet and to the cluster, the most exposed first')
    .option('--of <ref>', 'only these pods (default: all)')
    .addOption(
      new Option('--group-by <what>', 'one row for each')
        .choices(['workload', 'pod', 'namespace'])
        .default('workload'),
    );
  addLimitOption(addAskOptions(command)).action((options: ExposureOptions) =>
    run((io) => ask(io, exposureQuestion(options), options)),
  );
}

function exposureQuestion({ of: ref, namespace, groupBy }: ExposureOptions): Question {
  const of = qualifyRef(ref ?? (namespace === undefined ? '*/*' : '*'), namespace);
  const args = { of, groupBy: GROUPS.get(groupBy) ?? 'WORKLOAD' };
  return {
    kind: 'exposure-list',
    route: 'exposure',
    parameters: parametersOf({ of, groupBy }),
    ofFiles: (files) => {
      const answer = files.ask(exposure, args);
      return listAnswer(answer, { levels: answer.result.levels });
    },
  };
}

const GROUPS: ReadonlyMap<string, GroupBy> = new Map([
  ['pod', 'POD'],
  ['workload', 'WORKLOAD'],
  ['namespace', 'NAMESPACE'],
]);

interface EffectiveOptions extends AskOptions {
  readonly direction?: string;
  readonly limit?: number;
}

/** `podreach effective REF` */
export function addEffective(parent: Command, run: Run): void {
  const command = parent
    .command('effective')
    .description('list the rules that hold for pods, merged, in the order they are asked')
    .argument('<ref>', 'the pods')
    .addOption(
      new Option('--direction <direction>', 'look at one direction').choices(['ingress', 'egress']),
    );
  addLimitOption(addAskOptions(command)).action((ref: string, options: EffectiveOptions) =>
    run((io) => ask(io, effectiveQuestion(ref, options), options)),
  );
}

function effectiveQuestion(ref: string, { namespace, direction }: EffectiveOptions): Question {
  const of = qualifyRef(ref, namespace);
  const args = {
    of,
    ...(direction === undefined
      ? {}
      : { direction: direction === 'egress' ? ('EGRESS' as const) : ('INGRESS' as const) }),
  };
  return {
    kind: 'effective-list',
    route: 'effective',
    parameters: parametersOf({ of, direction }),
    ofFiles: (files) => {
      const answer = files.ask(effective, args);
      const { peer, parts, partCount } = answer.result;
      return listAnswer(answer, { peer, parts, partCount });
    },
  };
}
