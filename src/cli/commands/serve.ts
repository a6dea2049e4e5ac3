import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Option } from 'commander';
import type { Command } from 'commander';
import { redactCredentials } from '../../access/redact.ts';
import { PodreachError } from '../../model/errors.ts';
import { EVERYONE } from '../../service/viewer.ts';
import type { ManifestInput } from '../../model/input.ts';
import { isLoopback } from '../../http/loopback.ts';
import type { LogOptions } from '../../http/safe-log.ts';
import type { Podreach } from '../../service/podreach.ts';
import { SETTINGS, SETTING_NAMES, flagName, loadSettings } from '../config.ts';
import { checkEnvironment, describeSetting } from '../setting-texts.ts';
import type { Setting, Settings } from '../config.ts';
import { edgeOptions } from '../edge-options.ts';
import type { Access } from '../open-access.ts';
import { openAudit } from '../open-audit.ts';
import { report } from '../io.ts';
import type { Io } from '../io.ts';
import { findManifests, manifestInputs, totalSize } from '../manifest-files.ts';
import { startProgress } from '../progress.ts';
import { DEFAULT_SERVER } from '../remote.ts';
import { readText } from '../read-text.ts';
import type { Run } from '../run.ts';
import { BOOLEAN } from '../setting-kinds.ts';
import { startWatching } from '../watching.ts';
import type { Watch } from '../watching.ts';
import { systemCode } from '../system-error.ts';

type ServeOptions = Readonly<Record<string, string | boolean | undefined>>;

const DEMO_CLUSTER = 'demo';
const DEMO_DIRECTORY = fileURLToPath(new URL('../../../demo', import.meta.url));
const CONFIG_BYTES_MAX = 1024 * 1024;
/** The last line of Node that gets no security fixes any more. */
const NODE_MAJOR_ENDED = 20;

/** `podreach serve` */
export function addServe(parent: Command, run: Run): void {
  const command = parent
    .command('serve')
    .description('run the server; every setting is a flag, a variable and a key of --config')
    .option('--demo', 'load the demo cluster and show what to ask')
    .option('--config <file>', 'YAML file of settings by their keys (PODREACH_CONFIG)');
  for (const name of SETTING_NAMES) {
    const { kind } = SETTINGS[name] as Setting<unknown>;
    const value = kind === BOOLEAN ? '[true|false]' : '<value>';
    command.addOption(new Option(`--${flagName(name)} ${value}`, describeSetting(name)));
  }
  command.action((options: ServeOptions) => run((io) => serve(io, options)));
}

async function serve(io: Io, options: ServeOptions): Promise<number> {
  checkEnvironment(io.environment);
  const settings = loadSettings({
    flags: options,
    environment: io.environment,
    ...(await configFile(io, options)),
  });
  checkHost(settings);
  await warnOfNode(io);
  // What only a server needs is loaded only here: a question at the prompt should not wait for it.
  const { openService } = await import('../open-service.ts');
  const { planAccess } = await import('../open-access.ts');
  const openAccess = planAccess(settings);
  const watch = await startWatching(settings, io.environment);
  const podreach = await openService(settings, watch.observer);
  try {
    const access = await openAccess();
    try {
      const isDemo = options['demo'] === true;
      if (isDemo) await loadDemo(io, podreach);
      await listen(io, settings, { podreach, access, watch, isDemo });
    } finally {
      await access.close();
    }
  } finally {
    await podreach.close();
    await watch.end();
  }
  return 0;
}

interface Served {
  readonly access: Access;
  readonly podreach: Podreach;
  readonly watch: Watch;
  readonly isDemo: boolean;
}

/** Serves until the process is told to stop. */
async function listen(
  io: Io,
  settings: Settings,
  { podreach, access, watch, isDemo }: Served,
): Promise<void> {
  const edge = await edgeOptions(io, settings);
  const audit = openAudit(io, settings.audit);
  const { buildApp } = await import('../../http/app.ts');
  const { host, basePath, allowedHosts, uploadBytesMax, questionTimeoutMs } = settings;
  let isDraining = false;
  const app = await buildApp({
    podreach,
    host,
    basePath,
    allowedHosts,
    uploadBytesMax,
    questionTimeoutMs,
    // Settings of the same names are among them.
    live: settings,
    ...edge,
    ...(access.authenticator && { authenticator: access.authenticator }),
    ...(audit && { audit }),
    logger: loggerOf(io, settings),
    metrics: watch.metrics,
    ...(watch.tracing === undefined ? {} : { tracing: watch.tracing }),
    requestsPerMinuteMax: isCounted(settings) ? settings.requestsPerMinuteMax : 0,
    eventLoopDelayMaxMs: settings.eventLoopDelayMaxMs,
    isDraining: () => isDraining,
  });
  const stopped = new Promise<void>((resolve) => io.onStop(resolve));
  try {
    const url = (await start(() => app.listen({ host, port: settings.port }), settings)) + basePath;
    await io.stdout.write(
      `podreach listens on ${url}\naccess: ${access.summary}\n\n${whatToTry(io, url, isDemo)}`,
    );
    await stopped;
    isDraining = true;
    await report(io, 'stopping');
    // Who balances load needs a moment to see that nothing new should come here.
    await sleep(settings.shutdownDelayMs);
  } finally {
    // Requests that hang must not keep the process: after the grace their connections are cut.
    const timer = setTimeout(() => {
      app.server.closeAllConnections();
    }, settings.shutdownGraceMs);
    await app.close();
    clearTimeout(timer);
    await audit?.close();
  }
}

