import { createHash } from 'node:crypto';
import { join } from 'node:path';
import t from 'tap';
import { SETTING_NAMES, environmentName, flagName, loadSettings } from '../../src/cli/config.ts';
import { checkEnvironment, describeSetting } from '../../src/cli/setting-texts.ts';
import type { SettingSources } from '../../src/cli/config.ts';
import { edgeOptions } from '../../src/cli/edge-options.ts';
import type { Io } from '../../src/cli/io.ts';
import { BYTES, DURATION, DURATION_OR_NEVER } from '../../src/cli/setting-kinds.ts';
import {
  clusterOptions,
  engineOptions,
  ingestLimits,
  readingChoice,
} from '../../src/cli/settings-parts.ts';
import { qualifyRef } from '../../src/cli/qualify-ref.ts';
import { DEFAULT_OPTIONS } from '../../src/engine/options.ts';
import { DEFAULT_INGEST_LIMITS } from '../../src/model/input.ts';
import { runMain } from './run-main.ts';

const load = (sources: Partial<SettingSources> & { readonly yaml?: string }) =>
  loadSettings({
    flags: sources.flags ?? {},
    environment: sources.environment ?? {},
    ...(sources.yaml === undefined ? {} : { file: { path: 'podreach.yaml', text: sources.yaml } }),
  });

t.test('a flag beats the environment beats the file beats the default', (t) => {
  const environment = { PODREACH_PORT: '2' };
  t.equal(load({}).port, 8471);
  t.equal(load({ yaml: 'port: 3' }).port, 3);
  t.equal(load({ yaml: 'port: 3', environment }).port, 2);
  t.equal(load({ yaml: 'port: 3', environment, flags: { port: '1' } }).port, 1);
  t.equal(load({ environment: { PODREACH_PORT: '' } }).port, 8471, 'an empty variable is not set');
  t.end();
});

t.test('the contract names these defaults, flags and variables', (t) => {
  t.match(load({}), {
    host: '127.0.0.1',
    port: 8471,
    database: 'sqlite:./podreach.db',
    insecure: false,
  });
  t.strictSame((['host', 'port', 'database'] as const).map(environmentName), [
    'PODREACH_HOST',
    'PODREACH_PORT',
    'PODREACH_DATABASE',
  ]);
  t.equal(flagName('uploadBytesMax'), 'upload-bytes-max');
  t.strictSame(
    [flagName('strictCIDR'), environmentName('strictCIDR')],
    ['strict-cidr', 'PODREACH_STRICT_CIDR'],
  );
  t.strictSame(readingChoice(load({})), { invalidPolicy: 'exclude' });
  t.equal(readingChoice(load({ flags: { strictCidr: 'false' } })).strictCIDR, false);
  t.equal(readingChoice(load({ yaml: 'strictCIDR: true' })).strictCIDR, true);
  t.strictSame(ingestLimits(load({})), DEFAULT_INGEST_LIMITS);
  t.strictSame(engineOptions(load({})), DEFAULT_OPTIONS);
  t.end();
});

t.test('every kind of value is read from each place', (t) => {
  const yaml = [
    'allowedHosts: [a.example, b.example]',
    'insecure: true',
    'uploadBytesMax: 1GiB',
    'questionTimeoutMs: 2m',
    'localNode: both',
    'hostNetworkNamespace: host',
  ].join('\n');
  const expected = {
    allowedHosts: ['a.example', 'b.example'],
    insecure: true,
    uploadBytesMax: 1024 ** 3,
    questionTimeoutMs: 120_000,
    localNode: 'both',
    hostNetworkNamespace: 'host',
  };
  t.match(load({ yaml }), expected);
  const flags = {
    allowedHosts: 'a.example, b.example',
    insecure: true,
    uploadBytesMax: '1073741824',
    questionTimeoutMs: '120s',
    localNode: 'both',
    hostNetworkNamespace: 'host',
  };
  t.match(load({ flags }), expected);
  t.match(engineOptions(load({ flags })), { localNode: 'both', hostNetworkNamespace: 'host' });
  t.strictSame(load({ yaml: '' }), load({}), 'an empty file changes nothing');
  t.end();
});

