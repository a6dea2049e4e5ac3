import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, readFile, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { SignJWT, exportJWK, exportSPKI, generateKeyPair } from 'jose';
import type { CryptoKey, JWK, JWTHeaderParameters } from 'jose';
import t from 'tap';
import type { Test } from 'tap';
import { auditLog, fileSink } from '../../src/access/audit-file.ts';
import type { AuditSink } from '../../src/access/audit-file.ts';
import { claimOf, grantOf, parseGrant } from '../../src/access/jwt-grants.ts';
import { jwtTokens } from '../../src/access/jwt.ts';
import type { JwtSettings } from '../../src/access/jwt.ts';
import { redactCredentials } from '../../src/access/redact.ts';
import { BELIEVED_MS, rememberViewers } from '../../src/access/remember-viewers.ts';
import { staticTokens } from '../../src/access/static-tokens.ts';
import { isToken, newToken, tokenHash } from '../../src/access/token-format.ts';
import { credentialOf } from '../../src/http/authenticate.ts';
import { HTTP_LIMITS } from '../../src/http/http-limits.ts';
import type { AuditEntry } from '../../src/service/audit.ts';
import type { Viewer } from '../../src/service/viewer.ts';
import { openTokenStore } from '../../src/store/open-store.ts';
import type { StoredToken, TokenStore } from '../../src/store/token-store.ts';

const folder = await mkdtemp(join(tmpdir(), 'podreach-access-'));
t.teardown(() => rm(folder, { recursive: true }));

const NOW = new Date('2026-11-26T12:00:00Z');
const at = (seconds: number): Date => new Date(NOW.getTime() + seconds * 1000);

const openTokens = async (t: Test, file: string): Promise<TokenStore> => {
  const store = await openTokenStore(`sqlite:${join(folder, file)}`, { make: true });
  t.teardown(() => store.close());
  return store;
};

const draft = (name: string, token: string, more: Partial<StoredToken> = {}): StoredToken => ({
  name,
  hash: tokenHash(token),
  scopes: ['read'],
  clusters: null,
  namespaces: null,
  createdAt: NOW,
  expiresAt: null,
  revokedAt: null,
  ...more,
});

t.test('a token is known by its form, and a wrong letter by its checksum', (t) => {
  const tokens = Array.from({ length: 200 }, newToken);
  t.equal(new Set(tokens).size, tokens.length);
  for (const token of tokens) {
    t.match(token, /^pr_[0-9A-Za-z]{49}$/);
    t.ok(isToken(token));
    const i = 3 + (token.charCodeAt(5) % 49);
    const other = token[i] === 'a' ? 'b' : 'a';
    t.notOk(isToken(token.slice(0, i) + other + token.slice(i + 1)), 'one letter is another');
  }
  for (const text of ['', 'pr_', `${tokens[0] ?? ''} `, `x${tokens[0] ?? ''}`])
    t.notOk(isToken(text));
  t.end();
});

t.test('a token store keeps everything but the tokens', async (t) => {
  const store = await openTokens(t, 'tokens.db');
  const token = newToken();
  const limits = { scopes: ['read', 'ingest'], clusters: ['a', 'b'], expiresAt: at(60) };
  const { revokedAt, ...ci } = draft('ci', token, limits);
  t.equal(await store.add(ci), true);
  t.same(await store.find(tokenHash(token)), { ...ci, revokedAt });
  t.equal(await store.add(draft('ci', newToken())), false, 'a name is of one token');
  t.equal(await store.revoke('nobody', NOW), false);
  t.equal(await store.revoke('ci', at(1)), true);
  t.equal(await store.revoke('ci', at(2)), false, 'once');
  t.same(await store.find(tokenHash(token)), { ...ci, revokedAt: at(1) });
  t.equal(await store.add(draft('ci', newToken())), true, 'the name of a revoked one is free');
  t.equal(await store.find(tokenHash(token)), undefined);
  const old = newToken();
  await store.add(draft('old', old, { expiresAt: at(1) }));
  t.equal(
    await store.add(draft('old', newToken(), { createdAt: at(1) })),
    true,
    'an expired one too',
  );
  t.same(
    (await store.list()).map(({ name }) => name),
    ['ci', 'old'],
  );
  const secrets = [token, old].flatMap((one) => [one, one.slice(3), one.slice(3, 46)]);
  for (const file of (await readdir(folder)).filter((name) => name.startsWith('tokens.db'))) {
    const bytes = await readFile(join(folder, file), 'latin1');
    for (const secret of secrets) t.notOk(bytes.includes(secret), `${file} has no token`);
  }
  const { authenticate } = staticTokens(store, () => NOW);
  for (const { hash } of await store.list()) {
    t.equal(await authenticate(hash), undefined, 'what is stored opens nothing');
    t.equal(await authenticate(`pr_${hash}`), undefined);
  }
});

