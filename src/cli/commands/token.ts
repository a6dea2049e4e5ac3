import { Option } from 'commander';
import type { Command } from 'commander';
import { SCOPES } from '../../access/scopes.ts';
import { newToken, tokenHash } from '../../access/token-format.ts';
import { PodreachError } from '../../model/errors.ts';
import { PLAIN, table } from '../../render/text/layout.ts';
import { checkClusterName } from '../../service/snapshot-ref.ts';
import { openTokenStore } from '../../store/open-store.ts';
import { isUsable } from '../../store/token-store.ts';
import type { StoredToken, TokenStore } from '../../store/token-store.ts';
import { collect } from '../ask.ts';
import { loadSettings } from '../config.ts';
import { report } from '../io.ts';
import type { Io } from '../io.ts';
import type { Run } from '../run.ts';
import { DURATION_OR_NEVER } from '../setting-kinds.ts';

interface TokenOptions {
  readonly database?: string;
  readonly output: 'text' | 'json';
}

interface CreateOptions extends TokenOptions {
  readonly scope: readonly string[];
  readonly cluster?: readonly string[];
  readonly namespace?: readonly string[];
  readonly expires: string;
}

/** Clusters, and namespaces, that one token can be limited to. */
const NAMES_MAX = 100;

/** `podreach token create|list|revoke`, on the database file: a server need not run. */
export function addToken(parent: Command, run: Run): void {
  const token = parent
    .command('token')
    .description('who may ask a server with `auth=tokens`: tokens in its database file');
  const create = token
    .command('create')
    .description('make a token; it is printed once, and cannot be read again')
    .argument('<name>', 'what it is called in lists and in the audit log')
    .addOption(
      new Option('--scope <scope>', 'what it may do; repeatable')
        .argParser(collectScopes)
        .makeOptionMandatory(),
    )
    .addOption(
      new Option('--cluster <name>', 'a cluster it is for; repeatable (default: all)').argParser(
        collect,
      ),
    )
    .addOption(
      new Option(
        '--namespace <name>',
        'a namespace it may read; repeatable (default: all)',
      ).argParser(collect),
    )
    .option('--expires <duration>', 'when it ends, such as 90d, or never', 'never');
  addTokenOptions(create).action((name: string, options: CreateOptions) =>
    run((io) => createToken(io, name, options)),
  );
  addTokenOptions(token.command('list').description('list the tokens')).action(
    (options: TokenOptions) => run((io) => listTokens(io, options)),
  );
  const revoke = token
    .command('revoke')
    .description('end a token; servers notice within 5 seconds')
    .argument('<name>', 'the token');
  addTokenOptions(revoke).action((name: string, options: TokenOptions) =>
    run((io) => revokeToken(io, name, options)),
  );
}

function addTokenOptions(command: Command): Command {
  return command
    .option('--database <url>', 'the database of the server (default: PODREACH_DATABASE)')
    .addOption(
      new Option('-o, --output <format>', 'output format')
        .choices(['text', 'json'])
        .default('text'),
    );
}

async function createToken(io: Io, name: string, options: CreateOptions): Promise<number> {
  const draft = draftOf(name, options, new Date());
  const token = newToken();
  await withTokens(io, options, true, async (store, database) => {
    if (!(await store.add({ ...draft, hash: tokenHash(token) }))) {
      throw new PodreachError(
        'bad-query',
        `there is a token \`${name}\` already; choose another name, or revoke that one first`,
      );
    }
    await report(io, `\`${name}\` is in \`${database}\`; this is the only time its token is shown`);
  });
  const made = { ...shown({ ...draft, hash: '', revokedAt: null }, new Date()), token };
  await io.stdout.write(options.output === 'json' ? jsonOf(made) : `${token}\n`);
  return 0;
}

async function listTokens(io: Io, options: TokenOptions): Promise<number> {
  const tokens = await withTokens(io, options, false, (store) => store.list());
  const now = new Date();
  const rows = tokens.map((token) => shown(token, now));
  await io.stdout.write(options.output === 'json' ? jsonOf({ items: rows }) : tableOf(rows));
  return 0;
}