t.test('what cannot be read fails naming where it stands and what would do', (t) => {
  const cases: readonly (readonly [sources: Parameters<typeof load>[0], message: RegExp])[] = [
    [{ flags: { port: '70000' } }, /`--port`: `70000` is no number from 0 to 65535/],
    [{ flags: { port: '1e3' } }, /`--port`/],
    [
      { environment: { PODREACH_INSECURE: 'yes' } },
      /`PODREACH_INSECURE`: `yes` is no true or false/,
    ],
    [
      { yaml: 'uploadBytesMax: 5MB' },
      /`uploadBytesMax in podreach.yaml`: `5MB` is no size, such as/,
    ],
    [{ yaml: 'questionTimeoutMs: 30' }, /`30` is no duration, such as 500ms/],
    [{ yaml: 'localNode: never' }, /`never` is no ingress-only \| both \| none/],
    [{ yaml: 'prot: 1' }, /unknown setting `prot` in `podreach.yaml`/],
    [{ yaml: 'port: {a: 1}' }, /`port` in `podreach.yaml` is no plain value/],
    [{ yaml: 'port:' }, /`port` in `podreach.yaml` is no plain value/],
    [{ yaml: '- port' }, /is no mapping/],
    [{ yaml: 'a: [' }, /`podreach.yaml` is no YAML/],
    [{ yaml: 'host: !secret x' }, /`podreach.yaml` is no YAML: Unresolved tag/],
    [{ yaml: 'port: 1\nport: 2' }, /`podreach.yaml` is no YAML: Map keys must be unique/],
    [{ yaml: '__proto__: 1' }, /unknown setting `__proto__`/],
  ];
  for (const [sources, message] of cases) {
    t.throws(() => load(sources), { code: 'bad-query', message }, String(message));
  }
  t.end();
});

t.test('sizes and times take their units and nothing else', (t) => {
  const cases = [
    [BYTES, '64KiB', 65_536],
    [BYTES, '7', 7],
    [BYTES, '7B', 7],
    [BYTES, '0', undefined],
    [BYTES, '1.5GiB', undefined],
    [BYTES, '9999999GiB', undefined],
    [DURATION, '500ms', 500],
    [DURATION, '2h', 7_200_000],
    [DURATION, '90d', 7_776_000_000],
    [DURATION, 'never', undefined],
    [DURATION_OR_NEVER, 'never', 'never'],
    [DURATION_OR_NEVER, '12h', 43_200_000],
    [DURATION_OR_NEVER, 'soon', undefined],
    [DURATION, '10', undefined],
    [DURATION, '-1s', undefined],
  ] as const;
  for (const [kind, text, value] of cases) t.equal(kind.parse(text), value, text);
  t.equal(BYTES.print(512 * 1024 * 1024), '512MiB');
  t.equal(DURATION.print(90_000), '90s');
  t.end();
});

t.test('misspelt variables are refused, those of Kubernetes are not ours', (t) => {
  t.throws(() => checkEnvironment({ PODREACH_DATABSE: 'x' }), { message: /`PODREACH_DATABSE`/ });
  const service = {
    PODREACH_SERVICE_HOST: '10.0.0.1',
    PODREACH_SERVICE_PORT: '8471',
    PODREACH_SERVICE_PORT_HTTP: '8471',
    PODREACH_PORT: 'tcp://10.0.0.1:8471',
    PODREACH_PORT_8471_TCP: 'tcp://10.0.0.1:8471',
    PODREACH_PORT_8471_TCP_ADDR: '10.0.0.1',
    PODREACH_WEB_SERVICE_HOST: '10.0.0.2',
  };
  t.doesNotThrow(() => checkEnvironment({ ...service, PODREACH_SERVER: 'x', PATH: '' }));
  t.equal(load({ environment: service }).port, 8471);
  t.end();
});

t.test('serve --help lists every setting with its flag, unit, default and variable', async (t) => {
  const { out, code } = await runMain(['serve', '--help']);
  t.equal(code, 0);
  const words = out.replace(/\s+/g, ' ');
  for (const name of SETTING_NAMES) {
    t.ok(words.includes(`--${flagName(name)} `), `--${flagName(name)}`);
    t.ok(words.includes(describeSetting(name).replace(/\s+/g, ' ')), describeSetting(name));
  }
  t.match(
    describeSetting('uploadBytesMax'),
    /\(size, .*; default: 512MiB; PODREACH_UPLOAD_BYTES_MAX\)$/,
  );
});

