/** A stream of the process that is written to. */
export interface Output {
  /** Resolves when the text has left the process; a reader that went away is no error. */
  readonly write: (text: string) => Promise<void>;
  readonly isTerminal: boolean;
  /** Width of the terminal; undefined when there is none. */
  readonly columns: number | undefined;
}

/** Everything the command line knows of its process, so that tests can run it in theirs. */
export interface Io {
  /** As the user calls us: `podreach`, or `kubectl podreach`. */
  readonly program: string;
  /** What to type to call us again from here: the program, or `node dist/cli/main.js`. */
  readonly invocation: string;
  readonly stdin: AsyncIterable<Uint8Array>;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Calls `stop` on SIGINT or SIGTERM, once; returns how to stop listening. */
  readonly onStop: (stop: () => void) => () => void;
}

/** One line on stderr, in the form of all our messages. */
export function report(io: Io, message: string): Promise<void> {
  return io.stderr.write(`podreach: ${message}\n`);
}
