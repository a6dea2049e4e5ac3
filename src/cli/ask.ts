import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import { PodreachError } from '../model/errors.ts';
import { pagesOfFiles, pagesOfServer } from './answer-pages.ts';
import type { Pages } from './answer-pages.ts';
import { credentialOf } from './credential.ts';
import type { ServerOptions } from './credential.ts';
import type { Io } from './io.ts';
import { openManifests } from './open-files.ts';
import type { ReadingOptions } from './open-files.ts';
import { addOutputOption, printAnswer } from './output.ts';
import { parametersOf } from './questions.ts';
import type { Question } from './questions.ts';
import { DEFAULT_SERVER, onlyCluster, remoteServer } from './remote.ts';
import type { Parameters, RemoteServer } from './remote.ts';
import { DIALECT_NAMES } from '../model/dialect.ts';

/** Options of everything that asks. */
export interface AskOptions extends ReadingOptions, ServerOptions {
  readonly snapshot?: string;
  readonly namespace?: string;
  readonly output: string;
  readonly dialect?: string;
  readonly ignoreVendorPolicies?: boolean;
}

/** Options that say how files are read; adds them. */
export function addReadingOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '-f, --file <path>',
        'read objects from a file, a directory or - (stdin); repeatable',
      ).argParser(collect),
    )
    .addOption(
      new Option('--source <source>', 'what the files are; detected by default').choices([
        'live',
        'manifests',
      ]),
    )
    .option('--assume-no-policies', 'a live dump without NetworkPolicies means that there are none')
    .option('--strict', 'refuse files with errors instead of warning')
    .addOption(
      new Option(
        '--unknown-fields <how>',
        'fields that NetworkPolicies do not have (default: error in manifests, prune in a dump)',
      ).choices(['error', 'prune']),
    )
    .addOption(
      new Option(
        '--strict-cidr <strict>',
        'refuse CIDRs as servers do from 1.36 on (default: true for manifests, false for a dump)',
      ).choices(['true', 'false']),
    )
    .addOption(
      new Option(
        '--invalid-policy <how>',
        'refuse files with a policy that is not valid, or leave it out (default: exclude)',
      ).choices(['exclude', 'strict']),
    );
}

/** Adds `--server` and `--token`. */
export function addServerOption(command: Command): Command {
  return command
    .option('--server <url>', 'server to ask (default: PODREACH_SERVER)')
    .option(
      '--token <token>',
      'credential for it; others on this machine may see it here (default: PODREACH_TOKEN, or the content of PODREACH_TOKEN_FILE)',
    );
}

/** Adds all options of {@link AskOptions}. */
export function addAskOptions(command: Command): Command {
  addReadingOptions(command).option(
    '--default-namespace <name>',
    'namespace of objects in files that name none (default: default)',
  );
  addServerOption(command)
    .option(
      '--snapshot <ref>',
      'id, cluster or cluster@time to ask (default: PODREACH_SNAPSHOT, or the only cluster)',
    )
    .option('-n, --namespace <name>', 'namespace of refs that name none')
    .addOption(
      new Option('--dialect <plugin>', 'answer as this network plugin does').choices(DIALECT_NAMES),
    )
    .option(
      '--ignore-vendor-policies',
      'answer as if there were no policies of kinds that are not evaluated',
    );
  return addOutputOption(command);
}

/** Adds `--limit`. */
export function addLimitOption(command: Command): Command {
  return command.addOption(
    new Option(
      '--limit <rows>',
      'rows to print; 0 prints the counts alone (default: all)',
    ).argParser((text: string) => wholeNumber(text, 0, Number.MAX_SAFE_INTEGER)),
  );
}

/** An option's number. @throws InvalidArgumentError which commander reports with the option */
export function wholeNumber(text: string, min: number, max: number): number {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (min <= value && value <= max) return value;
  throw new InvalidArgumentError(
    `it is no whole number from ${min}${max < 1e15 ? ` to ${max}` : ''}`,
  );
}

