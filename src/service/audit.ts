/** What somebody did, or was refused. */
export interface AuditEntry {
  /** ISO 8601, UTC: when the request was answered. */
  readonly time: string;
  readonly requestId: string;
  /** Name of who asked; null where that is not known. */
  readonly viewer: string | null;
  readonly action: 'ask' | 'ingest' | 'delete';
  /** The route, such as `/snapshots/:ref/path`, or `graphql`; null where nothing is. */
  readonly question: string | null;
  /** What was asked, as texts, long ones cut. */
  readonly args: Readonly<Record<string, string>>;
  readonly clusters: readonly string[];
  /** Ids of the snapshots that were found. */
  readonly snapshots: readonly string[];
  /** `ok`, or the code of the error. */
  readonly outcome: string;
  /** Of HTTP. */
  readonly status: number;
  readonly ms: number;
}

/** The trail of who asked what (decisions 24). */
export interface AuditLog {
  /** Never waits and never throws: what cannot be written is told elsewhere. */
  write(entry: AuditEntry): void;
  /** Resolves when everything is written, or cannot be. */
  close(): Promise<void>;
}
