import { createLocalJWKSet, createRemoteJWKSet, errors, jwtVerify } from 'jose';
import type { JWTPayload, JWTVerifyGetKey } from 'jose';
import { PodreachError } from '../model/errors.ts';
import type { Authenticator, Viewer } from '../service/viewer.ts';
import { claimOf, grantOf } from './jwt-grants.ts';
import type { Grant } from './jwt-grants.ts';

/** Algorithms that can be allowed: asymmetric ones, so that no key here could make a token. */
export const JWT_ALGORITHMS: readonly string[] = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];

/** Whose JSON Web Tokens are believed, and what their holders may do. */
export interface JwtSettings {
  /** Where the keys of the issuer are. */
  readonly jwksUrl: URL;
  readonly issuer: string;
  /** Of which one must be that of the token. */
  readonly audience: readonly string[];
  /** Of {@link JWT_ALGORITHMS}. */
  readonly algorithms: readonly string[];
  /** Claim that {@link grants} look at. */
  readonly scopesClaim: string;
  /** The first that fits counts. */
  readonly grants: readonly Grant[];
}

const KEYS_KEPT_MS = 10 * 60_000;

/** How often an issuer is asked for its keys at most, whatever strangers send. */
export interface Pauses {
  /** After the keys were read, before a key that is not among them is looked for again. */
  readonly readMs: number;
  /** After they could not be read. */
  readonly failedMs: number;
}
const PAUSES: Pauses = { readMs: 10_000, failedMs: 10_000 };
const KEYS_TIMEOUT_MS = 5000;
/** How far the clocks of issuer and server may differ. */
const SKEW_SECONDS = 60;
const CREDENTIAL_CHARS_MAX = 8192;
const NAME_CHARS_MAX = 256;

/**
 * Knows the holders of JSON Web Tokens by the keys of their issuer, which are read when they are first
 * needed and again when an unknown one is named. Only the set at `jwksUrl` gives keys: what a token
 * says of where its key would be is not read.
 */
export function jwtTokens(settings: JwtSettings, pauses = PAUSES): Authenticator {
  const keys = keysOf(settings.jwksUrl, pauses);
  return {
    async authenticate(credential) {
      if (CREDENTIAL_CHARS_MAX < credential.length) return undefined;
      try {
        const { payload } = await jwtVerify(credential, keys, {
          issuer: settings.issuer,
          audience: [...settings.audience],
          algorithms: [...settings.algorithms],
          clockTolerance: SKEW_SECONDS,
        });
        return viewerOf(payload, settings);
      } catch (error) {
        if (error instanceof PodreachError) throw error;
        // Whatever else went wrong, with a key that cannot be used for instance: it is not verified.
        return undefined;
      }
    },
  };
}

function viewerOf(payload: JWTPayload, { scopesClaim, grants }: JwtSettings): Viewer | undefined {
  const { sub, exp } = payload;
  const grant = grantOf(claimOf(payload, scopesClaim), grants);
  // Without an end or a name a token is valid as such, and of no use here.
  if (typeof sub !== 'string' || sub === '' || NAME_CHARS_MAX < sub.length) return undefined;
  if (grant === undefined || exp === undefined) return undefined;
  return {
    // No token of ours has a colon in its name.
    name: `jwt:${sub}`,
    scopes: grant.scopes,
    clusters: grant.clusters,
    namespaces: null,
    expiresAt: new Date(exp * 1000),
  };
}

/** Keys that fit a token, or the reason why that cannot be told. @throws `busy` */
function keysOf(url: URL, { readMs, failedMs }: Pauses): JWTVerifyGetKey {
  const remote = createRemoteJWKSet(url, {
    cacheMaxAge: KEYS_KEPT_MS,
    cooldownDuration: readMs,
    timeoutDuration: KEYS_TIMEOUT_MS,
  });
  let failedAt = Number.NEGATIVE_INFINITY;
  return async (header, token) => {
    // A set that cannot be read has no cooldown of its own: strangers must not make us ask for it.
    if (performance.now() < failedAt + failedMs) {
      const last = remote.fresh ? remote.jwks() : undefined;
      if (last === undefined) throw unavailable(failedMs);
      return createLocalJWKSet(last)(header, token);
    }
    try {
      return await remote(header, token);
    } catch (error) {
      if (isOfToken(error)) throw error;
      failedAt = performance.now();
      throw unavailable(failedMs, error);
    }
  };
}

/** Whether the token is to blame: it names no key that the issuer has. */
function isOfToken(error: unknown): boolean {
  return (
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys ||
    error instanceof errors.JOSENotSupported
  );
}

function unavailable(failedMs: number, cause?: unknown): PodreachError {
  return new PodreachError(
    'busy',
    'the keys of the issuer of this token cannot be read; try again',
    { retryAfterSeconds: Math.ceil(failedMs / 1000) },
    cause,
  );
}
