import { authenticators } from '../access/authenticators.ts';
import { JWT_ALGORITHMS, jwtTokens } from '../access/jwt.ts';
import type { JwtSettings } from '../access/jwt.ts';
import { parseGrant } from '../access/jwt-grants.ts';
import { rememberViewers } from '../access/remember-viewers.ts';
import { staticTokens, viewerOf } from '../access/static-tokens.ts';
import { PodreachError } from '../model/errors.ts';
import { isLoopback } from '../http/loopback.ts';
import type { Authenticator } from '../service/viewer.ts';
import { isShared, openTokenStore } from '../store/open-store.ts';
import { isUsable } from '../store/token-store.ts';
import type { TokenStore } from '../store/token-store.ts';
import type { Settings } from './config.ts';

/** Who may ask a server. */
export interface Access {
  /** Undefined: everybody. */
  readonly authenticator: Authenticator | undefined;
  /** One line for who starts it. */
  readonly summary: string;
  readonly close: () => Promise<void>;
}

/**
 * Who may ask, as the settings say, to be opened once the database is the server's. Whatever is wrong
 * keeps the server from starting: there is no way from here to one that lets everybody in.
 *
 * @throws `bad-query`; what opens it throws `store-failed`, `bad-query`
 */
export function planAccess(settings: Settings): () => Promise<Access> {
  const { auth, database, jwtIssuer } = settings;
  const hasJwt = auth === 'jwt' || auth === 'tokens,jwt';
  if (!hasJwt && settings.jwtJwksUrl !== '') {
    throw bad('jwtJwksUrl', '`jwtJwksUrl` is set, and `auth` is without `jwt`');
  }
  if (auth === 'off') return () => Promise.resolve(EVERYBODY);
  const jwt = hasJwt ? jwtTokens(jwtSettings(settings)) : undefined;
  if (auth !== 'jwt' && !isShared(database)) {
    throw bad(
      'auth',
      '`auth=tokens` needs a database in a file, where `token create` can add some',
    );
  }
  return async () => {
    const store = auth === 'jwt' ? undefined : await openTokens(settings);
    const tokens = store && staticTokens(store, () => new Date());
    return {
      authenticator: rememberViewers(
        authenticators({ ...(tokens && { tokens }), ...(jwt && { jwt }) }),
      ),
      summary: [
        ...(store === undefined ? [] : [await summaryOf(store)]),
        ...(jwt === undefined ? [] : [`JSON Web Tokens of ${jwtIssuer}`]),
      ].join(', '),
      close: async () => {
        await store?.close();
      },
    };
  };
}

const EVERYBODY: Access = {
  authenticator: undefined,
  summary: 'off: whoever reaches this address may ask, send and delete everything',
  close: () => Promise.resolve(),
};

/** Every token is read once: a damaged one is told now, not when somebody needs it. */
async function openTokens({ database }: Settings): Promise<TokenStore> {
  const store = await openTokenStore(database, { make: true });
  try {
    for (const token of await store.list()) viewerOf(token);
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function summaryOf(store: TokenStore): Promise<string> {
  const now = new Date();
  const count = (await store.list()).filter((token) => isUsable(token, now)).length;
  return count === 0 ? 'tokens (none yet: `podreach token create`)' : `tokens (${count} in use)`;
}

/** @throws `bad-query` naming the setting that is missing or wrong */
export function jwtSettings(settings: Settings): JwtSettings {
  const { jwtIssuer, jwtAudience, jwtAlgorithms, jwtScopesClaim, jwtScopes } = settings;
  if (jwtIssuer === '') throw missing('jwtIssuer');
  if (jwtAudience.length === 0) throw missing('jwtAudience');
  if (jwtScopes.length === 0) throw missing('jwtScopes');
  if (jwtScopesClaim === '') throw missing('jwtScopesClaim');
  if (jwtAlgorithms.length === 0) throw missing('jwtAlgorithms');
  const unknown = jwtAlgorithms.find((name) => !JWT_ALGORITHMS.includes(name));
  if (unknown !== undefined) {
    throw bad(
      'jwtAlgorithms',
      `\`${unknown}\` cannot be allowed; use ${JWT_ALGORITHMS.join(', ')}`,
    );
  }
  return {
    jwksUrl: jwksUrl(settings.jwtJwksUrl),
    issuer: jwtIssuer,
    audience: jwtAudience,
    algorithms: jwtAlgorithms,
    scopesClaim: jwtScopesClaim,
    grants: jwtScopes.map(parseGrant),
  };
}

function jwksUrl(text: string): URL {
  if (text === '') throw missing('jwtJwksUrl');
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isSafe =
    url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname));
  if (url !== undefined && isSafe && url.username === '' && url.password === '') return url;
  throw bad(
    'jwtJwksUrl',
    'the keys of an issuer are read from an `https://` URL without a password in it (`http://` only ' +
      'from this machine)',
  );
}

function missing(parameter: string): PodreachError {
  return bad(parameter, `\`auth\` with \`jwt\` needs \`${parameter}\``);
}

function bad(parameter: string, message: string): PodreachError {
  return new PodreachError('bad-query', message, { parameter });
}
