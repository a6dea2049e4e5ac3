/** A token as stored: everything but the token. */
export interface StoredToken {
  /** Of one token at a time; that of a revoked or expired one can be given again. */
  readonly name: string;
  /** SHA-256 of the token, lower-case hexadecimal. */
  readonly hash: string;
  readonly scopes: readonly string[];
  /** `null`: every cluster. */
  readonly clusters: readonly string[] | null;
  /** `null`: every namespace. */
  readonly namespaces: readonly string[] | null;
  readonly createdAt: Date;
  /** `null`: never. */
  readonly expiresAt: Date | null;
  /** `null`: it was not. */
  readonly revokedAt: Date | null;
}

/** Whether a token is neither revoked nor expired. */
export function isUsable({ revokedAt, expiresAt }: StoredToken, now: Date): boolean {
  return revokedAt === null && (expiresAt === null || now < expiresAt);
}

/**
 * Where named tokens live. Nothing is written when a token is used.
 *
 * INVARIANT: what is damaged is never read as a token that somebody may use.
 *
 * Every method can reject with `store-failed`, and with `busy` when another process writes for long.
 */
export interface TokenStore {
  /**
   * Adds a token, in the place of one of its name that was revoked or has expired by `token.createdAt`.
   *
   * @returns false when a token of this name can still be used
   * @throws `disk-full`
   */
  add(token: Omit<StoredToken, 'revokedAt'>): Promise<boolean>;
  /** The token of this hash, also when it can no longer be used. */
  find(hash: string): Promise<StoredToken | undefined>;
  /** All tokens, by name in code units. */
  list(): Promise<readonly StoredToken[]>;
  /** @returns false when there is none of this name, or it was revoked before */
  revoke(name: string, at: Date): Promise<boolean>;
  close(): Promise<void>;
}
