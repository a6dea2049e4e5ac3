import { isDeepStrictEqual } from 'node:util';
import { LRUCache } from 'lru-cache';
import type { Authenticator, Viewer } from '../service/viewer.ts';
import { tokenHash } from './token-format.ts';

/** How long it is believed that a credential is still good: revocation acts within 5 seconds. */
export const BELIEVED_MS = 2000;
/** Credentials remembered. */
const CREDENTIALS_MAX = 10_000;

interface Known {
  readonly viewer: Viewer;
  readonly checkedAt: number;
  /** Set while somebody asks again: all who come meanwhile wait for the same answer. */
  checking?: Promise<Viewer | undefined>;
}

/**
 * Asks `inner` about a credential once every {@link BELIEVED_MS}. One credential is one object for as
 * long as nothing about it changes, so that others can remember things by it.
 *
 * Credentials are kept as their SHA-256: none lies in memory longer than its request.
 *
 * @param now milliseconds of a clock that only goes forward
 */
export function rememberViewers(
  inner: Authenticator,
  now: () => number = () => performance.now(),
): Authenticator {
  const known = new LRUCache<string, Known>({ max: CREDENTIALS_MAX });

  const check = async (credential: string, key: string): Promise<Viewer | undefined> => {
    const checkedAt = now();
    const found = await inner.authenticate(credential);
    if (found === undefined) {
      known.delete(key);
      return undefined;
    }
    const before = known.get(key)?.viewer;
    const viewer = before !== undefined && isDeepStrictEqual(before, found) ? before : found;
    known.set(key, { viewer, checkedAt });
    return viewer;
  };

  return {
    async authenticate(credential) {
      const key = tokenHash(credential);
      const entry = known.get(key);
      if (entry === undefined) return check(credential, key);
      if (now() < entry.checkedAt + BELIEVED_MS) return entry.viewer;
      entry.checking ??= check(credential, key).finally(() => delete entry.checking);
      return entry.checking;
    },
  };
}
