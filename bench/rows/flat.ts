import { buildModelView } from '../../src/engine/model-view.ts';
import type { ModelView } from '../../src/engine/model-view.ts';
import { compileFlat } from '../../src/engine/index/flat-compile.ts';
import type { BenchContext } from '../harness/context.ts';

/** Flat arrays as a compile makes them. */
export type Flat = ReturnType<typeof compileFlat>;

/** The view of the realistic cluster. */
export function viewOf(context: BenchContext): Promise<ModelView> {
  return context.once('view', async () => buildModelView(await context.snapshot()));
}

/** The flat arrays of the realistic cluster. */
export async function flatOf(context: BenchContext): Promise<Flat> {
  const view = await viewOf(context);
  return context.once('flat', () => compileFlat(view));
}

/** Whether the run is smaller than the size that goals are about. */
export function isSmall({ spec }: BenchContext): boolean {
  return spec.pods < 100_000;
}
