import { EVERYONE } from '../../service/viewer.ts';
import type { Authenticator, Viewer } from '../../service/viewer.ts';
import { unauthorized } from '../viewer.ts';

/** Who connects, and by what. */
export interface Credited {
  readonly viewer: Viewer;
  /** Undefined without authentication. */
  readonly credential: string | undefined;
}

/**
 * Who holds `credential`. Without an authenticator that is everyone, whatever they hold.
 *
 * @throws `unauthorized`
 */
export async function creditedBy(
  authenticator: Authenticator | undefined,
  credential: string | undefined,
): Promise<Credited> {
  if (authenticator === undefined) return { viewer: EVERYONE, credential: undefined };
  const viewer =
    credential === undefined ? undefined : await authenticator.authenticate(credential);
  if (viewer === undefined) throw unauthorized();
  return { viewer, credential };
}
