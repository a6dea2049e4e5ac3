import { timingSafeEqual } from 'node:crypto';
import { PodreachError } from '../model/errors.ts';
import type { Authenticator, Viewer } from '../service/viewer.ts';
import { isUsable } from '../store/token-store.ts';
import type { StoredToken, TokenStore } from '../store/token-store.ts';
import { isScope } from './scopes.ts';
import { isToken, tokenHash } from './token-format.ts';

/**
 * Knows the holders of the tokens in `store`. What only looks like a token is refused without asking
 * it: guessing costs the guesser more than us.
 */
export function staticTokens(store: TokenStore, now: () => Date): Authenticator {
  return {
    async authenticate(credential) {
      if (!isToken(credential)) return undefined;
      const hash = tokenHash(credential);
      const found = await store.find(hash);
      if (found === undefined || !isSame(found.hash, hash)) return undefined;
      return isUsable(found, now()) ? viewerOf(found) : undefined;
    },
  };
}

/** The holder of a stored token. @throws `store-failed` for a scope that there is not */
export function viewerOf(token: StoredToken): Viewer {
  const { name, clusters, namespaces, expiresAt } = token;
  const scopes = token.scopes.filter(isScope);
  if (scopes.length !== token.scopes.length) {
    throw new PodreachError(
      'store-failed',
      `the token \`${name}\` has a scope that this podreach does not know; revoke it and create another`,
    );
  }
  return {
    name,
    scopes: new Set(scopes),
    clusters,
    namespaces,
    ...(expiresAt === null ? {} : { expiresAt }),
  };
}

/** In a time that does not tell how much of them is alike. */
function isSame(left: string, right: string): boolean {
  const [one, other] = [Buffer.from(left), Buffer.from(right)];
  return one.length === other.length && timingSafeEqual(one, other);
}