t.test('a namespace completes what names none, and only that', (t) => {
  const cases: readonly (readonly [ref: string, qualified: string])[] = [
    ['api', 'shop/api'],
    ['*', 'shop/*'],
    ['deploy/api', 'shop/deploy/api'],
    ['Deployments/api', 'shop/Deployments/api'],
    ['svc/api', 'shop/svc/api'],
    ['?app=api', 'shop?app=api'],
    ['web/api', 'web/api'],
    ['web/deploy/api', 'web/deploy/api'],
    ['deploy/pod/api', 'deploy/pod/api'],
    ['web?app=api', 'web?app=api'],
    ['*?app=api', '*?app=api'],
    ['{team=a}?app=api', '{team=a}?app=api'],
    ['*/*', '*/*'],
    ['node/a', 'node/a'],
    ['internet', 'internet'],
    ['10.0.0.1', '10.0.0.1'],
    ['10.0.0.0/8,fd00::/8', '10.0.0.0/8,fd00::/8'],
    ['2001:db8::1', '2001:db8::1'],
  ];
  for (const [ref, qualified] of cases) t.equal(qualifyRef(ref, 'shop'), qualified, ref);
  t.equal(qualifyRef('api', undefined), 'api');
  t.end();
});

t.test(
  'a dialect is set for the server and for single clusters, and changed by what is set besides',
  (t) => {
    const settings = load({ flags: { dialect: 'cilium, prod=calico', localNode: 'both' } });
    t.match(engineOptions(settings), { ipBlockMatchesPods: false, localNode: 'both' });
    const ofProd = clusterOptions(settings).get('prod');
    t.match(ofProd, { ipBlockMatchesPods: true, selfViaService: 'evaluate', localNode: 'both' });
    const environment = { PODREACH_DIALECT: 'openshift' };
    t.equal(engineOptions(load({ environment })).hostNetworkNamespace, 'openshift-host-network');
    const explicit = load({ yaml: 'dialect: [cilium, a=aws]\nipBlockMatchesPods: true' });
    t.match(engineOptions(explicit), { ipBlockMatchesPods: true, ipBlockMatchesNodes: false });
    t.match(clusterOptions(explicit).get('a'), { namedPortScope: 'policy' });
    t.throws(() => load({ flags: { dialect: 'weave' } }), { code: 'bad-query' });
    t.throws(() => load({ flags: { dialect: 'cilium,aws' } }), /names two/);
    t.end();
  },
);

t.test('how browsers and GraphQL clients are met is read from the settings', async (t) => {
  const query = '{ __typename }';
  const hash = createHash('sha256').update(query).digest('hex');
  const directory = t.testdir({
    'queries.json': JSON.stringify({ [hash]: query }),
    'wrong.json': JSON.stringify({ [hash]: '{ clusters { totalCount } }' }),
  });
  const io = { stdin: (async function* () {})() } as unknown as Io;
  const read = (flags: SettingSources['flags']): ReturnType<typeof edgeOptions> =>
    edgeOptions(io, load({ flags }));
  t.strictSame(await read({}), {
    browsers: { corsOrigins: [], frameAncestors: [] },
    graphql: { introspection: true, persistedQueriesOnly: false },
  });
  const flags = {
    corsOrigins: 'https://a.example, https://b.example',
    frameAncestors: 'self',
    hstsMaxAgeMs: '1d',
    graphqlIntrospection: 'off',
    persistedQueries: join(directory, 'queries.json'),
    persistedQueriesOnly: true,
  };
  t.strictSame(await read(flags), {
    browsers: {
      corsOrigins: ['https://a.example', 'https://b.example'],
      frameAncestors: ['self'],
      hstsMaxAgeMs: 86_400_000,
    },
    graphql: {
      introspection: false,
      persistedQueriesOnly: true,
      persistedQueries: new Map([[hash, query]]),
    },
  });
  await t.rejects(read({ persistedQueriesOnly: true }), /needs the list/);
  await t.rejects(read({ persistedQueries: join(directory, 'wrong.json') }), { code: 'bad-query' });
  await t.rejects(read({ persistedQueries: join(directory, 'none.json') }), { code: 'bad-input' });
});