t.test('a token in the database that was changed by hand is nobody’s', async (t) => {
  const store = await openTokens(t, 'damaged.db');
  const token = newToken();
  await store.add(draft('ci', token));
  const { authenticate } = staticTokens(store, () => NOW);
  t.match(await authenticate(token), { name: 'ci', clusters: null });
  const raw = new Database(join(folder, 'damaged.db'));
  t.teardown(() => raw.close());
  for (const change of [
    `scopes = '["read","admin"]'`,
    `clusters = '["b"]'`,
    'expires_at = 1',
    `scopes = 'x'`,
    `name = 'other'`,
  ]) {
    raw.exec(`UPDATE tokens SET ${change}`);
    await t.rejects(authenticate(token), { code: 'store-failed' }, change);
    await t.rejects(store.list(), { code: 'store-failed' }, change);
  }
});

t.test('guesses never reach the database, ends and revocations count at once', async (t) => {
  const store = await openTokens(t, 'ends.db');
  let asked = 0;
  const counting = { ...store, find: (hash: string) => (asked++, store.find(hash)) };
  let now = NOW;
  const { authenticate } = staticTokens(counting, () => now);
  for (const guess of ['', 'pr_', 'x'.repeat(52), `pr_${'0'.repeat(49)}`]) {
    t.equal(await authenticate(guess), undefined);
  }
  t.equal(asked, 0);
  const [token, short] = [newToken(), newToken()];
  await store.add(draft('long', token));
  await store.add(draft('short', short, { expiresAt: at(10) }));
  t.equal(await authenticate(newToken()), undefined, 'none of ours');
  t.match(await authenticate(short), { name: 'short', expiresAt: at(10) });
  now = at(10);
  t.equal(await authenticate(short), undefined);
  await store.revoke('long', now);
  t.equal(await authenticate(token), undefined);
});

t.test('a credential is one viewer, asked about again within five seconds', async (t) => {
  const openMs: number = BELIEVED_MS + HTTP_LIMITS.credentialCheckMs;
  t.ok(openMs < 5000, 'with the looks at what stays open as well');
  let asked = 0;
  let found: Viewer | undefined = {
    name: 'a',
    scopes: new Set(['read']),
    clusters: ['x'],
    namespaces: null,
  };
  let now = 0;
  const inner = {
    authenticate: (): Promise<Viewer | undefined> => {
      asked += 1;
      return Promise.resolve(found && { ...found, scopes: new Set(found.scopes) });
    },
  };
  const { authenticate } = rememberViewers(inner, () => now);
  const first = await authenticate('secret');
  now = BELIEVED_MS - 1;
  t.equal(await authenticate('secret'), first);
  t.equal(asked, 1);
  now = BELIEVED_MS;
  const all = await Promise.all(Array.from({ length: 50 }, () => authenticate('secret')));
  t.same([...new Set(all)], [first], 'the same object while nothing changes');
  t.equal(asked, 2, 'one look for all who come meanwhile');
  now = 2 * BELIEVED_MS;
  found = { ...found, clusters: ['y'] };
  t.match(await authenticate('secret'), { clusters: ['y'] }, 'what changed is another viewer');
  now = 3 * BELIEVED_MS;
  found = undefined;
  t.equal(await authenticate('secret'), undefined);
  t.equal(await authenticate('secret'), undefined);
  t.equal(asked, 5, 'nobody is remembered for being nobody');
});

