import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import fastify, { LogController } from 'fastify';
import type { FastifyHttpOptions, FastifyInstance, FastifyRequest } from 'fastify';
import type { Server } from 'node:http';
import { PodreachError } from '../model/errors.ts';
import { otherEngine } from './engine-check.ts';
import type { Podreach } from '../service/podreach.ts';
import { refuseBytes } from './client-error.ts';
import type { AuditLog } from '../service/audit.ts';
import type { Authenticator } from '../service/viewer.ts';
import { addAudit } from './audit.ts';
import { addAuthentication, authentication } from './authenticate.ts';
import type { Authentication } from './authenticate.ts';
import { allowOrigins, readOrigins } from './cors.ts';
import { addDeadlines } from './deadlines.ts';
import { endConnectionsWell } from './end-connections.ts';
import { addApiViewer } from './docs/api-viewer.ts';
import { addDocPages } from './docs/doc-pages.ts';
import { refuse, sendProblem } from './errors.ts';
import { registerGraphql } from './graphql/plugin.ts';
import type { GraphqlOptions, GraphqlSockets } from './graphql/plugin.ts';
import { hostCheck, knownHosts, originCheck } from './guard.ts';
import type { RequestCheck } from './guard.ts';
import { addHealthRoutes } from './health-routes.ts';
import { HTTP_LIMITS } from './http-limits.ts';
import { watchRoutes } from './known-methods.ts';
import type { MethodsOf } from './known-methods.ts';
import { addEventRoutes } from './live/event-routes.ts';
import { liveLimits } from './live/live-limits.ts';
import type { LiveLimits } from './live/live-limits.ts';
import { addLoadGuard } from './load-guard.ts';
import type { LoadGuard } from './load-guard.ts';
import { addMetrics } from './metrics.ts';
import type { Metrics } from './metrics.ts';
import { registerOpenApi } from './openapi.ts';
import { parseQueryString } from './query-string.ts';
import { addRateLimit } from './rate-limit.ts';
import { readRequest } from './read-request.ts';
import { addClusterRoutes } from './rest/cluster-routes.ts';
import { addGraphRoute } from './rest/graph-route.ts';
import { addIngestRoutes } from './rest/ingest-routes.ts';
import { addExposureRoutes } from './rest/exposure-routes.ts';
import { addInventoryRoutes } from './rest/inventory-routes.ts';
import { addPathRoutes } from './rest/path-routes.ts';
import { addReachRoutes } from './rest/reach-routes.ts';
import { addRequestLog } from './request-log.ts';
import type { RouteService } from './rest/route-service.ts';
import { pathOfTarget, targetCheck } from './request-target.ts';
import { safeLogger } from './safe-log.ts';
import type { LogOptions } from './safe-log.ts';
import { addWhoamiRoute } from './rest/whoami-route.ts';
import { pagePolicy, secureHeaders } from './secure-headers.ts';
import type { HeaderOptions } from './secure-headers.ts';
import { addServiceRoutes } from './service-routes.ts';
import type { Tracing } from './tracing/tracing.ts';
import { endUnreadBody } from './unread-body.ts';
import { addViewers } from './viewer.ts';

/** How to serve. */
export interface HttpOptions {
  /** Stays open when the app is closed: whoever made it closes it. */
  readonly podreach: Podreach;
  /** Where the server will listen: on a loopback address, `Host` headers are checked. */
  readonly host: string;
  /** URL prefix of everything: `/podreach`. Default: none. */
  readonly basePath?: string;
  /** Further names in `Host` headers, with or without a port. */
  readonly allowedHosts?: readonly string[];
  /** Tells who asks. Default: everybody may ask everything. */
  readonly authenticator?: Authenticator;
  /** Where it is written who asked what. Default: nowhere. */
  readonly audit?: AuditLog;
  /** Default: nothing is logged. */
  readonly logger?: false | LogOptions;
  /** One upload, as sent. */
  readonly uploadBytesMax: number;
  /** Deadline of everything but uploads. Default 30,000. */
  readonly questionTimeoutMs?: number;
  /** Limits of what stays open that are not as in {@link HTTP_LIMITS}. */
  readonly live?: Partial<LiveLimits>;
  /** Default: nothing is counted, and there is no `/metrics`. */
  readonly metrics?: Metrics;
  /** Default: nothing is traced. */
  readonly tracing?: Pick<Tracing, 'addHooks'>;
  /** Requests a minute of one caller; 0, the default: as many as they like. */
  readonly requestsPerMinuteMax?: number;
  /** How late the event loop may be before questions are refused. Default 250. */
  readonly eventLoopDelayMaxMs?: number;
  /** Whether the server has been told to stop. Default: it has not. */
  readonly isDraining?: () => boolean;
  /** Default: pages of other origins may neither ask nor show anything. */
  readonly browsers?: BrowserOptions;
  /** Default: the schema can be asked for, and so can every query. */
  readonly graphql?: GraphqlOptions;
}

