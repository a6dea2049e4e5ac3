/** What somebody did, or was refused. */
export interface AuditEntry {
  /** ISO 8601, UTC: when the request was answered, or what stays open had begun. */
  readonly time: string;
  readonly requestId: string;
  /** Name of who asked; null where that is not known. */
  readonly viewer: string | null;
  readonly action: AuditAction;
  /** The route, such as `/snapshots/:ref/path`, or `graphql`; null where nothing is. */
  readonly question: string | null;
  /** What was asked, as texts, long ones cut. */
  readonly args: Readonly<Record<string, string>>;
  readonly clusters: readonly string[];
  /** Ids of the snapshots that were found. */
  readonly snapshots: readonly string[];
  /** `ok`, or the code of the error. */
  readonly outcome: string;
  /** Of HTTP; 101 for a subscription that began over a WebSocket. */
  readonly status: number;
  readonly ms: number;
}

/** What is done: asked, taken in, deleted, or listened to for as long as it stays open. */
export type AuditAction = 'ask' | 'ingest' | 'delete' | 'watch';

/** The trail of who asked what (decisions 24). */
export interface AuditLog {
  /** Never waits and never throws: what cannot be written is told elsewhere. */
  write(entry: AuditEntry): void;
  /** Resolves when everything is written, or cannot be. */
  close(): Promise<void>;
}
