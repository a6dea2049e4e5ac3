import { PodreachError } from '../model/errors.ts';
import type { Scope } from '../service/viewer.ts';
import { checkClusterName } from '../service/snapshot-ref.ts';
import { isScope } from './scopes.ts';

/** What holders of a value of a claim may do. */
export interface Grant {
  readonly value: string;
  readonly scopes: ReadonlySet<Scope>;
  /** `null`: every cluster. */
  readonly clusters: readonly string[] | null;
}

/**
 * Reads one row of the mapping from values to grants: `VALUE=SCOPE+SCOPE` for every cluster, or
 * `VALUE=SCOPE+SCOPE@CLUSTER+CLUSTER` for some.
 *
 * @throws `bad-query`
 */
export function parseGrant(text: string): Grant {
  // Values may hold anything, what follows them no `=`.
  const [, value, scopes = '', clusters] = /^(.+)=([a-z+]+)(?:@([^=@]+))?$/.exec(text) ?? [];
  const named = scopes.split('+');
  if (value === undefined || !named.every(isScope)) {
    throw new PodreachError(
      'bad-query',
      `\`${text.slice(0, 200)}\` maps no value to scopes; write it like ` +
        '`platform-team=read+ingest`, or `shop-team=read@prod+staging` for some clusters',
      { parameter: 'jwtScopes' },
    );
  }
  return {
    value,
    scopes: new Set(named.filter(isScope)),
    clusters: clusters === undefined ? null : clusters.split('+').map(checkClusterName),
  };
}

/**
 * What the claim gives: the first row of `grants` whose value it holds, and nothing of any other. Rows
 * are not added up: `read` in one cluster and `admin` in another must never become `admin` in both.
 */
export function grantOf(claim: unknown, grants: readonly Grant[]): Grant | undefined {
  const values = typeof claim === 'string' ? claim.split(' ') : claim;
  if (!Array.isArray(values)) return undefined;
  const held = new Set<unknown>(values);
  return grants.find(({ value }) => held.has(value) || claim === value);
}

/**
 * The claim `name` of a payload. A name with dots is that of the claim itself, and otherwise a way
 * through objects (`realm_access.roles`).
 */
export function claimOf(payload: object, name: string): unknown {
  const own = ownMember(payload, name);
  if (own !== undefined) return own;
  let value: unknown = payload;
  for (const part of name.split('.')) value = ownMember(value, part);
  return value;
}

function ownMember(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[name];
}
