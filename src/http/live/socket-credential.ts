import { PodreachError } from '../../model/errors.ts';
import { bearerOf } from '../authenticate.ts';

/** Members of `connection_init` that can hold a credential, in any case. */
const MEMBERS = new Map<string, (value: string) => string | undefined>([
  ['authorization', bearerOf],
  ['x-podreach-token', plain],
  ['token', plain],
]);

/**
 * The credential in the payload of `connection_init`; whatever else is in there is not looked at.
 *
 * @throws `bad-query` when several are given and differ
 */
export function credentialInPayload(
  payload: Readonly<Record<string, unknown>> | undefined,
): string | undefined {
  const given = new Set<string>();
  for (const [name, value] of Object.entries(payload ?? {})) {
    const credential =
      typeof value === 'string' ? MEMBERS.get(name.toLowerCase())?.(value) : undefined;
    if (credential !== undefined && credential !== '') given.add(credential);
  }
  const [first, second] = given;
  if (second === undefined) return first;
  throw new PodreachError('bad-query', 'two different credentials are given; send one');
}

function plain(value: string): string {
  return value;
}
