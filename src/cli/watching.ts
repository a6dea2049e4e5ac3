import type { Metrics } from '../http/metrics.ts';
import type { Tracing } from '../http/tracing/tracing.ts';
import { observers } from '../service/observer.ts';
import type { Observer } from '../service/observer.ts';
import type { Settings } from './config.ts';

/** Who looks at what a server does. */
export interface Watch {
  readonly observer: Observer;
  readonly metrics: Metrics;
  /** Undefined where no collector is named. */
  readonly tracing: Tracing | undefined;
  /** Sends what is left, as far as it can be done in a moment. */
  readonly end: () => Promise<void>;
}

/** Metrics always, and traces where the variables of OpenTelemetry name a collector for them. */
export async function startWatching(
  { metricsClusterNames }: Settings,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Watch> {
  const { createMetrics } = await import('../http/metrics.ts');
  const metrics = createMetrics({ clusterNames: metricsClusterNames });
  if (!wantsTraces(environment)) {
    const end = (): Promise<void> => Promise.resolve();
    return { observer: metrics.observer, metrics, tracing: undefined, end };
  }
  // Only who wants traces waits for what makes them.
  const { startTracing } = await import('../http/tracing/tracing.ts');
  const tracing = startTracing();
  const observer = observers([metrics.observer, tracing.observer]);
  return { observer, metrics, tracing, end: tracing.end };
}

function wantsTraces(environment: Readonly<Record<string, string | undefined>>): boolean {
  const names = ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'];
  const isOff =
    environment['OTEL_SDK_DISABLED'] === 'true' || environment['OTEL_TRACES_EXPORTER'] === 'none';
  return !isOff && names.some((name) => (environment[name] ?? '') !== '');
}