async function start(action: () => Promise<string>, { host, port }: Settings): Promise<string> {
  try {
    return await action();
  } catch (error) {
    const reason = LISTEN_ERRORS.get(systemCode(error) ?? '');
    if (reason === undefined) throw error;
    throw new PodreachError(
      'server-unreachable',
      `cannot listen on \`${host}\` port ${port}: ${reason}`,
      {},
      error,
    );
  }
}

const LISTEN_ERRORS: ReadonlyMap<string, string> = new Map([
  ['EADDRINUSE', 'the port is taken; choose another with `--port`'],
  ['EACCES', 'the system does not permit it; ports below 1024 need privileges'],
  ['EADDRNOTAVAIL', 'this machine does not have that address'],
  ['ENOTFOUND', 'the host is not known'],
]);

/** Without credentials everybody on this machine is the same caller. */
function isCounted({ host, auth }: Settings): boolean {
  return auth !== 'off' || !isLoopback(host);
}

function checkHost({ host, auth, insecure }: Settings): void {
  if (auth !== 'off' || isLoopback(host) || insecure) return;
  throw new PodreachError(
    'bad-query',
    `\`${host}\` can be reached from other machines, and \`auth\` is off: everyone there could read ` +
      'the map of your clusters; use `--auth tokens`, or `--insecure` to listen all the same',
    { parameter: 'host' },
  );
}

async function warnOfNode(io: Io): Promise<void> {
  const major = Number(process.versions.node.split('.')[0]);
  if (NODE_MAJOR_ENDED < major) return;
  await report(
    io,
    `Node ${process.versions.node} has reached the end of its life and gets no security fixes; ` +
      'use Node 24 in production',
  );
}

async function configFile(
  io: Io,
  options: ServeOptions,
): Promise<{ readonly file?: { readonly path: string; readonly text: string } }> {
  const path = options['config'] ?? io.environment['PODREACH_CONFIG'];
  if (typeof path !== 'string' || path === '') return {};
  const [file] = await findManifests([path], io.stdin);
  const text = file === undefined ? '' : await readText(file.open(), CONFIG_BYTES_MAX, path);
  return { file: { path, text } };
}

async function loadDemo(io: Io, podreach: Podreach): Promise<void> {
  const files = await findManifests([DEMO_DIRECTORY], io.stdin);
  const progress = startProgress(io, 'loading the demo', totalSize(files));
  try {
    await podreach.ingest(EVERYONE, DEMO_CLUSTER, namedInDemo(manifestInputs(files)), {
      source: 'MANIFESTS',
      onProgress: progress.report,
    });
  } finally {
    progress.stop();
  }
}

/** Demo files by their name in the package, wherever that is installed. */
async function* namedInDemo(inputs: AsyncIterable<ManifestInput>): AsyncIterable<ManifestInput> {
  for await (const { file, bytes } of inputs) {
    yield { ...(file === undefined ? {} : { file: `demo/${basename(file)}` }), bytes };
  }
}

function loggerOf(io: Io, { logLevel }: Settings): false | LogOptions {
  if (logLevel === 'silent') return false;
  const write = (line: string): void => void io.stderr.write(redactCredentials(line));
  return { level: logLevel, stream: { write } };
}

function whatToTry(io: Io, url: string, isDemo: boolean): string {
  const server = url === DEFAULT_SERVER ? '' : ` --server ${url}`;
  if (!isDemo) {
    return [
      'Send a cluster:',
      '',
      '  kubectl get ns,po,svc,ing,ingressclasses,netpol,rs,deploy,sts,ds,job,cronjob,no,endpointslices -A -o json |',
      `    ${io.invocation} ingest my-cluster -f -${server}`,
      '',
      'Stop with Ctrl-C.',
      '',
    ].join('\n');
  }
  const query =
    '{ snapshot(ref: \\"demo\\") { whoCanReach(target: \\"shop/api\\") { totalCount nodes { from { ref } verdict } } } }';
  return [
    'Who can reach the api?',
    '',
    `  curl -sS '${url}/api/v1/snapshots/demo/who-can-reach?target=shop/api&format=text'`,
    `  curl -sS '${url}/api/v1/snapshots/demo/who-can-reach?target=shop/api'`,
    '',
    'The same over GraphQL:',
    '',
    `  curl -sS ${url}/graphql -H 'Content-Type: application/json' \\`,
    `    -d '{"query": "${query}"}'`,
    '',
    'The same, and why baskets cannot reach their cache, with the command line:',
    '',
    `  ${io.invocation} who-can-reach shop/api --snapshot ${DEMO_CLUSTER}${server}`,
    `  ${io.invocation} path shop/baskets shop/basket-cache -p tcp/6379 --snapshot ${DEMO_CLUSTER}${server}`,
    '',
    'Stop with Ctrl-C.',
    '',
  ].join('\n');
}