t.test('one credential of a request is found, wherever it stands; two are refused', (t) => {
  const cases: readonly (readonly [headers: readonly string[], found: string | undefined])[] = [
    [[], undefined],
    [['Authorization', 'Bearer abc'], 'abc'],
    [['authorization', 'bearer  abc '], 'abc'],
    [['X-Podreach-Token', ' abc '], 'abc'],
    [['Authorization', 'Bearer abc', 'X-PODREACH-TOKEN', 'abc'], 'abc'],
    [['Authorization', 'Basic eDp5', 'X-Podreach-Token', 'abc'], 'abc'],
    [['Authorization', 'Basic eDp5'], undefined],
    [['Authorization', 'Bearer'], undefined],
    [['Authorization', 'Bearer a b'], undefined],
    [['Cookie', 'token=abc', 'X-Forwarded-User', 'root'], undefined],
  ];
  for (const [headers, found] of cases) t.equal(credentialOf(headers), found, headers.join(' '));
  for (const headers of [
    ['Authorization', 'Bearer abc', 'X-Podreach-Token', 'abd'],
    ['Authorization', 'Bearer abc', 'Authorization', 'Bearer abd'],
    ['X-Podreach-Token', 'abc', 'X-Podreach-Token', 'abd'],
    ['X-Podreach-Token', '', 'X-Podreach-Token', 'abd'],
  ]) {
    t.throws(() => credentialOf(headers), { code: 'bad-query' }, headers.join(' '));
  }
  t.end();
});

t.test('values of a claim map to scopes, the first that fits alone', (t) => {
  const grants = [
    'platform=read+ingest+admin',
    'team=a@corp=read@prod+staging',
    'https://x/y=read',
  ].map(parseGrant);
  t.match(grants[1], { value: 'team=a@corp', clusters: ['prod', 'staging'] });
  const cases: readonly (readonly [claim: unknown, value: string | undefined])[] = [
    ['platform', 'platform'],
    ['other platform', 'platform'],
    [['other', 'https://x/y', 'team=a@corp'], 'team=a@corp'],
    [['platformx'], undefined],
    ['platform,x', undefined],
    [['PLATFORM'], undefined],
    [{ platform: true }, undefined],
    [[['platform']], undefined],
    [undefined, undefined],
    [true, undefined],
  ];
  for (const [claim, value] of cases)
    t.equal(grantOf(claim, grants)?.value, value, JSON.stringify(claim));
  for (const text of [
    '',
    'a',
    'a=',
    '=read',
    'a=write',
    'a=read+',
    'a=read@',
    'a=read@b c',
    'a=Read',
  ]) {
    t.throws(() => parseGrant(text), { name: 'PodreachError' }, text);
  }
  const payload = { 'a.b': 1, a: { b: 2, c: { d: 3 } } };
  t.same(
    ['a.b', 'a.c.d', 'a.x', 'constructor', 'a.constructor.name'].map((name) =>
      claimOf(payload, name),
    ),
    [1, 3, undefined, undefined, undefined],
  );
  t.end();
});

interface Issuer {
  readonly settings: JwtSettings;
  /** Keys that are published now. */
  keys: JWK[];
  /** How often they were asked for. */
  fetches: number;
  isDown: boolean;
}

