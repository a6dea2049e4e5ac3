import { dialectOptions } from '../engine/dialects.ts';
import { DEFAULT_OPTIONS } from '../engine/options.ts';
import type { EngineOptions } from '../engine/options.ts';
import { HTTP_LIMITS } from '../http/http-limits.ts';
import { PodreachError } from '../model/errors.ts';
import {
  ANSWER_CACHE_BYTES_DEFAULT,
  LIST_CACHE_ROWS_DEFAULT,
  QUESTION_LIMITS_DEFAULT,
} from '../service/cache-limits.ts';
import { DEFAULT_INGEST_LIMITS } from '../model/input.ts';
import { readDialects } from './dialect-settings.ts';
import {
  BOOLEAN,
  BYTES,
  DURATION,
  DURATION_OR_NEVER,
  DURATION_OR_NONE,
  LIST,
  TEXT,
} from './setting-kinds.ts';
import { choice, integer } from './setting-kinds.ts';
import { ACCESS_SETTINGS } from './access-settings.ts';
import { EDGE_SETTINGS } from './edge-settings.ts';
import { setting } from './setting.ts';
import type { Setting } from './setting.ts';
import { readSettingsFile } from './settings-file.ts';
import { DIALECT_NAMES } from '../model/dialect.ts';

export type { Setting } from './setting.ts';

const COUNT = integer(1, Number.MAX_SAFE_INTEGER);
const limits = DEFAULT_INGEST_LIMITS;
const engine = DEFAULT_OPTIONS;
const MIB = 1024 * 1024;
/** Value of what is read by the source: manifests more strictly than what a cluster has stored. */
export const BY_SOURCE = 'by-source' as const;

/**
 * Every setting and limit, by its key in the configuration file. `uploadBytesMax` is the flag
 * `--upload-bytes-max` and the variable `PODREACH_UPLOAD_BYTES_MAX`.
 */
