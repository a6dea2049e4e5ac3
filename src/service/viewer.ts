/** What a viewer may do: ask, send snapshots, delete them. Each is given by itself. */
export type Scope = 'read' | 'ingest' | 'admin';

/**
 * Who asks, and what they may see and do. Every question carries it (decisions 15); what is refused is
 * decided in one place, by the service.
 */
export interface Viewer {
  /** Name for the audit log. */
  readonly name: string;
  readonly scopes: ReadonlySet<Scope>;
  /** `null`: every cluster. */
  readonly clusters: readonly string[] | null;
  /** `null`: every namespace. */
  readonly namespaces: readonly string[] | null;
  /** When the credential ends; absent: never. */
  readonly expiresAt?: Date;
}

/** The viewer of a service without authentication. */
export const EVERYONE: Viewer = {
  name: 'anonymous',
  scopes: new Set(['read', 'ingest', 'admin']),
  clusters: null,
  namespaces: null,
};

/** Tells who holds a credential. */
export interface Authenticator {
  /**
   * @param credential what came as `Authorization: Bearer` or `X-Podreach-Token`
   * Cheap for one that came before: it may be asked with every request, and again for as long as a
   * connection stays open. The same credential gives the same object until something about it changes.
   *
   * @returns undefined for one that is not known, has expired or was revoked
   * @throws `busy` or `store-failed` when that cannot be told
   */
  authenticate(credential: string): Promise<Viewer | undefined>;
}
