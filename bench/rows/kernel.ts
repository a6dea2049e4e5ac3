import type { Family } from '../../src/model/address.ts';
import type { ConnectionSet, Protocol } from '../../src/model/connection-set.ts';
import { buildModelView } from '../../src/engine/model-view.ts';
import type { ModelView } from '../../src/engine/model-view.ts';
import type { PartyId } from '../../src/engine/party.ts';
import type { BenchContext } from '../harness/context.ts';

/** What rows ask of a compiled flat index. */
export interface FlatIndex {
  readonly podParties: number;
  readonly partyOfPod: Int32Array;
  readonly partyPodStart: Int32Array;
  readonly partyPods: Int32Array;
  readonly counts: object;
  readonly bytes: number;
  allowed(source: PartyId, destination: PartyId, family: Family): ConnectionSet | undefined;
  canReach(
    source: PartyId,
    destination: PartyId,
    family: Family,
    protocol: Protocol,
    port: number,
  ): boolean | undefined;
  sourcesOf(party: PartyId): Int32Array;
}

/** Policies as a kernel remembers them from one compile to the next. */
export type IrCache = object;

/** The flat engine, as far as it is there. */
export interface Kernel {
  readonly compileFlat: (view: ModelView, ir?: IrCache) => FlatIndex;
  readonly newCache: () => IrCache;
  readonly countReachablePairs: ((index: FlatIndex) => number) | undefined;
  readonly save: ((index: FlatIndex) => Uint8Array) | undefined;
}

/** Why rows about the flat engine are left out. */
export const NO_KERNEL = { skipped: 'this version has no flat engine' } as const;

const FILES = {
  compile: new URL('../../src/engine/index/flat-compile.ts', import.meta.url),
  ir: new URL('../../src/engine/index/policy-ir.ts', import.meta.url),
  pairs: new URL('../../src/engine/index/count-pairs.ts', import.meta.url),
} as const;

/** The flat engine of this version; undefined when it has none. */
export function kernelOf(context: BenchContext): Promise<Kernel | undefined> {
  return context.once('kernel', async () => {
    const [compile, ir, pairs] = await Promise.all([
      exportsOf(FILES.compile),
      exportsOf(FILES.ir),
      exportsOf(FILES.pairs),
    ]);
    const Cache = ir['IrCache'] as (new () => IrCache) | undefined;
    const compileFlat = compile['compileFlat'] as Kernel['compileFlat'] | undefined;
    if (compileFlat === undefined || Cache === undefined) return undefined;
    const countReachablePairs = (pairs['countReachablePairs'] ??
      compile['countReachablePairs']) as Kernel['countReachablePairs'];
    return { compileFlat, newCache: () => new Cache(), countReachablePairs, save: undefined };
  });
}

/** The view of the realistic cluster. */
export function viewOf(context: BenchContext): Promise<ModelView> {
  return context.once('view', async () => buildModelView(await context.snapshot()));
}

/** The flat index of the realistic cluster. */
export async function flatOf(context: BenchContext, kernel: Kernel): Promise<FlatIndex> {
  const view = await viewOf(context);
  return context.once('flat', () => kernel.compileFlat(view));
}

/** What a module exports; nothing when there is no such file. */
async function exportsOf(file: URL): Promise<Readonly<Record<string, unknown>>> {
  try {
    // A border: what is exported is checked by whoever asks for it.
    return (await import(file.href)) as Readonly<Record<string, unknown>>;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND') {
      return {};
    }
    throw error;
  }
}