/** How browsers are met. */
export interface BrowserOptions extends HeaderOptions {
  /** Origins whose pages may ask. */
  readonly corsOrigins?: readonly string[];
}

/** The schema next to the package's own files: the same place for `src` and for `dist`. */
const SCHEMA_FILE = new URL('../../schema.graphql', import.meta.url);

/** The HTTP server over the service, ready to listen; everything in it is registered here, in order. */
export async function buildApp(options: HttpOptions): Promise<FastifyInstance> {
  const { podreach, host, allowedHosts = [], graphql = {}, browsers = {} } = options;
  const origins = readOrigins(browsers.corsOrigins ?? []);
  const basePath = checkBasePath(options.basePath ?? '');
  const schemaText = await readFile(SCHEMA_FILE, 'utf8');
  const service: RouteService = { podreach, basePath };
  const who = authentication(options.authenticator, basePath);
  const app = fastify(serverOptions(options, who));
  const live = { authenticator: options.authenticator, limits: liveLimits(options.live) };
  app.server.maxConnections = HTTP_LIMITS.connectionsMax;
  endConnectionsWell(app.server);

  // Before the first route: a plugin's has the handler of its time.
  app.setErrorHandler(refuse);
  app.addHook('onRequest', (request, reply, done) => {
    endUnreadBody(request, reply);
    done();
  });
  options.tracing?.addHooks(app);
  if (options.logger !== undefined && options.logger !== false) addRequestLog(app);
  addViewers(app);
  addAudit(app, options.audit, basePath);
  app.addHook('onRequest', secureHeaders(browsers));
  app.addHook('onRequest', targetCheck);
  app.addHook('onRequest', hostCheck(host, allowedHosts));
  await allowOrigins(app, origins);
  app.addHook('onRequest', originCheck(origins));
  addAuthentication(app, who);
  app.removeContentTypeParser('text/plain');
  app.setValidatorCompiler(readRequest);
  // Bodies are sent as text: what a schema says never drops or changes a member.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  const methodsOf = watchRoutes(app);
  addDeadlines(app, options.questionTimeoutMs ?? HTTP_LIMITS.questionTimeoutMs);
  app.setNotFoundHandler((request, reply) => {
    const methods = methodsOf(pathOf(request.url));
    if (0 < methods.length) void reply.header('allow', methods.join(', '));
    sendProblem(nothingHere(request, methodsOf), request, reply);
  });

  await registerOpenApi(app, basePath);
  const load = await addWatching(app, service, options);
  await app.register(
    (scope) => {
      addServiceRoutes(scope, service, graphql.introspection === false ? undefined : schemaText);
      addApiViewer(scope, pagePolicy(browsers));
      addDocPages(scope);
      return Promise.resolve();
    },
    { prefix: basePath },
  );
  await app.register(apiRoutes({ service, load, live, uploadBytesMax: options.uploadBytesMax }), {
    prefix: `${basePath}/api/v1`,
  });
  const sockets = socketsOf(options, { basePath, origins, ...live });
  await app.register(
    (scope) => {
      scope.addHook('onRequest', load.check);
      return registerGraphql(scope, podreach, schemaText, { ...graphql, sockets });
    },
    { prefix: basePath },
  );
  await app.ready();
  return app;
}

/** Everything below `/api/v1`. */
function apiRoutes({
  service,
  load,
  live,
  uploadBytesMax,
}: {
  readonly service: RouteService;
  readonly load: LoadGuard;
  readonly live: Omit<Parameters<typeof addEventRoutes>[1], 'podreach'>;
  readonly uploadBytesMax: number;
}): (scope: FastifyInstance) => Promise<void> {
  const { podreach } = service;
  return async (scope) => {
    scope.addHook('preHandler', engineCheck(podreach.engine));
    await scope.register((uploads) => {
      addIngestRoutes(uploads, service, uploadBytesMax);
      return Promise.resolve();
    });
    addWhoamiRoute(scope);
    // Uploads cost this process little: they are bounded by their queue.
    scope.addHook('onRequest', load.check);
    addClusterRoutes(scope, service);
    addPathRoutes(scope, service);
    addReachRoutes(scope, service);
    addGraphRoute(scope, service);
    addInventoryRoutes(scope, service);
    addExposureRoutes(scope, service);
    addEventRoutes(scope, { podreach, ...live });
  };
}

/** How subscriptions are served: to who may ask over HTTP, and no others. */
function socketsOf(
  { host, allowedHosts = [], questionTimeoutMs, audit }: HttpOptions,
  parts: Pick<GraphqlSockets, 'authenticator' | 'limits'> & {
    readonly basePath: string;
    readonly origins: ReadonlySet<string>;
  },
): GraphqlSockets {
  return {
    path: `${parts.basePath}/graphql`,
    isKnownHost: knownHosts(host, allowedHosts),
    allowedOrigins: parts.origins,
    authenticator: parts.authenticator,
    audit,
    limits: parts.limits,
    questionTimeoutMs: questionTimeoutMs ?? HTTP_LIMITS.questionTimeoutMs,
  };
}