export const SETTINGS = {
  host: setting(TEXT, '127.0.0.1', 'address to listen on'),
  port: setting(integer(0, 65_535), 8471, 'port to listen on; 0 takes a free one'),
  basePath: setting(
    TEXT,
    '',
    'URL prefix under which a proxy shows this server, such as /podreach',
  ),
  allowedHosts: setting(LIST, [], 'further Host headers to accept while listening on loopback'),
  insecure: setting(BOOLEAN, false, 'listen on a non-loopback host although `auth` is off'),
  ...ACCESS_SETTINGS,
  ...EDGE_SETTINGS,
  database: setting(TEXT, 'sqlite:./podreach.db', 'where snapshots are kept: sqlite:PATH'),
  startCheckBytesMax: setting(
    BYTES,
    1024 * MIB,
    'databases up to this size are read from end to end at start; of larger ones only the lists',
  ),
  diskReserveBytes: setting(
    BYTES,
    256 * MIB,
    'space that stays free on the disk of the database: with less, nothing is taken in',
  ),
  snapshotsPerClusterMax: setting(COUNT, 1000, 'snapshots kept per cluster, the newest'),
  snapshotBytesPerClusterMax: setting(
    BYTES,
    5 * 1024 * MIB,
    'bytes of the snapshots of a cluster as stored, the newest',
  ),
  snapshotsAgeMaxMs: setting(
    DURATION_OR_NEVER,
    'never',
    'snapshots older than this are deleted, the latest of a cluster excepted',
  ),
  indexesPerClusterMax: setting(
    COUNT,
    8,
    'compiled snapshots kept in the database per cluster, of the newest',
  ),
  indexCacheBytesMax: setting(BYTES, 512 * MIB, 'compiled snapshots kept in memory'),
  answerCacheBytesMax: setting(
    BYTES,
    ANSWER_CACHE_BYTES_DEFAULT,
    'answers kept in memory as they were sent',
  ),
  listCacheRowsMax: setting(
    COUNT,
    LIST_CACHE_ROWS_DEFAULT,
    'rows of lists kept for their next pages, per compiled snapshot',
  ),
  chunkMemoryBytesMax: setting(
    BYTES,
    128 * MIB,
    'decoded namespaces that each process keeps from one snapshot to the next',
  ),
  ingestsRunningMax: setting(COUNT, 2, 'uploads taken in at the same time, each in a process'),
  ingestsWaitingMax: setting(COUNT, 8, 'uploads that wait for that; more are told to come again'),
  ingestTimeoutMs: setting(
    DURATION,
    15 * 60_000,
    'deadline of taking in one upload, sending it included',
  ),
  ingestHeapBytesMax: setting(BYTES, 4096 * MIB, 'JavaScript heap of a process that takes in'),
  ingestMemoryBytesMax: setting(
    BYTES,
    6144 * MIB,
    'resident memory of a process that takes in (Linux)',
  ),
  compileHeapBytesMax: setting(BYTES, 4096 * MIB, 'JavaScript heap of the thread that compiles'),
  questionTimeoutMs: setting(DURATION, 30_000, 'deadline of one question'),
  eventHeartbeatMs: setting(
    DURATION,
    HTTP_LIMITS.eventHeartbeatMs,
    'between comments on streams of events, which keep proxies from closing them',
  ),
  eventStreamsMax: setting(COUNT, HTTP_LIMITS.eventStreamsMax, 'open streams of events'),
  eventStreamsPerViewerMax: setting(
    COUNT,
    HTTP_LIMITS.eventStreamsPerViewerMax,
    'open streams of events of one credential',
  ),
  socketsMax: setting(COUNT, HTTP_LIMITS.socketsMax, 'open WebSockets'),
  socketsPerViewerMax: setting(
    COUNT,
    HTTP_LIMITS.socketsPerViewerMax,
    'open WebSockets of one credential',
  ),
  questionsRunningMax: setting(
    COUNT,
    QUESTION_LIMITS_DEFAULT.runningMax,
    'lists judged at the same time; others wait',
  ),
  questionsWaitingMax: setting(
    COUNT,
    QUESTION_LIMITS_DEFAULT.waitingMax,
    'questions that wait for that or for a snapshot; more are told to come again',
  ),
  requestsPerMinuteMax: setting(
    integer(0, Number.MAX_SAFE_INTEGER),
    60_000,
    'requests of one caller, where others than this machine can connect; 0: any number',
  ),
  eventLoopDelayMaxMs: setting(
    DURATION,
    HTTP_LIMITS.eventLoopDelayMaxMs,
    'how late this process may be before it refuses questions',
  ),
  metricsClusterNames: setting(
    BOOLEAN,
    true,
    '`/metrics` tells the age of snapshots by cluster, not only the greatest',
  ),
  shutdownDelayMs: setting(
    DURATION_OR_NONE,
    0,
    'time from SIGTERM, when `/readyz` fails, until connections are refused',
  ),
  shutdownGraceMs: setting(DURATION, 10_000, 'time for running requests to end on SIGTERM'),
  logLevel: setting(
    choice(['silent', 'error', 'warn', 'info', 'debug']),
    'warn',
    'what is logged on stderr, as JSON lines',
  ),
  uploadBytesMax: setting(BYTES, limits.uploadBytesMax, 'one upload, as sent'),
  decodedBytesMax: setting(BYTES, limits.decodedBytesMax, 'one upload, decompressed'),
  decompressionRatioMax: setting(
    COUNT,
    limits.decompressionRatioMax,
    'decompressed bytes per byte sent, past the first MiB',
  ),
  objectBytesMax: setting(BYTES, limits.objectBytesMax, 'one object, or one item of a List'),
  nestingDepthMax: setting(
    integer(1, 100),
    limits.nestingDepthMax,
    'levels of nesting in an object',
  ),
  yamlAliasesMax: setting(COUNT, limits.yamlAliasesMax, 'YAML aliases in a document'),
  objectsMax: setting(COUNT, limits.objectsMax, 'objects in one upload'),
  labelsMax: setting(COUNT, limits.labelsMax, 'labels of one object'),
  labelBytesMax: setting(BYTES, limits.labelBytesMax, 'one label, key and value'),
  archiveEntriesMax: setting(COUNT, limits.archiveEntriesMax, 'entries of one tar archive'),
  archiveEntryBytesMax: setting(
    BYTES,
    limits.archiveEntryBytesMax,
    'one file of a tar archive, decompressed',
  ),
  archivePathBytesMax: setting(
    BYTES,
    limits.archivePathBytesMax,
    'the name of an entry of a tar archive, with its folders',
  ),
  archivePathDepthMax: setting(
    COUNT,
    limits.archivePathDepthMax,
    'levels of folders in a tar archive',
  ),
  problemsMax: setting(
    COUNT,
    limits.problemsMax,
    'problems kept with a snapshot; more are counted',
  ),
  dialect: setting(
    LIST,
    [],
    `network plugin to judge as, or CLUSTER=PLUGIN for one cluster: ${DIALECT_NAMES.join(', ')}; ` +
      'settings marked dialect change it further',
  ),
  ipBlockMatchesPods: setting(
    BOOLEAN,
    engine.ipBlockMatchesPods,
    'dialect: an ipBlock matches pod addresses',
  ),
  ipBlockMatchesNodes: setting(
    BOOLEAN,
    engine.ipBlockMatchesNodes,
    'dialect: an ipBlock matches node addresses',
  ),
  localNode: setting(
    choice(['ingress-only', 'both', 'none']),
    engine.localNode,
    'dialect: traffic between a pod and its own node that no policy stops',
  ),
  selfViaService: setting(
    choice(['allow', 'evaluate']),
    engine.selfViaService,
    'dialect: a pod that reaches itself through its own Service',
  ),
  hostNetworkPods: setting(
    choice(['asNode', 'asPod']),
    engine.hostNetworkPods,
    'dialect: whether hostNetwork pods are their node or ordinary pods',
  ),
  hostNetworkNamespace: setting(
    TEXT,
    engine.hostNetworkNamespace ?? '',
    'dialect: namespace whose selectors also match node traffic',
  ),
  namedPortContainers: setting(
    choice(['regular+sidecars', 'regular', 'regular+init']),
    engine.namedPortContainers,
    'dialect: which containers declare named ports',
  ),
  namedPortScope: setting(
    choice(['pod', 'policy']),
    engine.namedPortScope,
    'dialect: a port name resolves per destination pod, or over all pods a policy selects',
  ),
  priorityTies: setting(
    choice(['report', 'deny-wins', 'reject']),
    engine.priorityTies,
    'dialect: equal priorities that disagree',
  ),
  icmp: setting(
    choice(['unspecified', 'follow-isolation']),
    engine.icmp,
    'dialect: other protocols to an isolated pod',
  ),
  externalSource: setting(
    choice(['conditional', 'client', 'node']),
    engine.externalSource,
    'dialect: the source a pod sees for traffic from NodePorts and load balancers',
  ),
  notReadyEndpoints: setting(
    choice(['exclude', 'include']),
    engine.notReadyEndpoints,
    'dialect: whether endpoints that are not ready count',
  ),
  vendorPolicies: setting(
    choice(['report', 'ignore']),
    engine.vendorPolicies,
    'dialect: policies of kinds that are not evaluated leave open what they could change, or are ignored',
  ),
  unknownFields: setting(
    choice([BY_SOURCE, 'error', 'prune']),
    BY_SOURCE,
    'reading: fields that NetworkPolicies do not have are errors (what manifests get), or are dropped (what stored objects get)',
  ),
  strictCIDR: setting(
    choice([BY_SOURCE, 'true', 'false']),
    BY_SOURCE,
    'reading: CIDRs that servers refuse from 1.36 on are errors (true for manifests), or are read as before',
  ),
  invalidPolicy: setting(
    choice(['exclude', 'strict']),
    'exclude',
    'reading: a policy that is not valid has no effect, or in a dump an unknown one; strict refuses the input',
  ),
  ingressControllers: setting(TEXT, engine.ingressControllers ?? '', 'ingress pods: class=ref;...'),
} as const;

