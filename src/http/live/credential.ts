import type { IncomingHttpHeaders } from 'node:http';
import { PodreachError } from '../../model/errors.ts';
import { EVERYONE } from '../../service/viewer.ts';
import type { Authenticator, Viewer } from '../../service/viewer.ts';

/** Who connects, and by what. */
export interface Credited {
  readonly viewer: Viewer;
  /** Undefined without authentication. */
  readonly credential: string | undefined;
}

/**
 * What `Authorization: Bearer` or `X-Podreach-Token` holds.
 *
 * @throws `bad-query` when both are given and differ
 */
export function credentialIn(headers: IncomingHttpHeaders): string | undefined {
  const bearer = bearerOf(headers.authorization);
  const token = headers['x-podreach-token'];
  const given = [bearer, token].flat().filter((one) => one !== undefined && one !== '');
  const [first, second = first] = given;
  if (first === second && given.length <= 2) return first;
  throw new PodreachError('bad-query', 'the request holds two different credentials; send one');
}

/** `Bearer x` as `x`; undefined for anything else. */
export function bearerOf(authorization: string | undefined): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
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
  if (viewer !== undefined) return { viewer, credential };
  throw new PodreachError(
    'unauthorized',
    'a valid credential is needed, as `Authorization: Bearer` or `X-Podreach-Token`',
  );
}