async function revokeToken(io: Io, name: string, options: TokenOptions): Promise<number> {
  await withTokens(io, options, false, async (store, database) => {
    if (await store.revoke(name, new Date())) return;
    throw new PodreachError(
      'not-found',
      `\`${database}\` has no token \`${name.slice(0, 64)}\` that could be revoked; \`token list\` shows all`,
    );
  });
  if (options.output === 'json') await io.stdout.write(jsonOf({ name, revoked: true }));
  else await report(io, `\`${name}\` is revoked; servers notice within 5 seconds`);
  return 0;
}

/** The token as it was asked for. @throws `bad-query`, `bad-cluster-name` */
function draftOf(
  name: string,
  { scope, cluster, namespace, expires }: CreateOptions,
  now: Date,
): Omit<StoredToken, 'hash' | 'revokedAt'> {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name)) {
    throw bad('name', 'a token name has 1 to 64 letters, digits, `.`, `_` and `-`');
  }
  if (namespace !== undefined && scope.some((one) => one !== 'read')) {
    throw bad(
      'namespace',
      '`--namespace` limits what can be read: it goes with `--scope read` alone',
    );
  }
  const wrong = namespace?.find((one) => !/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(one));
  if (wrong !== undefined) throw bad('namespace', `\`${wrong.slice(0, 64)}\` is no namespace`);
  for (const names of [cluster, namespace]) {
    if (names !== undefined && NAMES_MAX < names.length) {
      throw bad(
        'cluster',
        `a token is for at most ${NAMES_MAX} clusters or namespaces, or for all`,
      );
    }
  }
  const lifeMs = DURATION_OR_NEVER.parse(expires);
  if (lifeMs === undefined) {
    throw bad(
      'expires',
      `\`--expires\`: \`${expires.slice(0, 64)}\` is no ${DURATION_OR_NEVER.unit}`,
    );
  }
  return {
    name,
    scopes: SCOPES.filter((one) => scope.includes(one)),
    clusters: cluster === undefined ? null : unique(cluster.map(checkClusterName)),
    namespaces: namespace === undefined ? null : unique(namespace),
    createdAt: now,
    expiresAt: lifeMs === 'never' ? null : new Date(now.getTime() + lifeMs),
  };
}

function collectScopes(value: string, previous: readonly string[] | undefined): readonly string[] {
  if (SCOPES.some((scope) => scope === value)) return collect(value, previous);
  throw bad('scope', `\`${value.slice(0, 64)}\` is no scope; use ${SCOPES.join(', ')}`);
}

async function withTokens<Value>(
  { environment }: Io,
  { database: named }: TokenOptions,
  make: boolean,
  work: (store: TokenStore, database: string) => Promise<Value>,
): Promise<Value> {
  const { database } = loadSettings({ flags: { database: named }, environment });
  const store = await openTokenStore(database, { make });
  try {
    return await work(store, database);
  } finally {
    await store.close();
  }
}

/** What may be told of a token. */
interface ShownToken {
  readonly name: string;
  readonly state: 'usable' | 'expired' | 'revoked';
  readonly scopes: readonly string[];
  readonly clusters: readonly string[] | null;
  readonly namespaces: readonly string[] | null;
  readonly createdAt: string;
  readonly expiresAt: string | null;
}

function shown(token: StoredToken, now: Date): ShownToken {
  const { name, scopes, clusters, namespaces, createdAt, expiresAt, revokedAt } = token;
  const state = isUsable(token, now) ? 'usable' : revokedAt === null ? 'expired' : 'revoked';
  return {
    name,
    state,
    scopes,
    clusters,
    namespaces,
    createdAt: createdAt.toISOString(),
    expiresAt: expiresAt?.toISOString() ?? null,
  };
}

function tableOf(rows: readonly ShownToken[]): string {
  const cells = rows.map((row) =>
    [
      row.name,
      row.state,
      row.scopes.join(','),
      row.clusters?.join(',') ?? '*',
      row.namespaces?.join(',') ?? '*',
      row.expiresAt ?? 'never',
    ].map((text) => ({ text })),
  );
  const headings = ['NAME', 'STATE', 'SCOPES', 'CLUSTERS', 'NAMESPACES', 'EXPIRES'];
  const lines = table(headings, cells, { paint: PLAIN, width: Number.MAX_SAFE_INTEGER });
  return `${lines.join('\n')}\n`;
}

function jsonOf(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)].sort();
}

function bad(parameter: string, message: string): PodreachError {
  return new PodreachError('bad-query', message, { parameter });
}
