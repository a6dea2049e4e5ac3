#!/usr/bin/env node
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CommanderError } from 'commander';
import type { Io } from './io.ts';
import { printError } from './print-error.ts';
import { processIo } from './process-io.ts';
import { buildProgram } from './program.ts';
import type { Speech } from './program.ts';
import { readVersion } from './version.ts';

/**
 * Runs one command; `args` are those after the program's name. Returns the exit code (contract 1).
 *
 * Everything that goes wrong is told here and nowhere else; nothing is thrown.
 */
export async function main(args: readonly string[], io: Io): Promise<number> {
  let exitCode = 0;
  const speech: Speech = { out: '', error: '' };
  const program = buildProgram(
    io,
    readVersion(),
    async (action) => {
      exitCode = await action(io);
    },
    speech,
  );
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return sayUsage(io, error, speech);
    const printed = printError(error, io.environment['PODREACH_DEBUG'] === '1');
    await io.stderr.write(printed.text);
    return printed.exitCode;
  }
}

/** Help and version that were asked for are answers; everything else is bad usage. */
async function sayUsage(
  io: Io,
  error: CommanderError,
  { out, error: spoken }: Speech,
): Promise<number> {
  if (error.exitCode === 0) {
    await io.stdout.write(out);
    return 0;
  }
  const [first = '', ...rest] = error.message.replace(/^error: /, '').split('\n');
  const isHelp = spoken !== '';
  const help = `try \`${io.program} --help\``;
  const lines = [`podreach: ${first}`, ...rest.map((line) => `  ${line}`), `  ${help}`];
  await io.stderr.write(isHelp ? spoken : `${lines.join('\n')}\n`);
  return 2;
}

/** npm links the binary: the path it was started by is compared by what it points at. */
function isEntryPoint(): boolean {
  const [, started] = process.argv;
  if (started === undefined) return false;
  try {
    return realpathSync(started) === realpathSync(fileURLToPath(import.meta.url));
  } catch {
    // Started by something that is no file, such as `node -e`.
    return false;
  }
}

/**
 * Ends the process for an error that nobody was there to handle, with the code of a failure: that of node
 * would be a verdict, DENIED (contract 1). What it was doing is given up at once; a store loses nothing by that.
 */
function endByBug(error: unknown): void {
  process.stderr.write(printError(error, true).text, () => process.exit(BUG_EXIT));
  // Nobody may read it.
  setTimeout(() => process.exit(BUG_EXIT), BUG_WRITE_MS);
}

const BUG_EXIT = 4;
const BUG_WRITE_MS = 1000;

if (isEntryPoint()) {
  // A promise that is rejected and has no handler comes here as well.
  process.on('uncaughtException', endByBug);
  // Arguments are for all processes of the machine to read: one of them may be a credential.
  if (process.argv.some((one) => /^--token(=|$)/.test(one))) process.title = 'podreach';
  process.exit(await main(process.argv.slice(2), processIo()));
}
