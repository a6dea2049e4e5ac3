import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { restore } from '../../src/store/backups.ts';
import { openStore } from '../../src/store/open-store.ts';
import { childrenOf } from '../support/children.ts';
import { environment, program, startServer } from '../support/server.ts';
import type { TestServer } from '../support/server.ts';
import { readWhole } from '../store/sample-snapshots.ts';
import { ask, askBatch, deleteCluster, deleteSnapshot, ingest, list } from './client.ts';
import type { Client } from './client.ts';
import { mustBeThere, newCluster, settle } from './model.ts';
import type { KnownCluster } from './model.ts';
import { pick } from './worlds.ts';
import type { Random } from './worlds.ts';

const CLUSTERS = ['blue', 'green', 'red'];
/** Snapshots that retention keeps, few so that it always has to do. */
export const KEEP = 8;
/** Of rounds, one begins with a backup. */
const BACKUP_EVERY = 12;
/** Files that may be beside a database while it is served. */
const EXPECTED_FILES =
  /^soak\.db(-wal|-shm|-lock|-ballast)?$|^backup\.db(\.\d+\.partial(-journal)?)?$/;

/** In one round, before its last kill. */
const CHILD_KILLS_BELOW = 5;

/** What ends a round; `stop` is SIGTERM, `start` kills the server and the next one while it starts. */
export type Kill = 'server' | 'child' | 'stop' | 'start';

/** What is killed in a round. */
export interface Kills {
  /** Those who take in and are started anew. */
  readonly children: number;
  readonly last: Kill;
  /** A backup is made meanwhile; killed with the server, or waited for. */
  readonly backup: 'none' | 'killed' | 'whole';
}

const KILLS: readonly Kill[] = [
  ...(['server', 'server', 'server', 'server', 'server'] as const),
  ...(['child', 'child', 'child', 'stop', 'start'] as const),
];

/** Kills as random as the seed. */
export function randomKills(random: Random, round: number): Kills {
  const isBackup = round % BACKUP_EVERY === 0;
  return {
    children: Math.floor(CHILD_KILLS_BELOW * random()),
    last: pick(random, KILLS),
    backup: !isBackup ? 'none' : random() < 0.5 ? 'killed' : 'whole',
  };
}

/** Servers on one database, one after the other, with what is known of it. */
export class Soak {
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
  async round(ms: number, kills: Kills): Promise<void> {
    const { random, tally } = this.#client;
    const server = (this.#server ??= await this.#start());
    const client = { ...this.#client, url: server.url };
    const over = { isOver: false };
    const work = [
      ...this.#clusters.map((cluster) => this.#change(client, cluster, over)),
      ...this.#clusters.map((cluster) => this.#question(client, cluster, over)),
    ];
    const backup = kills.backup === 'none' ? undefined : this.#startBackup();
    await sleep(ms * random());
    for (let more = kills.children; 0 < more; more -= 1) {
      await this.#kill('child', server);
      await sleep(ms * random());
    }
    await this.#kill(kills.last, server);
    if (kills.backup === 'killed') backup?.kill('SIGKILL');
    over.isOver = true;
    await Promise.all(work);
    if (backup !== undefined) await this.#checkBackup(backup);
    if (kills.last !== 'child') this.#server = undefined;
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
    const { tally, random, worlds } = client;
    const { pending } = cluster;
    const known = new Set(cluster.snapshots.keys());
    // A child that was killed with its upload may have stored it just before.
    const { lost, wrong } = settle(cluster, await list(client, cluster), KEEP);
    tally.lost.push(...lost);
    tally.wrong.push(...wrong);
    if (pending === undefined) return;
    // It was stored if there is a snapshot now of which nobody knew.
    const isStored = [...cluster.snapshots.keys()].some((id) => !known.has(id));
    // With another in between, only the key tells that it is the same upload.
    if (random() < 0.5) await ingest(client, cluster, pick(random, worlds));
    const before = new Set(cluster.snapshots.keys());
    await ingest(client, cluster, pending.world, pending.key);
    if (cluster.pending !== undefined) tally.wrong.push(`${cluster.name}: sent again in vain`);
    const after = (await list(client, cluster)) ?? [];
    const added = after.filter(({ id }) => !before.has(id));
    const most = isStored ? 0 : 1;
    if (most < added.length) tally.wrong.push(`${cluster.name}: sent twice, stored twice`);
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