/** An issuer's key set on a real server. */
async function issuer(t: Test): Promise<Issuer> {
  const state: Omit<Issuer, 'settings'> = { keys: [], fetches: 0, isDown: false };
  const server = createServer((_request, response) => {
    state.fetches += 1;
    response.writeHead(state.isDown ? 500 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ keys: state.keys }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const settings: JwtSettings = {
    jwksUrl: new URL(`http://127.0.0.1:${port}/keys`),
    issuer: 'https://issuer.example',
    audience: ['podreach', 'other'],
    algorithms: ['RS256', 'ES256', 'EdDSA'],
    scopesClaim: 'groups',
    grants: [parseGrant('admins=read+ingest+admin'), parseGrant('team=read@prod')],
  };
  return Object.assign(state, { settings });
}

const CLAIMS = { iss: 'https://issuer.example', aud: 'podreach', sub: 'jo', groups: ['team'] };
const seconds = (offset: number): number => Math.floor(Date.now() / 1000) + offset;
const sign = (
  key: CryptoKey,
  header: JWTHeaderParameters,
  claims: Readonly<Record<string, unknown>> = {},
): Promise<string> =>
  new SignJWT({ ...CLAIMS, exp: seconds(300), ...claims }).setProtectedHeader(header).sign(key);
const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

t.test('a JSON Web Token is believed only as it has to be', async (t) => {
  const served = await issuer(t);
  const [rsa, ec, ed, stranger, rsa512] = await Promise.all([
    generateKeyPair('RS256', { extractable: true }),
    generateKeyPair('ES256', { extractable: true }),
    generateKeyPair('Ed25519', { extractable: true }),
    generateKeyPair('RS256', { extractable: true }),
    generateKeyPair('RS512', { extractable: true }),
  ]);
  const secret = 'a secret of thirty-two characters';
  served.keys = [
    { ...(await exportJWK(rsa.publicKey)), kid: 'rsa', alg: 'RS256' },
    { ...(await exportJWK(ec.publicKey)), kid: 'ec' },
    { ...(await exportJWK(ed.publicKey)), kid: 'ed' },
    { ...(await exportJWK(rsa512.publicKey)), kid: 'rsa512' },
    { kty: 'oct', k: Buffer.from(secret).toString('base64url'), kid: 'oct', alg: 'HS256' },
  ];
  const { authenticate } = jwtTokens(served.settings);
  const RSA = { alg: 'RS256', kid: 'rsa' };
  for (const [key, header] of [
    [rsa.privateKey, RSA],
    [ec.privateKey, { alg: 'ES256', kid: 'ec' }],
    [ed.privateKey, { alg: 'EdDSA', kid: 'ed' }],
  ] as const) {
    t.match(
      await authenticate(await sign(key, header)),
      { name: 'jwt:jo', clusters: ['prod'], namespaces: null },
      header.alg,
    );
  }
  const good: readonly (readonly [what: string, claims: Readonly<Record<string, unknown>>])[] = [
    ['one of several audiences', { aud: ['x', 'other'] }],
    ['half a minute too late', { exp: seconds(-30) }],
    ['half a minute too early', { nbf: seconds(30) }],
  ];
  for (const [what, claims] of good)
    t.ok(await authenticate(await sign(rsa.privateKey, RSA, claims)), what);
  t.equal(served.fetches, 1, 'the keys are read once');

  const token = await sign(rsa.privateKey, RSA);
  const [head = '', body = '', signature = ''] = token.split('.');
  const hmac = (input: string, key: string): string =>
    `${input}.${createHmac('sha256', key).update(input).digest('base64url')}`;
  const pem = await exportSPKI(rsa.publicKey);
  const own = await exportJWK(stranger.publicKey);
  const array = part([CLAIMS]);
  const signed = async (header: object, payload: string, key = rsa.privateKey): Promise<string> => {
    const input = `${part(header)}.${payload}`;
    const bytes = await crypto.subtle.sign('RSASSA-PKCS1-v1_5', key, Buffer.from(input));
    return `${input}.${Buffer.from(bytes).toString('base64url')}`;
  };
  const claims = part({ ...CLAIMS, exp: seconds(300) });
  t.ok(await authenticate(await signed(RSA, claims)), 'what is made by hand is made well');
  const bad: readonly (readonly [what: string, token: string | Promise<string>])[] = [
    ['no algorithm', `${part({ alg: 'none' })}.${claims}.`],
    ['no algorithm, with a signature', `${part({ alg: 'none', kid: 'rsa' })}.${body}.${signature}`],
    ['None', `${part({ alg: 'None' })}.${claims}.`],
    ['the public key as a secret', hmac(`${part({ alg: 'HS256', kid: 'rsa' })}.${claims}`, pem)],
    ['a symmetric key of the set', hmac(`${part({ alg: 'HS256', kid: 'oct' })}.${claims}`, secret)],
    ['an algorithm that is not allowed', sign(rsa512.privateKey, { alg: 'RS512', kid: 'rsa512' })],
    ['a key of another algorithm', signed({ alg: 'ES256', kid: 'rsa' }, claims)],
    ['RSA by a key that is not RSA', signed({ alg: 'RS256', kid: 'ec' }, claims)],
    ['a payload that is a list', signed(RSA, array)],
    ['a payload that is a text', signed(RSA, part('jo'))],
    ['a payload that is no JSON', signed(RSA, Buffer.from('{').toString('base64url'))],
    ['an extension that is critical', signed({ ...RSA, crit: ['x'], x: 1 }, claims)],
    ['a payload that is not encoded', signed({ ...RSA, crit: ['b64'], b64: false }, claims)],
    ['another issuer', sign(rsa.privateKey, RSA, { iss: 'https://issuer.example/' })],
    ['no issuer', sign(rsa.privateKey, RSA, { iss: undefined })],
    ['another audience', sign(rsa.privateKey, RSA, { aud: 'podreach2' })],
    ['no audience', sign(rsa.privateKey, RSA, { aud: undefined })],
    ['an end long ago', sign(rsa.privateKey, RSA, { exp: seconds(-90) })],
    ['no end', sign(rsa.privateKey, RSA, { exp: undefined })],
    ['an end that is a text', signed(RSA, part({ ...CLAIMS, exp: String(seconds(300)) }))],
    ['a beginning in future', sign(rsa.privateKey, RSA, { nbf: seconds(90) })],
    ['a key in another folder', sign(rsa.privateKey, { alg: 'RS256', kid: '../../rsa' })],
    ['a key that is a path', sign(rsa.privateKey, { alg: 'RS256', kid: '/dev/null' })],
    ['a key by a name of every object', sign(rsa.privateKey, { alg: 'RS256', kid: '__proto__' })],
    ['the key of somebody else', sign(stranger.privateKey, RSA)],
    ['the key in the token', sign(stranger.privateKey, { alg: 'RS256', jwk: own })],
    [
      'the key at a URL of the token',
      sign(stranger.privateKey, {
        ...RSA,
        jku: 'http://127.0.0.1:9/k',
        x5u: 'http://127.0.0.1:9/x',
      }),
    ],
    [
      'another payload',
      `${head}.${part({ ...CLAIMS, groups: ['admins'], exp: seconds(300) })}.${signature}`,
    ],
    ['no signature', `${head}.${body}.`],
    ['two parts', `${head}.${body}`],
    ['five parts', `${token}.x.y`],
    ['something after it', `${token}=`],
    ['nobody', sign(rsa.privateKey, RSA, { sub: undefined })],
    ['nobody in so many words', sign(rsa.privateKey, RSA, { sub: '' })],
    ['a name that never ends', sign(rsa.privateKey, RSA, { sub: 'x'.repeat(257) })],
    ['a group without scopes', sign(rsa.privateKey, RSA, { groups: ['guests'] })],
    ['no group', sign(rsa.privateKey, RSA, { groups: undefined })],
    ['a token that never ends', sign(rsa.privateKey, RSA, { more: 'x'.repeat(8192) })],
    ['no token', 'a.b.c'],
  ];
  t.ok(20 <= bad.length);
  for (const [what, one] of bad) t.equal(await authenticate(await one), undefined, what);
  t.ok(served.fetches <= 2, 'and unknown keys make nobody ask again and again');
});

t.test('keys of an issuer change, and can be out of reach', async (t) => {
  const served = await issuer(t);
  const [first, second] = await Promise.all([
    generateKeyPair('ES256', { extractable: true }),
    generateKeyPair('ES256', { extractable: true }),
  ]);
  const key = async (publicKey: CryptoKey, kid: string): Promise<JWK> => ({
    ...(await exportJWK(publicKey)),
    kid,
  });
  served.keys = [await key(first.publicKey, '1')];
  const { authenticate } = jwtTokens(served.settings, { readMs: 0, failedMs: 60_000 });
  const of = (kid: '1' | '2'): Promise<string> =>
    sign((kid === '1' ? first : second).privateKey, { alg: 'ES256', kid });
  t.ok(await authenticate(await of('1')));
  t.equal(await authenticate(await of('2')), undefined, 'not published yet');
  served.keys = [await key(second.publicKey, '2')];
  t.ok(await authenticate(await of('2')), 'a new key is found');
  t.equal(await authenticate(await of('1')), undefined, 'an old one is gone');

  served.isDown = true;
  await t.rejects(authenticate(await of('1')), { code: 'busy' }, 'nobody can say');
  t.ok(await authenticate(await of('2')), 'what is known is still known');
  const { fetches } = served;
  t.equal(await authenticate(await of('1')), undefined);
  t.equal(served.fetches, fetches, 'and is not asked for by every stranger');

  const cold = jwtTokens(served.settings);
  for (let i = 0; i < 3; i++) await t.rejects(cold.authenticate(await of('2')), { code: 'busy' });
  t.equal(served.fetches, fetches + 1);
});

const ENTRY: AuditEntry = {
  time: '2026-11-26T12:00:00.000Z',
  requestId: 'r',
  viewer: 'ci',
  action: 'ask',
  question: 'path',
  args: { from: 'a\n{"forged": 1}\u2028', token: 'x' },
  clusters: ['prod'],
  snapshots: ['s_1'],
  outcome: 'ok',
  status: 200,
  ms: 1,
};

t.test('the audit log is lines of JSON that outlive rotation, without credentials', async (t) => {
  const file = join(folder, 'audit.log');
  const log = auditLog(fileSink(file, () => undefined));
  const token = newToken();
  const jwt = `${part({ alg: 'RS256' })}.${part(CLAIMS)}.abc`;
  log.write({ ...ENTRY, args: { ...ENTRY.args, q: `${token} ${jwt}` } });
  await log.close();
  const text = await readFile(file, 'utf8');
  t.equal(text.split('\n').length, 2, 'one line, whatever was asked');
  t.match(JSON.parse(text), { viewer: 'ci', args: { from: ENTRY.args['from'], q: 'pr_… eyJ…' } });
  t.notOk([token, jwt].some((one) => text.includes(one)));
  t.equal(redactCredentials('/clusters/pr_team'), '/clusters/pr_team', 'short names stay');
  const next = auditLog(fileSink(file, () => undefined));
  next.write(ENTRY);
  await new Promise((resolve) => setTimeout(resolve, 50));
  await rename(file, `${file}.1`);
  for (let i = 0; i < 100; i++) next.write(ENTRY);
  await next.close();
  t.equal((await readFile(`${file}.1`, 'utf8')).split('\n').length, 3);
  t.equal((await readFile(file, 'utf8')).split('\n').length, 101);
});

t.test('an audit log that cannot be written keeps what it can and says what it lost', async (t) => {
  let written = '';
  let isBroken = true;
  const told: string[] = [];
  const sink: AuditSink = {
    write: (lines) => {
      if (isBroken) return Promise.reject(new Error('disk full'));
      written += lines;
      return Promise.resolve();
    },
    report: (message) => told.push(message),
  };
  const log = auditLog(sink);
  const long = { ...ENTRY, args: { text: 'x'.repeat(1024 * 1024) } };
  for (let i = 0; i < 20; i++) log.write(long);
  await new Promise((resolve) => setTimeout(resolve, 10));
  t.match(told, [/disk full/]);
  isBroken = false;
  await log.close();
  const lines = written
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const kept = lines.filter(({ viewer }) => viewer === 'ci').length;
  t.ok(10 < kept && kept < 20);
  t.same(lines.at(-1), { lost: 20 - kept });
  t.match(told, [/disk full/, /again/]);
});
