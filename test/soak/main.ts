/**
 * Sends, asks, deletes and backs up while processes are killed, and compares every answer with the
 * oracle or an earlier answer: `npm run soak -- --minutes 5 --kills 200 --seed 1`. Exits with 1 when
 * anything that was acknowledged is lost or any answer is wrong.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { restore } from '../../src/store/backups.ts';
import { openStore } from '../../src/store/open-store.ts';
import { childrenOf } from '../support/children.ts';
import { environment, program, startServer } from '../support/server.ts';
import type { TestServer } from '../support/server.ts';
import { readWhole } from '../store/sample-snapshots.ts';
import { ask, askBatch, deleteCluster, deleteSnapshot, ingest, list } from './client.ts';
import type { Client, Tally } from './client.ts';
import { mustBeThere, newCluster, settle } from './model.ts';
import type { KnownCluster } from './model.ts';
import { pick, randomOf, soakWorlds } from './worlds.ts';

const CLUSTERS = ['blue', 'green', 'red'];
const WORLDS = 60;
/** Snapshots that retention keeps, few so that it always has to do. */
const KEEP = 8;
/** Of rounds, one begins with a backup. */
const BACKUP_EVERY = 12;
const SHOWN_MAX = 20;
/** Files that may be beside a database while it is served. */
const EXPECTED_FILES =
  /^soak\.db(-wal|-shm|-lock|-ballast)?$|^backup\.db(\.\d+\.partial(-journal)?)?$/;

/** In one round, before its last kill. */
const CHILD_KILLS_BELOW = 5;

type Kill = 'server' | 'child' | 'stop' | 'start';
const KILLS: readonly Kill[] = [
  ...(['server', 'server', 'server', 'server', 'server'] as const),
  ...(['child', 'child', 'child', 'stop', 'start'] as const),
];

class Soak {
  readonly #folder = mkdtempSync(join(tmpdir(), 'podreach-soak-'));
  readonly #clusters = CLUSTERS.map(newCluster);
  readonly #client: Omit<Client, 'url'>;
  readonly #cleaning: (() => unknown)[] = [];
  #server: TestServer | undefined;
  kills = 0;

  constructor(client: Omit<Client, 'url'>) {
    this.#client = client;
  }

