import type { FastifyInstance } from 'fastify';
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { Observer } from '../service/observer.ts';
import type { ClusterInfo, Podreach } from '../service/podreach.ts';
import type { CacheUsage, QueueUsage } from '../service/usage.ts';
import type { Viewer } from '../service/viewer.ts';
import { HTTP_LIMITS } from './http-limits.ts';
import { responses } from './rest/response-schemas.ts';
import type { RouteService } from './rest/route-service.ts';
import { viewerOf } from './viewer.ts';

/** What is counted of one server. */
export interface Metrics {
  /** Counts what a service tells. */
  readonly observer: Observer;
  /** Counts a request that was answered. */
  readonly requestEnded: (request: RequestEnd) => void;
  /** Counts a question that was refused because the process could not keep up. */
  readonly questionShed: () => void;
  /** Everything, in the text format of Prometheus; clusters as far as `viewer` may see them. */
  readonly text: (podreach: Podreach, viewer: Viewer) => Promise<string>;
  readonly mediaType: string;
}

/** A request that was answered. */
export interface RequestEnd {
  readonly method: string;
  /** As it was registered, with `:ref`; `none` for what has none. */
  readonly route: string;
  readonly status: number;
  readonly tookMs: number;
}

/** Seconds: a question about one pair takes microseconds, a list over everything seconds. */
const QUESTION_BUCKETS = [
  0.00001, 0.00003, 0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30,
];
const REQUEST_BUCKETS = [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 120];
const WORK_BUCKETS = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 120, 600];
const SECOND_MS = 1000;

/** What metrics are told apart by besides their names. */
export interface MetricsOptions {
  /** Whether the age of snapshots is told by cluster; else only of the one that is oldest. */
  readonly clusterNames: boolean;
}

/** Metrics of a new server, with those of this process. Labels have few values each. */
export function createMetrics({ clusterNames }: MetricsOptions): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const { requests, questions, opened, ingests, phases, compiles, shed } = ownMetrics(registry);
  return {
    observer: {
      questionAnswered: ({ kind, outcome, tookMs }) => {
        questions.observe({ kind, outcome }, tookMs / SECOND_MS);
      },
      indexOpened: ({ from, tookMs }) => {
        opened.observe({ from }, tookMs / SECOND_MS);
        if (from === 'thread' || from === 'here') {
          compiles.observe({ where: from }, tookMs / SECOND_MS);
        }
      },
      ingestPhase: ({ phase, tookMs }) => {
        phases.observe({ phase }, tookMs / SECOND_MS);
        if (phase === 'compile') compiles.observe({ where: 'ingest' }, tookMs / SECOND_MS);
      },
      ingestEnded: ({ outcome, tookMs }) => {
        ingests.observe({ outcome }, tookMs / SECOND_MS);
      },
    },
    requestEnded: ({ method, route, status, tookMs }) => {
      requests.observe({ method, route, status }, tookMs / SECOND_MS);
    },
    questionShed: () => {
      shed.inc();
    },
    text: async (podreach, viewer) => {
      // What is looked up for this scrape has a registry of its own: another viewer, who may see other
      // clusters, can ask at the same time.
      const now = new Registry();
      addUsage(now, podreach);
      await addAges(now, { podreach, viewer, clusterNames });
      return (await registry.metrics()) + (await now.metrics());
    },
    mediaType: registry.contentType,
  };
}

function ownMetrics(registry: Registry) {
  const registers = [registry];
  const histogram = <Label extends string>(
    name: string,
    help: string,
    buckets: number[],
    labelNames: readonly Label[],
  ): Histogram<Label> => new Histogram({ name, help, buckets, labelNames, registers });

  const requests = histogram(
    'podreach_http_request_duration_seconds',
    'Requests until the last byte was sent, by route',
    REQUEST_BUCKETS,
    ['method', 'route', 'status'],
  );
  const questions = histogram(
    'podreach_question_duration_seconds',
    'Questions that were asked of an index (answers from the cache are none), waiting included',
    QUESTION_BUCKETS,
    ['kind', 'outcome'],
  );
  const opened = histogram(
    'podreach_index_open_duration_seconds',
    'Indexes that were not in memory: loaded as stored, compiled by the thread, or here',
    WORK_BUCKETS,
    ['from'],
  );
  const ingests = histogram(
    'podreach_ingest_duration_seconds',
    'Uploads from their first byte to the stored and compiled snapshot',
    WORK_BUCKETS,
    ['outcome'],
  );
  const phases = histogram(
    'podreach_ingest_phase_duration_seconds',
    'Parts of taking in that ended well',
    WORK_BUCKETS,
    ['phase'],
  );
  const compiles = histogram(
    'podreach_compile_duration_seconds',
    'Snapshots that were compiled: with their upload, by the thread, or here',
    WORK_BUCKETS,
    ['where'],
  );
  const shed = new Counter({
    name: 'podreach_questions_shed_total',
    help: 'Questions refused because the event loop was late',
    registers,
  });
  return { requests, questions, opened, ingests, phases, compiles, shed };
}

