import { Option } from 'commander';
import type { Command } from 'commander';
import { isolation } from '../../engine/queries/isolation.ts';
import { policies } from '../../engine/queries/policies.ts';
import { resolve } from '../../engine/queries/resolve.ts';
import type { GroupBy } from '../../model/answer.ts';
import { PodreachError } from '../../model/errors.ts';
import { addAskOptions, addLimitOption, ask } from '../ask.ts';
import type { AskOptions } from '../ask.ts';
import { qualifyRef } from '../qualify-ref.ts';
import { listAnswer, parametersOf } from '../questions.ts';
import type { Question } from '../questions.ts';
import type { Run } from '../run.ts';

interface IsolationOptions extends AskOptions {
  readonly direction?: string;
  readonly isolated?: boolean;
  readonly protected?: boolean;
  readonly groupBy: string;
  readonly limit?: number;
}

/** `podreach isolation [REF]` */
export function addIsolation(parent: Command, run: Run): void {
  const command = parent
    .command('isolation')
    .description('list who is isolated in which direction, and by which policies')
    .argument('[ref]', 'only these pods (default: all)')
    .addOption(
      new Option('--direction <direction>', 'look at one direction').choices(['ingress', 'egress']),
    )
    .option('--isolated', 'only those that are isolated, or may be')
    .option('--no-isolated', 'only those that are not isolated, or may not be')
    .option('--protected', 'only those that a policy of any tier protects, or may')
    .option('--no-protected', 'only those that no policy protects, or perhaps none')
    .addOption(
      new Option('--group-by <what>', 'one row for each')
        .choices(['workload', 'pod', 'namespace'])
        .default('workload'),
    );
  addLimitOption(addAskOptions(command)).action(
    (ref: string | undefined, options: IsolationOptions) =>
      run((io) => ask(io, isolationQuestion(ref, options), options)),
  );
}

function isolationQuestion(ref: string | undefined, options: IsolationOptions): Question {
  const { namespace, direction, isolated, protected: shielded, groupBy } = options;
  const of = qualifyRef(ref ?? (namespace === undefined ? '*/*' : '*'), namespace);
  const args = {
    of,
    ...(direction === undefined
      ? {}
      : { direction: direction === 'egress' ? ('EGRESS' as const) : ('INGRESS' as const) }),
    ...(isolated === undefined ? {} : { isolated }),
    ...(shielded === undefined ? {} : { protected: shielded }),
    groupBy: GROUPS.get(groupBy) ?? 'WORKLOAD',
  };
  return {
    kind: 'isolation-list',
    route: 'isolation',
    parameters: parametersOf({ of, direction, isolated, protected: shielded, groupBy }),
    ofFiles: (files) => listAnswer(files.ask(isolation, args)),
  };
}

const GROUPS: ReadonlyMap<string, GroupBy> = new Map([
  ['pod', 'POD'],
  ['workload', 'WORKLOAD'],
  ['namespace', 'NAMESPACE'],
]);

interface PoliciesOptions extends AskOptions {
  readonly selecting?: string;
  readonly limit?: number;
}

/** `podreach policies` */
export function addPolicies(parent: Command, run: Run): void {
  const command = parent
    .command('policies')
    .description('list the policies and what each selects')
    .option('--selecting <ref>', 'only policies that select one of these pods');
  addLimitOption(addAskOptions(command)).action((options: PoliciesOptions) =>
    run((io) => ask(io, policiesQuestion(options), options)),
  );
}

function policiesQuestion({ namespace, selecting: ref }: PoliciesOptions): Question {
  if (ref === undefined && namespace !== undefined) {
    throw new PodreachError(
      'bad-query',
      `\`-n\` completes a ref; for the pods of a namespace write \`--selecting '${namespace}/*'\``,
    );
  }
  const args = ref === undefined ? {} : { selecting: qualifyRef(ref, namespace) };
  return {
    kind: 'policy-list',
    route: 'policies',
    parameters: parametersOf(args),
    ofFiles: (files) => listAnswer(files.ask(policies, args)),
  };
}

/** `podreach resolve REF` */
export function addResolve(parent: Command, run: Run): void {
  const command = parent
    .command('resolve')
    .description('say what a reference stands for')
    .argument('<ref>', 'the reference');
  addLimitOption(addAskOptions(command)).action(
    (ref: string, options: AskOptions & { readonly limit?: number }) =>
      run((io) => ask(io, resolveQuestion(ref, options), options)),
  );
}

function resolveQuestion(text: string, { namespace }: AskOptions): Question {
  const args = { ref: qualifyRef(text, namespace) };
  return {
    kind: 'resolution',
    route: 'resolve',
    parameters: parametersOf(args),
    ofFiles: (files) => {
      const { snapshot, result } = files.ask(resolve, args);
      const { members, reasons, ...named } = result;
      return listAnswer(
        { snapshot, result: { ...members, reasons: [...reasons, ...members.reasons] } },
        named,
      );
    },
  };
}
