import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { build } from './built.ts';

/** What a started server can be told. */
export interface TestServer {
  readonly url: string;
  readonly pid: number;
  /** As SIGTERM does. @returns exit code and what it said */
  readonly stop: () => Promise<readonly [code: number | null, stderr: string]>;
  /** Sends a signal. */
  readonly signal: (name: NodeJS.Signals) => void;
  /** As `kill -9` does. */
  readonly kill: () => void;
  /** Resolves when the process has ended; a signal has no exit code. */
  readonly ended: Promise<readonly [code: number | null, stderr: string]>;
}

/** Who ends what a test leaves running: a test of tap is one. */
export interface Cleaning {
  readonly teardown: (clean: () => unknown) => void;
}

/** Without what the tests are told by it. */
export const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(PODREACH|OTEL)_/.test(name)),
);

let built: string | undefined;

/** The program that is shipped, compiled if that is needed. */
export function program(): string {
  return (built ??= join(build(), 'cli/main.js'));
}

/** Runs a command of the program that is shipped. */
export function podreach(...args: readonly string[]): {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
} {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program(), ...args], {
    env: environment,
    encoding: 'utf8',
    timeout: 60_000,
  });
  return { code: status, stdout, stderr };
}

/** Sets how many files a process may have open. @returns whether the system can */
export function limitFiles(pid: number, most: number): boolean {
  const args = ['--pid', String(pid), `--nofile=${most}:`];
  return spawnSync('prlimit', args).status === 0;
}

/** Starts the server that is shipped on a free port. @throws when it ends before it listens */
export async function startServer(
  t: Cleaning,
  database: string,
  ...args: readonly string[]
): Promise<TestServer> {
  const all = ['serve', '--port', '0', '--database', `sqlite:${database}`, ...args];
  const child: ChildProcessByStdio<null, Readable, Readable> = spawn(
    process.execPath,
    [program(), ...all],
    { stdio: ['ignore', 'pipe', 'pipe'], env: environment },
  );
  t.teardown(() => child.kill('SIGKILL'));
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = once(child, 'close').then(([code]) => [code as number | null, stderr] as const);
  let stdout = '';
  for await (const text of child.stdout.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    stdout += String(text);
    if (/listens on \S+\n/.test(stdout)) break;
  }
  child.stdout.resume();
  const url = /listens on (\S+)/.exec(stdout)?.[1];
  if (url === undefined) {
    await ended;
    throw new Error(`it did not start: ${stderr}`);
  }
  return {
    url,
    pid: child.pid ?? 0,
    stop: () => {
      child.kill('SIGTERM');
      return ended;
    },
    signal: (name) => void child.kill(name),
    kill: () => child.kill('SIGKILL'),
    ended,
  };
}
