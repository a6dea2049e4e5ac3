import { SpanKind, SpanStatusCode, context, propagation, trace } from '@opentelemetry/api';
import type { Attributes, Context, Span, Tracer } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { defaultResource, detectResources, envDetector } from '@opentelemetry/resources';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Observer } from '../../service/observer.ts';
import { HTTP_LIMITS } from '../http-limits.ts';

/** Traces of one server, sent to the collector that the variables of OpenTelemetry name. */
export interface Tracing {
  /** Makes spans of what a service tells, below that of the request that caused it. */
  readonly observer: Observer;
  /** Gives every request a span, below that of the caller where it sends `traceparent`. */
  readonly addHooks: (app: FastifyInstance) => void;
  /** Sends what is left, for a moment at most; a collector that does not answer is not waited for. */
  readonly end: () => Promise<void>;
}

/** What happened, on the clock of `performance.now()`. */
interface Happened {
  readonly startMs: number;
  readonly tookMs: number;
}

/**
 * Starts to trace. Endpoint, headers, sampling and the name of the service are those of the variables
 * `OTEL_…`; a collector that fails costs spans and nothing else.
 */
export function startTracing(): Tracing {
  const resource = defaultResource()
    .merge(resourceFromAttributes({ 'service.name': 'podreach' }))
    .merge(detectResources({ detectors: [envDetector] }));
  const exporter = new OTLPTraceExporter();
  const provider = new NodeTracerProvider({
    resource,
    spanProcessors: [new BatchSpanProcessor(exporter)],
  });
  provider.register();
  const tracer = provider.getTracer('podreach');

  const tell = (name: string, { startMs, tookMs }: Happened, attributes: Attributes): void => {
    const startTime = performance.timeOrigin + startMs;
    const span = tracer.startSpan(name, { startTime, attributes });
    const outcome = attributes['podreach.outcome'];
    if (outcome === 'internal') span.setStatus({ code: SpanStatusCode.ERROR });
    span.end(startTime + tookMs);
  };
  return {
    observer: {
      questionAnswered: (event) => {
        const { kind, outcome } = event;
        tell(`question ${kind}`, event, { 'podreach.question': kind, 'podreach.outcome': outcome });
      },
      indexOpened: (event) => {
        const { from, snapshot } = event;
        const name = from === 'thread' || from === 'here' ? 'compile' : 'open index';
        tell(name, event, { 'podreach.from': from, 'podreach.snapshot': snapshot });
      },
      ingestPhase: (event) => {
        tell(`ingest ${event.phase}`, event, {});
      },
      ingestEnded: (event) => {
        const { outcome, cluster } = event;
        tell('ingest', event, { 'podreach.cluster': cluster, 'podreach.outcome': outcome });
      },
    },
    addHooks: (app) => {
      addSpans(app, tracer);
    },
    end: async () => {
      let timer: NodeJS.Timeout | undefined;
      const moment = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, HTTP_LIMITS.tracesEndMs);
      });
      await Promise.race([provider.shutdown().catch(() => undefined), moment]);
      clearTimeout(timer);
      trace.disable();
      context.disable();
      propagation.disable();
    },
  };
}

function addSpans(app: FastifyInstance, tracer: Tracer): void {
  const spans = new WeakMap<FastifyRequest, { readonly span: Span; readonly within: Context }>();
  app.addHook('onRequest', (request, _reply, done) => {
    const { method, headers, id } = request;
    const route = request.routeOptions.url;
    const caller = propagation.extract(context.active(), headers);
    const span = tracer.startSpan(
      route === undefined ? method : `${method} ${route}`,
      {
        kind: SpanKind.SERVER,
        // Without the query: refs are what it asks about.
        attributes: {
          'http.request.method': method,
          ...(route === undefined ? {} : { 'http.route': route }),
          'podreach.request_id': id,
        },
      },
      caller,
    );
    const within = trace.setSpan(caller, span);
    spans.set(request, { span, within });
    context.with(within, done);
  });
  // What reads a body goes on where the bytes came in, and that is in no request.
  app.addHook('preValidation', (request, _reply, done) => {
    context.with(spans.get(request)?.within ?? context.active(), done);
  });
  app.addHook('onResponse', (request, reply, done) => {
    const span = spans.get(request)?.span;
    span?.setAttribute('http.response.status_code', reply.statusCode);
    if (500 <= reply.statusCode) span?.setStatus({ code: SpanStatusCode.ERROR });
    span?.end();
    done();
  });
  // A caller who went away gets no response.
  app.addHook('onRequestAbort', (request, done) => {
    spans.get(request)?.span.end();
    done();
  });
}
