import type { Io } from './io.ts';

/** Runs a command with the process it was started in and keeps its exit code. */
export type Run = (action: (io: Io) => Promise<number>) => Promise<void>;
