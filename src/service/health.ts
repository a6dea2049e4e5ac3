import { PodreachError } from '../model/errors.ts';
import type { SnapshotStore } from '../store/snapshot-store.ts';
import type { IndexCompiler } from './jobs/compile-thread.ts';
import type { IngestRunner } from './jobs/ingest-runner.ts';
import type { QueueUsage } from './usage.ts';

/** How one part is. */
export interface HealthCheck {
  readonly name: string;
  readonly passed: boolean;
  /** Whether questions cannot be answered without it. */
  readonly essential: boolean;
  /** How it is, in a few words: `812 MiB free`. */
  readonly detail?: string;
}

/** Looks at one part. */
export interface HealthProbe {
  readonly name: string;
  readonly essential: boolean;
  /** Rejects, or resolves with what there is to tell. */
  readonly look: () => Promise<string | undefined>;
}

/**
 * Looks at every part, side by side. Every reason not to be well is the same to who asks; bugs must not
 * look like one.
 */
export function checkHealth(probes: readonly HealthProbe[]): Promise<HealthCheck[]> {
  return Promise.all(
    probes.map(async ({ name, essential, look }) => {
      try {
        const detail = await look();
        return { name, essential, passed: true, ...(detail === undefined ? {} : { detail }) };
      } catch (error) {
        if (!(error instanceof PodreachError)) throw error;
        // Messages of the store can name files, and anybody may ask.
        return { name, essential, passed: false, ...(essential ? {} : { detail: error.message }) };
      }
    }),
  );
}

/** The parts of a service that can be unwell. Without its store it can answer nothing. */
export function probesOf(parts: {
  readonly store: SnapshotStore;
  readonly runner: IngestRunner;
  readonly compiler?: IndexCompiler;
  readonly probes?: readonly HealthProbe[];
}): readonly HealthProbe[] {
  const { store, runner, compiler, probes = [] } = parts;
  const nothing = (): undefined => undefined;
  return [
    { name: 'store', essential: true, look: () => store.ping().then(nothing) },
    {
      name: 'ingest',
      essential: false,
      look: async () => {
        await runner.ready?.();
        return told(runner.usage?.());
      },
    },
    {
      name: 'compiler',
      essential: false,
      look: () => Promise.resolve(told(compiler?.usage?.())),
    },
    ...probes,
  ];
}

function told(usage: QueueUsage | undefined): string | undefined {
  return usage === undefined ? undefined : `${usage.running} running, ${usage.waiting} waiting`;
}