/** Adds a value to those of a repeatable option. */
export function collect(value: string, previous: readonly string[] | undefined): readonly string[] {
  return [...(previous ?? []), value];
}

/** Asks files or a server and prints the answer; returns the exit code. */
export async function ask(
  io: Io,
  question: Question,
  options: AskOptions & { readonly limit?: number },
): Promise<number> {
  const limit = options.limit ?? Number.MAX_SAFE_INTEGER;
  return printAnswer(
    io,
    question.kind,
    options.output,
    await pagesOf(io, question, options, limit),
  );
}

async function pagesOf(
  io: Io,
  question: Question,
  options: AskOptions,
  limit: number,
): Promise<Pages> {
  if (options.file !== undefined) {
    refuseServerOptions(options);
    return pagesOfFiles(question, await openManifests(io, options.file, options), limit);
  }
  const { server, snapshot } = await findServer(io, options);
  const parameters = [...question.parameters, ...judgingParameters(options)];
  return pagesOfServer({ ...question, parameters }, server, snapshot, limit);
}

/** How a question asks to be judged, as parameters of a server. */
export function judgingParameters({ dialect, ignoreVendorPolicies }: AskOptions): Parameters {
  return parametersOf({ dialect, 'ignore-vendor-policies': ignoreVendorPolicies });
}

/** @throws `bad-query` for options that speak of a server, next to `-f` */
export function refuseServerOptions({ server, snapshot, token }: AskOptions): void {
  for (const [name, value] of Object.entries({ server, snapshot, token })) {
    if (value === undefined) continue;
    throw new PodreachError('bad-query', `\`-f\` and \`--${name}\` exclude each other`);
  }
}

/**
 * The server to ask and the snapshot on it.
 *
 * @throws `bad-query` when nobody named a server and none listens where one would by default
 */
export async function findServer(
  io: Io,
  options: AskOptions,
): Promise<{ readonly server: RemoteServer; readonly snapshot: string }> {
  refuseReadingOptions(options);
  const server = chooseServer(io, options);
  const snapshot = options.snapshot ?? io.environment['PODREACH_SNAPSHOT'];
  if (snapshot !== undefined && snapshot !== '') return { server, snapshot };
  return { server, snapshot: await onlyCluster(server) };
}

/** The server that `--server` or the environment names, otherwise the one of this machine. */
export function chooseServer(io: Io, options: ServerOptions): RemoteServer {
  const url = options.server ?? io.environment['PODREACH_SERVER'];
  const credential = credentialOf(io, options.token);
  if (url !== undefined && url !== '') return remoteServer(url, credential);
  const server = remoteServer(DEFAULT_SERVER, credential);
  const explain = async <Value>(answer: Promise<Value>): Promise<Value> => {
    try {
      return await answer;
    } catch (error) {
      if (!(error instanceof PodreachError) || error.code !== 'server-unreachable') throw error;
      throw new PodreachError(
        'bad-query',
        `nothing to ask: name files with \`-f\` or a server with \`--server\` ` +
          `(none answers at \`${DEFAULT_SERVER}\`)`,
        {},
        error,
      );
    }
  };
  return {
    url: server.url,
    get: (...asked) => explain(server.get(...asked)),
    post: (...asked) => explain(server.post(...asked)),
    upload: (...asked) => explain(server.upload(...asked)),
  };
}

function refuseReadingOptions(options: AskOptions): void {
  const { source, assumeNoPolicies, strict, defaultNamespace } = options;
  const { unknownFields, strictCidr, invalidPolicy } = options;
  const given = {
    source,
    'assume-no-policies': assumeNoPolicies,
    strict,
    'default-namespace': defaultNamespace,
    'unknown-fields': unknownFields,
    'strict-cidr': strictCidr,
    'invalid-policy': invalidPolicy,
  };
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue;
    throw new PodreachError('bad-query', `\`--${name}\` says how files are read: it needs \`-f\``);
  }
}
