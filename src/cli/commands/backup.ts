import type { Command } from 'commander';
import { loadSettings } from '../config.ts';
import { report } from '../io.ts';
import type { Io } from '../io.ts';
import { startProgress } from '../progress.ts';
import type { Progress } from '../progress.ts';
import type { Run } from '../run.ts';
import { readVersion } from '../version.ts';

interface DatabaseOptions {
  readonly database?: string;
  readonly force?: boolean;
}

interface RestoreOptions extends DatabaseOptions {
  readonly verify?: boolean;
}

const DATABASE = 'sqlite:PATH (default: PODREACH_DATABASE, or sqlite:./podreach.db)';

/** `podreach backup FILE` */
export function addBackup(parent: Command, run: Run): void {
  parent
    .command('backup')
    .description('copy the database into a file and verify the copy; a server may be running')
    .argument('<file>', 'where to write it')
    .option('--database <url>', DATABASE)
    .option('--force', 'replace the file if it is there')
    .action((file: string, options: DatabaseOptions) => run((io) => backup(io, file, options)));
}

/** `podreach restore FILE` */
export function addRestore(parent: Command, run: Run): void {
  parent
    .command('restore')
    .description(
      'verify a backup and put it in the place of the database; no server may be running',
    )
    .argument('<file>', 'a file that `podreach backup` wrote')
    .option('--database <url>', DATABASE)
    .option('--force', 'restore although there is a database, which is kept under another name')
    .option('--verify', 'only verify the backup')
    .action((file: string, options: RestoreOptions) => run((io) => restore(io, file, options)));
}

async function backup(io: Io, file: string, { database, force }: DatabaseOptions): Promise<number> {
  // Only here: a question at the prompt should not wait for SQLite.
  const { backUp } = await import('../../store/backups.ts');
  const bars = phases(io, file);
  try {
    const manifest = await backUp(databaseOf(io, database), file, {
      version: readVersion(),
      force: force === true,
      onProgress: bars.report,
    });
    bars.stop();
    await io.stdout.write(`${file}: ${contents(manifest)}, verified\n`);
    return 0;
  } finally {
    bars.stop();
  }
}

async function restore(io: Io, file: string, options: RestoreOptions): Promise<number> {
  const backups = await import('../../store/backups.ts');
  const bars = phases(io, file);
  const onVerified = (done: number, all: number): void => bars.report('verifying', done, all);
  try {
    if (options.verify === true) {
      const manifest = backups.verify(file, onVerified);
      bars.stop();
      await io.stdout.write(`${file}: ${contents(manifest)}, whole\n`);
      return 0;
    }
    const database = databaseOf(io, options.database);
    const { manifest, kept } = backups.restore(file, database, {
      force: options.force === true,
      onVerified,
    });
    bars.stop();
    await io.stdout.write(`${database}: ${contents(manifest)}, restored\n`);
    if (kept !== undefined) await report(io, `the database that was there is now \`${kept}\``);
    return 0;
  } finally {
    bars.stop();
  }
}

function databaseOf(io: Io, database: string | undefined): string {
  return loadSettings({ flags: { database }, environment: io.environment }).database;
}

interface Manifest {
  readonly clusters: number;
  readonly snapshots: number;
  readonly createdAt: string;
}

function contents({ clusters, snapshots, createdAt }: Manifest): string {
  return `${counted(snapshots, 'snapshot')} of ${counted(clusters, 'cluster')}, as of ${createdAt}`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

interface Phases {
  readonly report: (phase: string, done: number, all: number) => void;
  readonly stop: () => void;
}

/** One bar after the other. */
function phases(io: Io, file: string): Phases {
  let shown: { readonly phase: string; readonly bar: Progress } | undefined;
  const stop = (): void => {
    shown?.bar.stop();
    shown = undefined;
  };
  return {
    report: (phase, done, all) => {
      if (shown?.phase !== phase) {
        stop();
        shown = { phase, bar: startProgress(io, `${phase} ${file}`, all) };
      }
      shown.bar.report({ bytes: done, objects: 0 });
    },
    stop,
  };
}