/** Key of a setting. */
export type SettingName = keyof typeof SETTINGS;

/** The value of every setting. */
export type Settings = {
  readonly [Name in SettingName]: (typeof SETTINGS)[Name] extends Setting<infer Value>
    ? Value
    : never;
};

/** Keys of all settings, in the order of the help. */
export const SETTING_NAMES = Object.keys(SETTINGS) as readonly SettingName[];

/** Where settings come from, the strongest first. */
export interface SettingSources {
  /** By flag in camel case, as written on the command line; `true` for a flag without a value. */
  readonly flags: Readonly<Record<string, string | boolean | undefined>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The YAML file of `--config`. */
  readonly file?: { readonly path: string; readonly text: string };
}

/**
 * Every setting: a flag beats the environment beats the file beats the default.
 *
 * @throws `bad-query` naming the flag, variable or key that is unknown or cannot be read
 */
export function loadSettings({ flags, environment, file }: SettingSources): Settings {
  const fromFile =
    file === undefined
      ? new Map<string, string>()
      : readSettingsFile(file, (key) => Object.hasOwn(SETTINGS, key));
  const sourceOf = (name: SettingName): readonly [source: string, text: string | undefined] => {
    const flag = flags[optionName(name)];
    const variable = environmentName(name);
    const fromEnvironment = fromCaller(variable, environment[variable]);
    if (flag !== undefined) return [`--${flagName(name)}`, String(flag)];
    if (fromEnvironment !== undefined) return [variable, fromEnvironment];
    return [`${name} in ${file?.path ?? ''}`, fromFile.get(name)];
  };
  const valueOf = (name: SettingName, fallback: unknown): unknown => {
    const [source, text] = sourceOf(name);
    return text === undefined ? fallback : read(name, source, text);
  };
  // By the kind of that setting.
  const dialects = readDialects(valueOf('dialect', []) as readonly string[]);
  const fallbacks = settingsOf(dialectOptions(dialects.base));
  const entries = SETTING_NAMES.map((name) => {
    return [name, valueOf(name, fallbacks.get(name) ?? SETTINGS[name].fallback)];
  });
  // The entries are those of the table, each read by the kind of its own setting.
  return Object.fromEntries(entries) as Settings;
}

