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
   * @returns undefined for one that is not known, has expired or was revoked
   */
  authenticate(credential: string): Promise<Viewer | undefined>;
}
