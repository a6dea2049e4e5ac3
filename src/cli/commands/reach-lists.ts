import { Option } from 'commander';
import type { Command } from 'commander';
import { connectivity } from '../../engine/queries/connectivity.ts';
import { reachableFrom } from '../../engine/queries/reachable-from.ts';
import { whoCanReach } from '../../engine/queries/who-can-reach.ts';
import type { GroupBy } from '../../model/answer.ts';
import { PodreachError } from '../../model/errors.ts';
import { addAskOptions, addLimitOption, ask, collect, wholeNumber } from '../ask.ts';
import type { AskOptions } from '../ask.ts';
import { qualifyRef } from '../qualify-ref.ts';
import { listAnswer, parametersOf } from '../questions.ts';
import type { Question } from '../questions.ts';
import type { Run } from '../run.ts';

/** Options of the three lists. */
interface ListOptions extends AskOptions {
  readonly port: string;
  readonly groupBy: string;
  readonly limit?: number;
}

interface ExcludingOptions extends ListOptions {
  readonly exclude?: readonly string[];
  readonly implicit?: boolean;
}

const HOPS_MAX = 10;

/** `podreach who-can-reach TARGET` */
export function addWhoCanReach(parent: Command, run: Run): void {
  const command = parent
    .command('who-can-reach')
    .description('list the sources that can reach a target')
    .argument('<target>', 'ref of the target: shop/api, shop/svc/api, shop?app=api');
  addExcluding(addListOptions(command));
  command.action((target: string, options: ExcludingOptions) =>
    run((io) => ask(io, whoCanReachQuestion(target, options), options)),
  );
}

function whoCanReachQuestion(target: string, options: ExcludingOptions): Question {
  const { namespace, port } = options;
  const args = {
    target: qualifyRef(target, namespace),
    port,
    groupBy: groupByOf(options),
    exclude: (options.exclude ?? []).map((ref) => qualifyRef(ref, namespace)),
    implicit: options.implicit ?? false,
  };
  return {
    kind: 'reach-list',
    route: 'who-can-reach',
    parameters: parametersOf({ ...args, groupBy: options.groupBy, implicit: options.implicit }),
    ofFiles: (files) => listAnswer(files.ask(whoCanReach, args)),
  };
}

/** `podreach reachable-from SOURCE` */
export function addReachableFrom(parent: Command, run: Run): void {
  const command = parent
    .command('reachable-from')
    .description('list the destinations that a source can reach')
    .argument('<source>', 'ref of the source')
    .option('--to <ref>', 'only these destinations')
    .addOption(
      new Option('--max-hops <count>', 'connections in a row that may be made to get there')
        .argParser((text: string) => wholeNumber(text, 1, HOPS_MAX))
        .default(1),
    );
  addExcluding(addListOptions(command));
  command.action(
    (
      source: string,
      options: ExcludingOptions & { readonly to?: string; readonly maxHops: number },
    ) => run((io) => ask(io, reachableFromQuestion(source, options), options)),
  );
}

function reachableFromQuestion(
  source: string,
  options: ExcludingOptions & { readonly to?: string; readonly maxHops: number },
): Question {
  const { namespace, port, to, maxHops } = options;
  const args = {
    source: qualifyRef(source, namespace),
    ...(to === undefined ? {} : { to: qualifyRef(to, namespace) }),
    port,
    groupBy: groupByOf(options),
    exclude: (options.exclude ?? []).map((ref) => qualifyRef(ref, namespace)),
    implicit: options.implicit ?? false,
    maxHops,
  };
  return {
    kind: 'reach-list',
    route: 'reachable-from',
    parameters: parametersOf({
      ...args,
      groupBy: options.groupBy,
      implicit: options.implicit,
      maxHops: String(maxHops),
    }),
    ofFiles: (files) => listAnswer(files.ask(reachableFrom, args)),
  };
}

interface ConnectivityOptions extends ListOptions {
  readonly of?: string;
  readonly from?: string;
  readonly to?: string;
  readonly external: boolean;
  readonly nodes?: boolean;
}

/** `podreach connectivity` */
export function addConnectivity(parent: Command, run: Run): void {
  const command = parent
    .command('connectivity')
    .description('list every pair that is allowed, or may be')
    .option('--of <ref>', 'only pairs with this at either end')
    .option('--from <ref>', 'only these sources')
    .option('--to <ref>', 'only these destinations')
    .option('--no-external', 'leave out addresses outside of the cluster')
    .option('--nodes', 'add nodes');
  addListOptions(command);
  command.action((options: ConnectivityOptions) =>
    run((io) => ask(io, connectivityQuestion(options), options)),
  );
}

function connectivityQuestion(options: ConnectivityOptions): Question {
  const { namespace, port, external, from, to } = options;
  if (options.of !== undefined && (from !== undefined || to !== undefined)) {
    throw new PodreachError('bad-query', '`--of` is either end: it excludes `--from` and `--to`');
  }
  const isOpen = from === undefined && to === undefined && namespace !== undefined;
  const of = options.of ?? (isOpen ? '*' : undefined);
  const ends = Object.entries({ of, from, to }).flatMap(([name, ref]) =>
    ref === undefined ? [] : [[name, qualifyRef(ref, namespace)] as const],
  );
  const args = {
    ...Object.fromEntries(ends),
    port,
    groupBy: groupByOf(options),
    external,
    nodes: options.nodes ?? false,
  };
  return {
    kind: 'reach-list',
    route: 'connectivity',
    parameters: parametersOf({ ...args, groupBy: options.groupBy }),
    ofFiles: (files) => listAnswer(files.ask(connectivity, args)),
  };
}

function addListOptions(command: Command): Command {
  command
    .option('-p, --port <port>', 'ports: any, 443, tcp/http, udp/53, tcp/8000-8100', 'any')
    .addOption(
      new Option('--group-by <what>', 'one row for each')
        .choices(['workload', 'pod', 'namespace'])
        .default('workload'),
    );
  return addLimitOption(addAskOptions(command));
}

function addExcluding(command: Command): Command {
  return command
    .addOption(new Option('--exclude <ref>', 'leave these out; repeatable').argParser(collect))
    .option('--implicit', 'also list what only itself or its own node can reach');
}

/** The option's choices are the values of {@link GroupBy} in lower case. */
function groupByOf({ groupBy }: ListOptions): GroupBy {
  return groupBy === 'pod' ? 'POD' : groupBy === 'namespace' ? 'NAMESPACE' : 'WORKLOAD';
}