  /** One round: everything at once for a moment, then something is killed, then all is looked at. */
  async round(number: number, ms: number): Promise<void> {
    const { random, tally } = this.#client;
    const server = (this.#server ??= await this.#start());
    const client = { ...this.#client, url: server.url };
    const over = { isOver: false };
    const work = [
      ...this.#clusters.map((cluster) => this.#change(client, cluster, over)),
      ...this.#clusters.map((cluster) => this.#question(client, cluster, over)),
    ];
    const backup = number % BACKUP_EVERY === 0 ? this.#startBackup() : undefined;
    await sleep(ms * random());
    // Those who take in and are started anew, then one that decides how the round ends.
    for (let more = Math.floor(CHILD_KILLS_BELOW * random()); 0 < more; more -= 1) {
      await this.#kill('child', server);
      await sleep(ms * random());
    }
    const kill = pick(random, KILLS);
    await this.#kill(kill, server);
    // A backup beside the server is killed every other time.
    if (backup !== undefined && random() < 0.5) backup.kill('SIGKILL');
    over.isOver = true;
    await Promise.all(work);
    if (backup !== undefined) await this.#checkBackup(backup);
    if (kill !== 'child') this.#server = undefined;
    await this.#look();
    if (tally.wrong.length + tally.lost.length !== 0) throw new Error('something went wrong');
  }

  /** Every snapshot that has to be there is asked about. */
  async finish(): Promise<void> {
    const server = (this.#server ??= await this.#start());
    const client = { ...this.#client, url: server.url };
    for (const cluster of this.#clusters) {
      for (const known of cluster.snapshots.values()) await askBatch(client, cluster, known);
    }
    const [code, stderr] = await server.stop();
    if (code !== 0) this.#client.tally.wrong.push(`the server ended with ${code}: ${stderr}`);
    this.#server = undefined;
    const stray = readdirSync(this.#folder).filter((name) => !EXPECTED_FILES.test(name));
    if (stray.length !== 0) this.#client.tally.wrong.push(`left behind: ${stray.join(', ')}`);
  }

  clean(): void {
    for (const one of this.#cleaning) one();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get #database(): string {
    return join(this.#folder, 'soak.db');
  }

  #start(): Promise<TestServer> {
    const cleaning = { teardown: (clean: () => unknown) => void this.#cleaning.push(clean) };
    return startServer(cleaning, this.#database, '--snapshots-per-cluster-max', String(KEEP));
  }

  /** Changes a cluster, one operation at a time. */
  async #change(client: Client, cluster: KnownCluster, over: { isOver: boolean }): Promise<void> {
    const { random, worlds } = client;
    while (!over.isOver && cluster.pending === undefined && !cluster.maybeDropped) {
      const known = [...cluster.snapshots.values()];
      const dice = random();
      if (dice < 0.75 || known.length === 0) await ingest(client, cluster, pick(random, worlds));
      else if (dice < 0.97) await deleteSnapshot(client, cluster, pick(random, known));
      else await deleteCluster(client, cluster);
    }
  }

  async #question(client: Client, cluster: KnownCluster, over: { isOver: boolean }): Promise<void> {
    while (!over.isOver) {
      const known = [...cluster.snapshots.values()];
      if (known.length === 0) await sleep(20);
      else await ask(client, cluster, pick(client.random, known));
      await sleep(5);
    }
  }

  async #kill(kill: Kill, server: TestServer): Promise<void> {
    const { random, tally } = this.#client;
    if (kill === 'child') {
      const children = childrenOf(server.pid);
      if (children.length === 0) return;
      this.kills += 1;
      process.kill(pick(random, children), 'SIGKILL');
      return;
    }
    this.kills += 1;
    if (kill === 'stop') {
      const [code, stderr] = await server.stop();
      if (code !== 0) tally.wrong.push(`SIGTERM: ended with ${code}: ${stderr}`);
      return;
    }
    server.kill();
    await server.ended;
    if (kill !== 'start') return;
    const args = ['serve', '--port', '0', '--database', `sqlite:${this.#database}`];
    const starting = spawn(process.execPath, [program(), ...args], {
      stdio: 'ignore',
      env: environment,
    });
    await sleep(1000 * random());
    starting.kill('SIGKILL');
    if (starting.exitCode === null && starting.signalCode === null) await once(starting, 'exit');
  }

  /** Looks at everything, on a new server if the last one ended, and sends again what was not answered. */
  async #look(): Promise<void> {
    const server = (this.#server ??= await this.#start());
    const client = { ...this.#client, url: server.url };
    await Promise.all(this.#clusters.map((cluster) => this.#lookAt(client, cluster)));
  }

  async #lookAt(client: Client, cluster: KnownCluster): Promise<void> {
    const { tally } = client;
    const { pending } = cluster;
    // A child that was killed with its upload may have stored it just before.
    const { lost, wrong } = settle(cluster, await list(client, cluster), KEEP);
    tally.lost.push(...lost);
    tally.wrong.push(...wrong);
    if (pending === undefined) return;
    const before = new Set(cluster.snapshots.keys());
    await ingest(client, cluster, pending);
    if (cluster.pending !== undefined) tally.wrong.push(`${cluster.name}: sent again in vain`);
    const after = (await list(client, cluster)) ?? [];
    const added = after.filter(({ id }) => !before.has(id));
    if (1 < added.length) tally.wrong.push(`${cluster.name}: sent twice, stored twice`);
  }

  #startBackup(): ChildProcess {
    const args = ['backup', this.#backupFile, '--database', `sqlite:${this.#database}`, '--force'];
    return spawn(process.execPath, [program(), ...args], { stdio: 'ignore', env: environment });
  }

  get #backupFile(): string {
    return join(this.#folder, 'backup.db');
  }

  /** What a backup holds is whole, and nothing in it is unknown; one that was killed left none. */
  async #checkBackup(backup: ChildProcess): Promise<void> {
    const { tally, byDigest } = this.#client;
    if (backup.exitCode === null && backup.signalCode === null) await once(backup, 'exit');
    if (backup.signalCode === null && backup.exitCode !== 0) {
      tally.wrong.push(`backup: exit code ${backup.exitCode}`);
    }
    if (!existsSync(this.#backupFile)) return;
    const target = join(this.#folder, 'restored.db');
    try {
      restore(this.#backupFile, `sqlite:${target}`, { force: false });
      const store = await openStore(`sqlite:${target}`, { snapshotsPerClusterMax: 1000 });
      for (const { name } of this.#clusters) {
        const { items } = await store.snapshots(name, { offset: 0, limit: 1000 });
        for (const { id, digest } of items) {
          if (!byDigest.has(digest)) tally.wrong.push(`backup: nobody sent ${id}`);
          readWhole(await store.get(id));
        }
      }
      await store.close();
      tally.backups += 1;
    } finally {
      for (const end of ['', '-wal', '-shm', '-lock']) rmSync(`${target}${end}`, { force: true });
    }
  }

  /** Snapshots that have to be there. */
  get held(): number {
    return this.#clusters.reduce(
      (sum, cluster) =>
        sum +
        [...cluster.snapshots.values()].filter((one) => mustBeThere(cluster, one, KEEP)).length,
      0,
    );
  }
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '5' },
      kills: { type: 'string', default: '200' },
      seed: { type: 'string' },
    },
  });
  const seed = Number(values.seed ?? randomInt(2 ** 30));
  const [minutes, kills] = [Number(values.minutes), Number(values.kills)];
  if (!(0 < minutes) || !Number.isInteger(kills) || kills < 1 || !Number.isInteger(seed)) {
    process.stderr.write('soak: `--minutes`, `--kills` and `--seed` are numbers\n');
    return 2;
  }
  process.stdout.write(`seed ${seed}, ${minutes} minutes, ${kills} kills\n`);
  const tally: Tally = {
    ...{ ingests: 0, ambiguous: 0, deletes: 0, questions: 0, backups: 0, refused: 0 },
    ...{ wrong: [], lost: [], earlier: new Map() },
  };
  const worlds = await soakWorlds(seed, WORLDS);
  const byDigest = new Map(worlds.map((world) => [world.digest, world]));
  const soak = new Soak({ keep: KEEP, random: randomOf(seed), tally, worlds, byDigest });
  const startedAt = performance.now();
  const spanMs = minutes * 60_000;
  const elapsed = (): number => performance.now() - startedAt;
  try {
    // A busy machine has four times the time for its kills.
    for (let n = 0; elapsed() < spanMs || (soak.kills < kills && elapsed() < 4 * spanMs); n += 1) {
      const left = Math.max(1, kills - soak.kills);
      await soak.round(n, roundMs(spanMs - elapsed(), left));
      if (n % 20 === 19) process.stdout.write(`${summary(tally, soak, elapsed())}\n`);
    }
    await soak.finish();
  } catch (error) {
    tally.wrong.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  } finally {
    soak.clean();
  }
  process.stdout.write(`${summary(tally, soak, elapsed())}\n`);
  for (const line of [...tally.lost, ...tally.wrong].slice(0, SHOWN_MAX)) {
    process.stdout.write(`  ${line}\n`);
  }
  if (soak.kills < kills) process.stdout.write(`only ${soak.kills} kills in four times the time\n`);
  return tally.lost.length + tally.wrong.length === 0 && kills <= soak.kills ? 0 : 1;
}

/** How long a wait is at most, so that the kills are spread over the time that is left. */
function roundMs(leftMs: number, killsLeft: number): number {
  return Math.min(3000, Math.max(200, (2 * leftMs) / killsLeft - 1500));
}

function summary(tally: Tally, soak: Soak, ms: number): string {
  const { ingests, ambiguous, deletes, questions, backups, refused, wrong, lost } = tally;
  return (
    `${Math.round(ms / 1000)} s: ${soak.kills} kills, ${ingests} ingests, ${ambiguous} not answered, ` +
    `${deletes} deletes, ${questions} answers compared, ${refused} refused, ${backups} backups restored, ` +
    `${soak.held} snapshots held; lost ${lost.length}, wrong ${wrong.length}`
  );
}

process.exitCode = await main();
