import { LIST, TEXT, choice } from './setting-kinds.ts';
import { setting } from './setting.ts';

/** Settings of who may ask, by their keys. */
export const ACCESS_SETTINGS = {
  auth: setting(
    choice(['off', 'tokens', 'jwt', 'tokens,jwt']),
    'off',
    'who may ask: everybody, holders of tokens of `token create`, of JSON Web Tokens, or of either',
  ),
  jwtJwksUrl: setting(TEXT, '', 'JWT: where the keys of the issuer are (JWKS, https)'),
  jwtIssuer: setting(TEXT, '', 'JWT: the `iss` that a token must have'),
  jwtAudience: setting(LIST, [], 'JWT: `aud` values of which a token must have one'),
  jwtAlgorithms: setting(LIST, ['RS256', 'ES256', 'EdDSA'], 'JWT: signatures that are believed'),
  jwtScopesClaim: setting(
    TEXT,
    'scope',
    'JWT: claim that says what its holder may do, such as groups or realm_access.roles',
  ),
  jwtScopes: setting(
    LIST,
    [],
    'JWT: what values of that claim give, VALUE=SCOPE+SCOPE, or VALUE=SCOPE@CLUSTER+CLUSTER for some ' +
      'clusters; the first that fits counts',
  ),
  audit: setting(
    TEXT,
    'off',
    'where it is written who asked what, as JSON lines: off, stderr or a path',
  ),
} as const;
