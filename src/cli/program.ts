import { Command } from 'commander';
import { addBackup, addRestore } from './commands/backup.ts';
import { addEffective, addExposure } from './commands/exposure.ts';
import { addIngest } from './commands/ingest.ts';
import { addIsolation, addPolicies, addResolve } from './commands/inventory.ts';
import { addPath } from './commands/path.ts';
import { addPaths } from './commands/paths.ts';
import { addConnectivity, addReachableFrom, addWhoCanReach } from './commands/reach-lists.ts';
import { addServe } from './commands/serve.ts';
import { addClusters, addSnapshots } from './commands/server-lists.ts';
import { addWaysIn } from './commands/ways-in.ts';
import type { Io } from './io.ts';
import type { Run } from './run.ts';

const EXIT_CODES = `
Exit codes: 0 answered (path: ALLOWED), 1 path is DENIED or PARTIAL, 2 bad usage or input,
3 undetermined: a fact is missing, 4 the server or the store failed.`;

/** What commander says by itself: help and version, or help because nothing was asked. */
export interface Speech {
  out: string;
  error: string;
}

/**
 * All commands. Parsing throws commander's own errors, and what it would print goes to `speech`;
 * nothing ends the process.
 */
export function buildProgram(io: Io, version: string, run: Run, speech: Speech): Command {
  const program = new Command(io.program)
    .description('Who can reach what in a Kubernetes cluster, exactly, and why.')
    .version(version, '-V, --version')
    .showHelpAfterError(false)
    .showSuggestionAfterError(true)
    .addHelpText('after', EXIT_CODES);
  // Commands inherit this: it stands before they are added.
  program.exitOverride().configureOutput({
    writeOut: (text) => {
      speech.out += text;
    },
    writeErr: (text) => {
      speech.error += text;
    },
    outputError: () => undefined,
  });
  const add = [
    addPath,
    addWhoCanReach,
    addReachableFrom,
    addConnectivity,
    addWaysIn,
    addIsolation,
    addExposure,
    addEffective,
    addPolicies,
    addResolve,
    addPaths,
    addIngest,
    addSnapshots,
    addClusters,
    addServe,
    addBackup,
    addRestore,
  ];
  for (const one of add) one(program, run);
  return program;
}