/** What others watch this server by, and how much they may ask of it. */
async function addWatching(
  app: FastifyInstance,
  service: RouteService,
  options: HttpOptions,
): Promise<LoadGuard> {
  const { podreach } = service;
  const { metrics, requestsPerMinuteMax = 0, isDraining = (): boolean => false } = options;
  const delayMaxMs = options.eventLoopDelayMaxMs ?? HTTP_LIMITS.eventLoopDelayMaxMs;
  const load = addLoadGuard(app, {
    delayMaxMs,
    questions: () => {
      const { running, waiting } = podreach.usage().questions;
      return running + waiting;
    },
    ...(metrics === undefined ? {} : { onShed: metrics.questionShed }),
  });
  if (metrics !== undefined) addMetrics(app, service, metrics);
  await app.register(
    (scope) => {
      addHealthRoutes(scope, {
        podreach,
        isDraining,
        isOverloaded: load.isOverloaded,
      });
      return Promise.resolve();
    },
    { prefix: service.basePath },
  );
  // After what probes and scrapes ask: they are never too many.
  if (0 < requestsPerMinuteMax) await addRateLimit(app, requestsPerMinuteMax);
  return load;
}

function serverOptions(options: HttpOptions, who: Authentication): FastifyHttpOptions<Server> {
  const { logger = false, browsers = {} } = options;
  const setHeaders = secureHeaders(browsers);
  return {
    logger: logger === false ? false : safeLogger(logger),
    // Its own lines have the query string: see `request-log.ts`.
    logController: new LogController({ disableRequestLogging: true }),
    clientErrorHandler: refuseBytes,
    rewriteUrl: pathOfTarget,
    bodyLimit: HTTP_LIMITS.bodyBytesMax,
    requestTimeout: HTTP_LIMITS.requestTimeoutMs,
    connectionTimeout: HTTP_LIMITS.connectionTimeoutMs,
    keepAliveTimeout: HTTP_LIMITS.keepAliveTimeoutMs,
    maxRequestsPerSocket: HTTP_LIMITS.requestsPerSocketMax,
    http: {
      connectionsCheckingInterval: HTTP_LIMITS.connectionsCheckingIntervalMs,
      headersTimeout: HTTP_LIMITS.headersTimeoutMs,
      maxHeaderSize: HTTP_LIMITS.headerBytesMax,
    },
    onProtoPoisoning: 'error',
    onConstructorPoisoning: 'error',
    return503OnClosing: true,
    forceCloseConnections: 'idle',
    routerOptions: {
      maxParamLength: HTTP_LIMITS.pathParameterLengthMax,
      querystringParser: parseQueryString,
    },
    genReqId: ({ headers }) => requestId(headers['x-request-id']),
    frameworkErrors: (error, request, reply) => {
      // No hook runs for a URL that cannot be routed, and the request has nothing that they use.
      request.viewer = null;
      request.auditNotes = null;
      endUnreadBody(request, reply);
      setHeaders(request, reply, () => undefined);
      who(request, reply).then(
        () => {
          sendProblem(error, request, reply);
        },
        (refusal: unknown) => {
          sendProblem(refusal, request, reply);
        },
      );
    },
  };
}

/** The caller's own id when it is harmless in a log; otherwise a new one. */
function requestId(given: string | string[] | undefined): string {
  const isUsable =
    typeof given === 'string' &&
    given.length <= HTTP_LIMITS.requestIdLengthMax &&
    /^[\w.-]+$/.test(given);
  return isUsable ? given : randomUUID();
}

/** `''`, or segments that each begin with a slash. @throws `bad-query` */
function checkBasePath(basePath: string): string {
  const trimmed = basePath.replace(/\/+$/, '');
  if (trimmed === '' || /^(\/[A-Za-z0-9._~-]+)+$/.test(trimmed)) return trimmed;
  throw new PodreachError(
    'bad-query',
    `\`${basePath}\` is no base path; write it like \`/podreach\``,
    { parameter: 'basePath' },
  );
}

/** @throws `bad-query` when the caller insists on another engine */
function engineCheck(engine: string): RequestCheck {
  return (request, _reply, done) => {
    // A library border: query strings of these routes are read by a schema with `engine`.
    const asked = (request.query as { readonly engine?: string }).engine;
    // What is about a snapshot is judged as its cluster, or the question, says.
    const isAboutSnapshot = Object.hasOwn(request.params as object, 'ref');
    done(isAboutSnapshot ? undefined : otherEngine(asked, engine));
  };
}

function nothingHere(request: FastifyRequest, methodsOf: MethodsOf): PodreachError {
  const path = pathOf(request.url);
  const methods = methodsOf(path);
  if (methods.length === 0) {
    return new PodreachError(
      'not-found',
      `nothing is at \`${path.slice(0, 200)}\`; openapi.json lists all routes`,
    );
  }
  return new PodreachError(
    'method-not-allowed',
    `\`${request.method}\` is not allowed here, only ${methods.join(', ')}`,
  );
}

function pathOf(url: string): string {
  return url.split('?', 1)[0] ?? url;
}
