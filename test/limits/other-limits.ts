/** Where a limit is crossed that needs more than one request. */
export interface CrossedIn {
  readonly file: string;
  /** Text of the test. */
  readonly test: string;
}

const JOBS = 'test/service/jobs.test.ts';
const QUEUES = 'test/limits/queues.test.ts';
const EDGE = 'test/http/edge.test.ts';
const OBSERVE = 'test/http/observe.test.ts';

/** Limits that another test crosses. */
export const ELSEWHERE: Readonly<Record<string, CrossedIn>> = {
  ingestsRunningMax: { file: JOBS, test: 'ingests wait for their turn, and beyond a few are busy' },
  ingestsWaitingMax: { file: JOBS, test: 'ingests wait for their turn, and beyond a few are busy' },
  ingestTimeoutMs: { file: JOBS, test: 'too much memory or time ends the process' },
  ingestHeapBytesMax: { file: JOBS, test: 'too much memory or time ends the process' },
  ingestMemoryBytesMax: { file: JOBS, test: 'too much memory or time ends the process' },
  ingestsPerProcessMax: { file: JOBS, test: 'a worn process is replaced' },
  keptMemoryBytesMax: { file: JOBS, test: 'a worn process is replaced' },
  compilesWaitingMax: { file: QUEUES, test: 'more snapshots than may wait are not compiled' },
  compileHeapBytesMax: { file: JOBS, test: 'a thread that ends tells those who wait' },
  questionTimeoutMs: { file: QUEUES, test: 'a list that takes too long is given up' },
  questionsRunningMax: { file: QUEUES, test: 'long questions wait for a place' },
  questionsWaitingMax: { file: QUEUES, test: 'more questions than may wait are busy' },
  requestsPerMinuteMax: { file: OBSERVE, test: 'who asks too often is told when to come again' },
  eventLoopDelayMaxMs: { file: OBSERVE, test: 'a process that cannot keep up refuses questions' },
  questionsUnderLoadMax: { file: OBSERVE, test: 'a few questions are answered nonetheless' },
  ingestJobsRunningMax: {
    file: 'test/http/snapshots.test.ts',
    test: 'no more uploads run at a time than are meant to',
  },
  uploadDrainMs: {
    file: 'test/http/snapshots.test.ts',
    test: 'a refused upload is answered even while it is still being sent',
  },
  shutdownGraceMs: { file: QUEUES, test: 'a request that hangs is cut off after the grace' },
  headersTimeoutMs: { file: QUEUES, test: 'who sends headers too slowly is cut off' },
  requestsPerSocketMax: { file: QUEUES, test: 'a connection is closed after its requests' },
  tracesEndMs: { file: OBSERVE, test: 'a collector that does not answer costs nobody anything' },
  diskReserveBytes: { file: QUEUES, test: 'a disk that is full is told' },
  graphqlAliasesMax: { file: EDGE, test: 'aliases that repeat a field and directives are bounded' },
  graphqlDirectivesMax: {
    file: EDGE,
    test: 'aliases that repeat a field and directives are bounded',
  },
  persistedViewersMax: { file: EDGE, test: 'what one viewer fills the server with pushes out' },
  persistedCharsMax: { file: EDGE, test: 'what one viewer fills the server with pushes out' },
  uploadGraceMs: { file: QUEUES, test: 'an upload that is too slow is given up' },
  uploadBytesPerSecondMin: { file: QUEUES, test: 'an upload that is too slow is given up' },
};

/** Bounds at which something is forgotten, cut or comes later, and nothing is refused. */
export const NO_REFUSAL: Readonly<Record<string, string>> = {
  snapshotsPerClusterMax: 'the oldest snapshots of the cluster are deleted',
  snapshotsAgeMaxMs: 'older snapshots are deleted, the latest of a cluster excepted',
  indexesPerClusterMax: 'older ones are compiled anew when they are asked',
  indexCacheBytesMax: 'those not asked for longest are loaded anew',
  answerCacheBytesMax: 'those not asked for longest are made anew',
  listCacheRowsMax: 'lists are judged anew for their next pages',
  chunkMemoryBytesMax: 'namespaces are decoded anew',
  graphqlQueriesKept: 'queries are parsed anew',
  graphqlRequestCharsKept: 'requests are read anew',
  graphqlRequestCharsKeptEach: 'a longer request is read anew each time',
  rowBytesKept: 'rows are written anew',
  queryStringsKept: 'query strings are read anew',
  queryStringLengthMax: 'a longer one is read anew each time',
  sliceMs: 'others have their turn, then rows are made on',
  sliceRowsMax: 'others have their turn, then rows are made on',
  sharedRowsMax: 'others have their turn, then rows are made on',
  ingestJobsKept: 'the oldest finished ones are not known any more (404)',
  requestTimeoutMs: 'the connection is closed with 408',
  connectionTimeoutMs: 'a connection that stands still is closed',
  keepAliveTimeoutMs: 'a connection that nobody uses is closed',
  metricsClustersMax: 'the age of further clusters is not told',
  rateCallersKept: 'who asked longest ago has a new minute',
  auditArgsMax: 'further arguments are not in the audit log',
  auditTextLengthMax: 'the text is cut in the audit log',
  startCheckBytesMax: 'a larger database is not read from end to end at the start',
  shutdownDelayMs: 'connections are refused from then on',
  /* Of the command line as a client. */
  pageRows: 'the next page is asked for',
  questionsPerRequest: 'the next request is sent',
  questionBytesMax: 'exit code 2',
  inputErrorsShown: 'the rest is counted',
  problemsShown: 'the rest is counted',
};

/** Numbers that bound nothing, and settings that are no numbers. */
export const NO_LIMITS: readonly string[] = [
  'host',
  'port',
  'basePath',
  'allowedHosts',
  'insecure',
  'database',
  'logLevel',
  'corsOrigins',
  'frameAncestors',
  'hstsMaxAgeMs',
  'graphqlIntrospection',
  'persistedQueries',
  'persistedQueriesOnly',
  'metricsClusterNames',
  'dialect',
  'ipBlockMatchesPods',
  'ipBlockMatchesNodes',
  'localNode',
  'selfViaService',
  'hostNetworkPods',
  'hostNetworkNamespace',
  'namedPortContainers',
  'namedPortScope',
  'priorityTies',
  'icmp',
  'externalSource',
  'notReadyEndpoints',
  'vendorPolicies',
  'unknownFields',
  'strictCIDR',
  'invalidPolicy',
  'ingressControllers',
  'pageRowsDefault',
  'sliceRowsFirst',
  'sharedRowsFirst',
  'connectionsCheckingIntervalMs',
  'loadWindowMs',
  'loadResolutionMs',
  'rateWindowMs',
  'expiryIntervalMs',
];
