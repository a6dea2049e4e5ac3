import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clusterSnapshot } from '../generate/cluster-snapshot.ts';
import { clusterSpec } from '../generate/cluster-spec.ts';
import type { ClusterSpec, Shape } from '../generate/cluster-spec.ts';
import type { ClusterPlan } from '../generate/plan/cluster-plan.ts';
import { planCluster } from '../generate/plan/plan-cluster.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';

/** What a run of the bench was asked for. */
export interface BenchOptions {
  /** Pods and policies of the realistic cluster: `100k/10k`. */
  readonly size: string;
  readonly seed: number;
  readonly pairs: number;
}

/** What rows share: clusters are made once, temporary files go when all is done. */
export class BenchContext {
  readonly options: BenchOptions;
  readonly #cleanups: (() => unknown)[] = [];
  readonly #made = new Map<string, unknown>();

  constructor(options: BenchOptions) {
    this.options = options;
  }

  get pairs(): number {
    return this.options.pairs;
  }

  /** The realistic cluster that rows are about. */
  get spec(): ClusterSpec {
    return clusterSpec({ size: this.options.size, seed: this.options.seed });
  }

  get plan(): ClusterPlan {
    return planCluster(this.spec);
  }

  /** The snapshot of the realistic cluster. */
  snapshot(): Promise<Snapshot> {
    return this.once('snapshot', () => clusterSnapshot(this.plan));
  }

  /** The plan of another cluster with the same seed. */
  planOf(shape: Shape, size?: string): ClusterPlan {
    const { seed } = this.options;
    return planCluster(clusterSpec({ shape, seed, ...(size === undefined ? {} : { size }) }));
  }

  /** What `make` gives, made when it is first asked for; equal keys must mean equal things. */
  once<Value>(key: string, make: () => Value): Value {
    // The key names the type: it is stored by this very function.
    if (this.#made.has(key)) return this.#made.get(key) as Value;
    const value = make();
    this.#made.set(key, value);
    return value;
  }

  /** Forgets what `once` made, but for `kept`, so that it does not stay in memory. */
  forgetAllBut(kept: readonly string[]): void {
    for (const key of this.#made.keys()) if (!kept.includes(key)) this.#made.delete(key);
  }

  /** A folder for temporary files. */
  folder(): Promise<string> {
    return this.once('folder', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'podreach-bench-'));
      this.onEnd(() => rm(folder, { recursive: true, force: true }));
      return folder;
    });
  }

  /** Calls `cleanup` when all rows are done, the last one first. */
  onEnd(cleanup: () => unknown): void {
    this.#cleanups.unshift(cleanup);
  }

  async end(): Promise<void> {
    for (const cleanup of this.#cleanups.splice(0)) await cleanup();
  }
}