/** Counts every request of `app`, and shows what was counted at `/metrics`. */
export function addMetrics(
  app: FastifyInstance,
  { podreach, basePath }: RouteService,
  metrics: Metrics,
): void {
  app.addHook('onResponse', (request, reply, done) => {
    metrics.requestEnded({
      method: request.method,
      route: request.routeOptions.url ?? 'none',
      status: reply.statusCode,
      tookMs: reply.elapsedTime,
    });
    done();
  });
  app.get(
    `${basePath}/metrics`,
    {
      schema: {
        summary: 'what is counted, for Prometheus',
        tags: ['service'],
        response: responses({
          200: {
            description: 'metrics',
            content: { 'text/plain': { schema: { type: 'string' } } },
          },
        }),
      },
    },
    async (request, reply) =>
      reply
        .header('cache-control', 'no-store')
        .type(metrics.mediaType)
        .send(await metrics.text(podreach, viewerOf(request))),
  );
}

function addUsage(registry: Registry, podreach: Podreach): void {
  const usage = podreach.usage();
  const gauge = (name: string, help: string, labelNames: string[] = []): Gauge =>
    new Gauge({ name, help, labelNames, registers: [registry] });
  const counter = (name: string, help: string, value: number): void => {
    new Counter({ name, help, registers: [registry] }).inc(value);
  };
  const addCache = (name: string, what: string, { bytes, hits, misses }: CacheUsage): void => {
    gauge(`podreach_${name}_cache_bytes`, `Bytes of ${what} in memory`).set(bytes);
    counter(`podreach_${name}_cache_hits_total`, `Times that ${what} were in memory`, hits);
    counter(`podreach_${name}_cache_misses_total`, `Times that ${what} had to be made`, misses);
  };
  addCache('index', 'compiled snapshots', usage.indexCache);
  addCache('answer', 'answers', usage.answerCache);
  const queues: Readonly<Record<string, QueueUsage | undefined>> = {
    questions: usage.questions,
    ingests: usage.ingests,
    compiles: usage.compiles,
  };
  for (const [name, queue] of Object.entries(queues)) {
    if (queue === undefined) continue;
    gauge(`podreach_${name}_running`, `${name} at the moment`).set(queue.running);
    gauge(`podreach_${name}_waiting`, `${name} that wait at the moment`).set(queue.waiting);
  }
}

/** What is told of clusters of one scrape. */
interface Ages {
  readonly podreach: Podreach;
  readonly viewer: Viewer;
  readonly clusterNames: boolean;
}

/** A snapshot is as old as the last upload that found the cluster like it. */
async function addAges(
  registry: Registry,
  { podreach, viewer, clusterNames }: Ages,
): Promise<void> {
  const { items } = await podreach.clusters(viewer, { limit: HTTP_LIMITS.metricsClustersMax });
  const now = Date.now();
  const ageOf = ({ lastSeenAt }: ClusterInfo): number =>
    (now - new Date(lastSeenAt).getTime()) / SECOND_MS;
  const ages = new Gauge({
    name: 'podreach_snapshot_age_seconds',
    help: clusterNames
      ? 'Since the objects of the latest snapshot were read in the cluster'
      : 'The same of the cluster of which it is longest ago',
    labelNames: clusterNames ? ['cluster'] : [],
    registers: [registry],
  });
  if (clusterNames)
    for (const cluster of items) ages.set({ cluster: cluster.name }, ageOf(cluster));
  else if (0 < items.length) ages.set(Math.max(...items.map(ageOf)));
}
