import { basename, relative } from 'node:path';
import type { Io, Output } from './io.ts';

/** The process itself. */
export function processIo(): Io {
  const started = process.argv[1] ?? '';
  const name = basename(started).replace(/\.(exe|cmd)$/i, '');
  const program = name.startsWith('kubectl-') ? 'kubectl podreach' : 'podreach';
  const isLinked = name === 'podreach' || name.startsWith('kubectl-');
  return {
    program,
    invocation: isLinked ? program : `node ${relative(process.cwd(), started)}`,
    stdin: process.stdin,
    stdout: outputOf(process.stdout),
    stderr: outputOf(process.stderr),
    environment: process.env,
    onStop: (stop) => {
      let isAsked = false;
      const listener = (): void => {
        // Who asks twice does not want to wait.
        if (isAsked) process.exit(130);
        isAsked = true;
        stop();
      };
      for (const signal of STOP_SIGNALS) process.on(signal, listener);
      return () => {
        for (const signal of STOP_SIGNALS) process.off(signal, listener);
      };
    },
  };
}

const STOP_SIGNALS = ['SIGINT', 'SIGTERM'] as const;

function outputOf(stream: NodeJS.WriteStream): Output {
  // `podreach ... | head` closes the pipe early: the rest of the text has no reader, and that is all.
  stream.on('error', () => undefined);
  return {
    write: (text) =>
      new Promise((resolve) => {
        stream.write(text, () => {
          resolve();
        });
      }),
    isTerminal: stream.isTTY,
    columns: stream.isTTY ? stream.columns : undefined,
  };
}
