import { fork, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  createReadStream,
  createWriteStream,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { Agent, request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { load } from './harness/report.ts';

const USAGE = `Starts the shipped server on a new database, takes in a generated dump while clients ask, and
prints how long they waited.

  npm run load -- --size 100k/10k

  --size PODS/POLICIES   what is taken in meanwhile (default 100k/10k)
  --asked PODS/POLICIES  the cluster that is asked about (default 10k/1k)
  --clients NUMBER       keep-alive connections that ask (default 50)
  --rate NUMBER          questions a second of all of them, whether or not answers come (default 200)
  --fresh                ask nothing twice, so that no answer is there already
  --args "FLAGS"         more flags of \`serve\`
`;

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SELF = fileURLToPath(import.meta.url);
const PROBE_INTERVAL_MS = 20;
const LIVE_CLIENTS = 50;
/** Ports that are asked about in turn. */
const PORTS = 60_000;
const ASKED = 'asked';
const TAKEN_IN = 'taken-in';

/** What somebody who asked at a steady rate met. */
interface Waits {
  /** From when a request was due until its answer was read. */
  readonly ms: number[];
  readonly statuses: Record<string, number>;
}

/** What a probe is to ask; it runs in a process of its own, so that nobody makes it late. */
interface Probing {
  readonly url: string;
  readonly paths: readonly string[];
  readonly clients: number;
  readonly intervalMs: number;
  /** Asks about another port each time: `PORT` in a path stands for it. */
  readonly isFresh: boolean;
}

/** Asks at a steady rate until it is told to stop: an answer that is late makes no question late. */
function probe(): void {
  const waits: Waits = { ms: [], statuses: {} };
  let isStopped = false;
  let isCounted = false;
  process.on('message', (message: Probing | 'count' | 'stop') => {
    if (message === 'stop') isStopped = true;
    else if (message === 'count') isCounted = true;
    else void run(message);
  });
  const run = async (probing: Probing): Promise<void> => {
    const { url, paths, clients, intervalMs, isFresh } = probing;
    const agent = new Agent({ keepAlive: true, maxSockets: clients });
    const asked = new Set<Promise<void>>();
    const start = performance.now();
    for (let i = 0; !isStopped; i += 1) {
      const due = start + i * intervalMs;
      await sleep(Math.max(0, due - performance.now()));
      const port = isFresh ? 1 + (i % PORTS) : 80;
      const path = (paths[i % paths.length] ?? '').replace('PORT', String(port));
      const counts = isCounted;
      const one = ask(agent, `${url}${path}`).then((status) => {
        asked.delete(one);
        if (!counts) return;
        waits.ms.push(performance.now() - due);
        waits.statuses[status] = (waits.statuses[status] ?? 0) + 1;
      });
      asked.add(one);
    }
    await Promise.all(asked);
    agent.destroy();
    process.send?.(waits, () => process.exit(0));
  };
}

async function ask(agent: Agent, url: string): Promise<string> {
  try {
    const [response] = (await once(request(url, { agent }).end(), 'response')) as [IncomingMessage];
    response.resume();
    await once(response, 'end');
    return String(response.statusCode);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** What asks meanwhile. */
interface RunningProbe {
  /** From now on it is told how long answers take. */
  readonly count: () => void;
  readonly stop: () => Promise<Waits>;
}

function startProbe(probing: Probing): RunningProbe {
  const child = fork(SELF, ['--probe'], { execArgv: ['--import', 'tsx'] });
  child.send(probing);
  return {
    count: () => child.send('count'),
    stop: async () => {
      child.send('stop');
      // A probe sends one message, its last.
      const [waits] = (await once(child, 'message')) as [Waits];
      return waits;
    },
  };
}

/** Writes a generated dump, with gzip, to a file. */
async function generate(size: string, file: string): Promise<void> {
  const args = ['--import', 'tsx', join(ROOT, 'bench/generate/main.ts'), '--size', size, '--gzip'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  await pipeline(child.stdout, createWriteStream(file));
}

async function upload(url: string, cluster: string, file: string): Promise<number> {
  const sending = request(`${url}/api/v1/clusters/${cluster}/snapshots`, {
    method: 'POST',
    headers: { 'content-type': 'application/gzip', 'content-length': statSync(file).size },
  });
  const answered = once(sending, 'response') as Promise<[IncomingMessage]>;
  await pipeline(createReadStream(file), sending);
  const [response] = await answered;
  response.resume();
  return response.statusCode ?? 0;
}

async function startServer(
  folder: string,
  flags: readonly string[],
): Promise<[ChildProcess, string]> {
  const main = join(ROOT, 'dist/cli/main.js');
  const all = [main, 'serve', '--port', '0', '--database', `sqlite:${join(folder, 'load.db')}`];
  const child = spawn(process.execPath, [...all, ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [text] = (await once(child.stdout, 'data')) as [Buffer];
  child.stdout.resume();
  const url = /listens on (\S+)/.exec(text.toString())?.[1];
  if (url === undefined) throw new Error('the server did not start');
  return [child, url];
}

/** Questions about workloads of the cluster, most of them short. */
async function questions(url: string): Promise<string[]> {
  const snapshot = `/api/v1/snapshots/${ASKED}`;
  const listed = await fetch(`${url}${snapshot}/isolation?limit=200`);
  // Our own server, asked for its own form.
  const { items } = (await listed.json()) as { items: { peer: { ref: string } }[] };
  const refs = items.map(({ peer }) => encodeURIComponent(peer.ref));
  return refs.flatMap((ref, i) => {
    const other = refs[(i * 7 + 3) % refs.length] ?? ref;
    return [
      `${snapshot}/path?from=${ref}&to=${other}&port=tcp/PORT`,
      `${snapshot}/path?from=${other}&to=${ref}&port=udp/PORT`,
      `${snapshot}/who-can-reach?target=${ref}&port=tcp/PORT&limit=20`,
      `${snapshot}/reachable-from?source=${ref}&port=tcp/PORT&limit=20`,
    ];
  });
}

/** Peak of resident memory of a process, in MiB; 0 where the system does not tell. */
function peakOf(pid: number): number {
  try {
    const text = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Math.round(Number(/^VmHWM:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) / 1024);
  } catch {
    return 0;
  }
}

function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
      .split(' ')
      .map(Number)
      .filter(Boolean);
  } catch {
    return [];
  }
}

function spread({ ms, statuses }: Waits): string {
  const sorted = ms.toSorted((a, b) => a - b);
  const at = (share: number): string =>
    (sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(1);
  const told = Object.entries(statuses).map(([status, count]) => `${count} × ${status}`);
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, max ${at(1)} ms (${told.join(', ')})`;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      size: { type: 'string', default: '100k/10k' },
      asked: { type: 'string', default: '10k/1k' },
      clients: { type: 'string', default: '50' },
      rate: { type: 'string', default: '200' },
      fresh: { type: 'boolean', default: false },
      args: { type: 'string', default: '' },
      probe: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stderr.write(USAGE);
    return;
  }
  if (values.probe) {
    probe();
    return;
  }
  const tell = (text: string): boolean => process.stdout.write(`${text}\n`);
  const folder = mkdtempSync(join(tmpdir(), 'podreach-load-'));
  let server: ChildProcess | undefined;
  try {
    const [small, big] = [join(folder, 'asked.gz'), join(folder, 'taken-in.gz')];
    await generate(values.asked, small);
    await generate(values.size, big);
    const flags = values.args.split(' ').filter((flag) => flag !== '');
    const [child, url] = await startServer(folder, flags);
    server = child;
    const pid = child.pid ?? 0;
    tell(`${values.asked} taken in: ${await upload(url, ASKED, small)}`);
    const paths = await questions(url);
    const isFresh = values.fresh;
    const alive = startProbe({
      url,
      paths: ['/livez'],
      // Enough that one never waits for the answer to another.
      clients: LIVE_CLIENTS,
      intervalMs: PROBE_INTERVAL_MS,
      isFresh: false,
    });
    const asking = startProbe({
      url,
      paths,
      clients: Number(values.clients),
      intervalMs: 1000 / Number(values.rate),
      isFresh,
    });
    // Until the probes run, and each question was asked once: a server that has just begun is another matter.
    await sleep(2000 + (1000 * paths.length) / Number(values.rate));
    const peaks = new Map<number, number>();
    const watching = setInterval(() => {
      for (const one of [pid, ...childrenOf(pid)]) {
        peaks.set(one, Math.max(peaks.get(one) ?? 0, peakOf(one)));
      }
    }, 200);
    alive.count();
    asking.count();
    const start = performance.now();
    const status = await upload(url, TAKEN_IN, big);
    const tookMs = performance.now() - start;
    const first = performance.now();
    const listed = await fetch(`${url}/api/v1/snapshots/${TAKEN_IN}/isolation?limit=1`);
    const firstMs = performance.now() - first;
    await sleep(1000);
    clearInterval(watching);
    const [aliveWaits, questionWaits] = await Promise.all([alive.stop(), asking.stop()]);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    tell(
      `${values.size} taken in: ${status} after ${(tookMs / 1000).toFixed(1)} s, load ${load().toFixed(1)}`,
    );
    tell(`/livez     ${spread(aliveWaits)}`);
    tell(`questions  ${spread(questionWaits)}`);
    tell(`first question about ${values.size}: ${listed.status} after ${firstMs.toFixed(0)} ms`);
    tell(`refused for load: ${/^podreach_questions_shed_total (\d+)$/m.exec(metrics)?.[1] ?? '?'}`);
    const [own = 0, ...others] = [...peaks.values()];
    tell(`peak memory: server ${own} MiB, processes beside it ${others.join(', ')} MiB`);
  } finally {
    server?.kill('SIGTERM');
    if (server !== undefined && server.exitCode === null) await once(server, 'exit');
    rmSync(folder, { recursive: true, force: true });
  }
}

await main();
