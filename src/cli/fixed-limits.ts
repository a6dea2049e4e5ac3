const MIB = 1024 * 1024;

/** Limits of the command line as a client; not settable, they only bound what one command does. */
export const CLIENT_LIMITS = Object.freeze({
  questionTimeoutMs: 60_000,
  ingestTimeoutMs: 15 * 60_000,
  /** Rows asked for in one request, the most a server gives. */
  pageRows: 1000,
  /** Questions of `paths` in one request. */
  questionsPerRequest: 1000,
  questionBytesMax: 64 * MIB,
  inputErrorsShown: 20,
  problemsShown: 5,
});

/** Limits of a server's processes that nobody needs to set. */
export const JOB_LIMITS = Object.freeze({
  /** Uploads after which a process is replaced, so that nothing it keeps grows for ever. */
  ingestsPerProcessMax: 200,
  /** Resident memory beyond which a process is replaced after its upload. */
  keptMemoryBytesMax: 1536 * MIB,
  /** Keys of uploads remembered per cluster, the newest. */
  uploadKeysPerClusterMax: 1000,
  /** Snapshots that wait to be compiled. */
  compilesWaitingMax: 16,
  /** Between two looks for snapshots that have become too old. */
  expiryIntervalMs: 60_000,
});
