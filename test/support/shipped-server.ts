import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Test } from 'tap';
import { build } from './built.ts';

/** The program that is shipped, serving. */
export interface ShippedServer {
  readonly url: string;
  readonly pid: number;
  /** Sends a signal. */
  readonly signal: (name: NodeJS.Signals) => void;
  /** Resolves when it has ended, with its exit code (null: a signal) and what it said on stderr. */
  readonly ended: Promise<readonly [code: number | null, stderr: string]>;
}

/** Without what the tests are told by it. */
const ENVIRONMENT = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(PODREACH|OTEL)_/.test(name)),
);

/** Starts the program that is shipped on a free port, until the test ends. */
export async function startShipped(
  t: Test,
  database: string,
  args: readonly string[] = [],
): Promise<ShippedServer> {
  const main = join(build(), 'cli/main.js');
  const all = [main, 'serve', '--port', '0', '--database', `sqlite:${database}`, ...args];
  const child = spawn(process.execPath, all, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: ENVIRONMENT,
  });
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
  if (url === undefined) throw new Error(`it did not start: ${stderr}`);
  return { url, pid: child.pid ?? 0, signal: (name) => void child.kill(name), ended };
}
