const KIB = 1024;
const MIB = 1024 * KIB;
const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** Limits of the HTTP surface that nobody needs to set; every number has its unit in its name. */
export const HTTP_LIMITS = Object.freeze({
  /** Body of a JSON route. */
  bodyBytesMax: 64 * KIB,
  /** Body of a batch of questions. */
  batchBodyBytesMax: MIB,
  /** Body of a GraphQL request; the manifest of a mutation is in it. */
  graphqlBodyBytesMax: 4 * MIB,
  graphqlQueryBytesMax: 64 * KIB,
  graphqlTokensMax: 2000,
  graphqlDepthMax: 15,
  graphqlErrorsMax: 5,
  /** Parsed and compiled queries kept. */
  graphqlQueriesKept: 256,
  /** Texts of requests kept with what they ask, and of one of them. */
  graphqlRequestCharsKept: 8 * MIB,
  graphqlRequestCharsKeptEach: 64 * KIB,
  /** Fields selected in one query, fragments counted where they are spread. */
  graphqlFieldsMax: 2000,
  /** Questions (fields of a snapshot that compute an answer) in one query. */
  graphqlQuestionsMax: 50,
  /** Fields that a query asks for again in one place, as aliases permit, all places together. */
  graphqlAliasesMax: 100,
  /** Directives written in one query. */
  graphqlDirectivesMax: 50,
  /** Viewers whose queries are kept by hash, and characters kept of each. */
  persistedViewersMax: 64,
  persistedCharsMax: MIB,
  pageRowsDefault: 100,
  pageRowsMax: 1000,
  /** How long rows are made at a time before other requests have their turn, about. */
  sliceMs: 4,
  /** Rows of the first slice of a list; then as many as fit into the time. */
  sliceRowsFirst: 8,
  sliceRowsMax: 2048,
  /** The same of rows that share what they say. */
  sharedRowsFirst: 64,
  sharedRowsMax: 8192,
  /** Peers and rows of lists kept as bytes, of all snapshots together. */
  rowBytesKept: 128 * MIB,
  /** Query strings whose meaning is remembered, and how long one of them may be. */
  queryStringsKept: 1000,
  queryStringLengthMax: 2048,
  questionsPerPost: 1000,
  questionsPerGet: 100,
  /** Suits uploads; all other routes have the deadline of a question. */
  requestTimeoutMs: 15 * MINUTE,
  questionTimeoutMs: 30 * SECOND,
  connectionTimeoutMs: MINUTE,
  keepAliveTimeoutMs: 30 * SECOND,
  headersTimeoutMs: 10 * SECOND,
  connectionsCheckingIntervalMs: SECOND,
  headerBytesMax: 16 * KIB,
  requestsPerSocketMax: 1000,
  connectionsMax: 1024,
  /** A path parameter: a snapshot ref, or the name of a policy. */
  pathParameterLengthMax: 512,
  /** An upload may be as slow as it likes for this long; then the rate counts. */
  uploadGraceMs: 30 * SECOND,
  uploadBytesPerSecondMin: 64 * KIB,
  /**
   * How long the rest of a body is read whose request is answered, or refused, so that the sender gets to
   * see the answer; and all of one that nobody reads.
   */
  uploadDrainMs: 2 * SECOND,
  /** Uploads taken in after their request was answered, at the same time. */
  ingestJobsRunningMax: 4,
  /** Finished ones that can still be asked for, the newest. */
  ingestJobsKept: 100,
  requestIdLengthMax: 64,
  /** Characters of `Idempotency-Key`. */
  idempotencyKeyLengthMax: 255,
  /** A comment at least this often on a stream of events, so that proxies keep it open. */
  eventHeartbeatMs: 15 * SECOND,
  /** How long a client of a stream waits before it connects again. */
  eventRetryMs: 2 * SECOND,
  /** A reader that takes nothing for this long is cut off. */
  eventStallMs: 30 * SECOND,
  /** Open streams of one viewer, and of all. */
  eventStreamsPerViewerMax: 20,
  eventStreamsMax: 256,
  /** Open WebSockets of one viewer, and of all. */
  socketsPerViewerMax: 5,
  socketsMax: 256,
  /** From the upgrade to `connection_init`. */
  socketInitMs: 3 * SECOND,
  socketSubscriptionsMax: 20,
  socketMessageBytesMax: 64 * KIB,
  /** Messages, pings among them, that a client may send in a second. */
  socketMessagesPerSecondMax: 20,
  /** Between two pings; a socket that has not answered the last one is cut off. */
  socketPingMs: 30 * SECOND,
  /** Bytes that wait for a slow reader of a socket before nothing more is sent and it is cut off. */
  socketBufferBytesMax: MIB,
  /** How long a socket has to say goodbye. */
  socketClosingMs: 2 * SECOND,
  /**
   * Between two looks whether the credential of what stays open is still good. With what an
   * authenticator believes meanwhile, a revoked one ends within 5 seconds.
   */
  credentialCheckMs: 2 * SECOND,
  /** Of one request in the audit log: arguments, and characters of each. */
  auditArgsMax: 50,
  auditTextLengthMax: 1000,
  /** How long spans that are left may take to be sent when the server stops. */
  tracesEndMs: 2 * SECOND,
  /** Clusters whose snapshots have their age told. */
  metricsClustersMax: 1000,
  /** Unless the server is told otherwise. */
  eventLoopDelayMaxMs: 250,
  /** Questions that are answered even when it is later than that. */
  questionsUnderLoadMax: 8,
  /** How often it is looked whether the event loop is late, and how exactly. */
  loadWindowMs: SECOND,
  loadResolutionMs: 10,
  /** Rates are of this long; of so many callers, those who asked last. */
  rateWindowMs: MINUTE,
  rateCallersKept: 10_000,
});
