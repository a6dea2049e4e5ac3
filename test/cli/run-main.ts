import { fileURLToPath } from 'node:url';
import { main } from '../../src/cli/main.ts';
import type { Io } from '../../src/cli/io.ts';

/** The folder of manifests that these tests read. */
export const MANIFESTS = fileURLToPath(new URL('manifests', import.meta.url));

/** What a command printed, and its exit code. */
export interface Finished {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** How the process of a command differs from a quiet one. */
export interface Process {
  readonly stdin?: string | Uint8Array;
  readonly environment?: Readonly<Record<string, string>>;
  readonly isTerminal?: boolean;
  readonly program?: string;
  /** Called with how to stop the command, when it asks for that. */
  readonly onStop?: Io['onStop'];
  /** Called with each text that is printed. */
  readonly onOutput?: (text: string) => void;
}

/** Runs `podreach args...` in this process. */
export async function runMain(args: readonly string[], process: Process = {}): Promise<Finished> {
  const { stdin = '', environment = {}, isTerminal = false, program = 'podreach' } = process;
  let out = '';
  let err = '';
  const code = await main(args, {
    program,
    invocation: program,
    stdin: chunks(stdin),
    stdout: {
      write: async (text) => {
        out += text;
        process.onOutput?.(text);
      },
      isTerminal,
      columns: isTerminal ? 80 : undefined,
    },
    stderr: {
      write: async (text) => {
        err += text;
      },
      isTerminal: false,
      columns: undefined,
    },
    environment,
    onStop: process.onStop ?? (() => () => undefined),
  });
  return { code, out, err };
}

async function* chunks(stdin: string | Uint8Array): AsyncGenerator<Uint8Array> {
  yield typeof stdin === 'string' ? new TextEncoder().encode(stdin) : stdin;
}