/** `uploadBytesMax` as `upload-bytes-max`, `strictCIDR` as `strict-cidr`. */
export function flagName(name: SettingName): string {
  return name.replace(/[A-Z]+(?![a-z])|[A-Z]/g, (word) => `-${word.toLowerCase()}`);
}

/** `strictCIDR` as `strictCidr`: what the parser of the command line makes of `--strict-cidr`. */
function optionName(name: SettingName): string {
  return flagName(name).replace(/-([a-z])/g, (_dash, letter: string) => letter.toUpperCase());
}

/** `uploadBytesMax` as `PODREACH_UPLOAD_BYTES_MAX`. */
export function environmentName(name: SettingName): string {
  return `PODREACH_${flagName(name).replaceAll('-', '_').toUpperCase()}`;
}

/** Options as the values of the settings of their names. */
function settingsOf(options: EngineOptions): ReadonlyMap<string, unknown> {
  const entries: readonly (readonly [string, unknown])[] = Object.entries(options);
  return new Map(entries.map(([name, value]) => [name, value ?? '']));
}

/** What Kubernetes sets in every pod of a namespace that has a Service `podreach` or `podreach-…`. */
export const SERVICE_LINK =
  /_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT(_\d+_(TCP|UDP|SCTP)(_\w+)?)?)$/;

/** The Service named `podreach` makes Kubernetes set `PODREACH_PORT` to `tcp://…`: nobody chose that. */
function fromCaller(variable: string, value: string | undefined): string | undefined {
  const isServiceLink = SERVICE_LINK.test(variable) && value?.startsWith('tcp://') === true;
  return isServiceLink || value === '' ? undefined : value;
}

function read(name: SettingName, source: string, text: string): unknown {
  const { kind } = SETTINGS[name] as Setting<unknown>;
  const value = kind.parse(text);
  if (value !== undefined) return value;
  throw new PodreachError('bad-query', `\`${source}\`: \`${text}\` is no ${kind.unit}`, {
    parameter: name,
  });
}
