import type { ModelView } from '../model-view.ts';
import type { FlatIndex } from './flat-index.ts';
import type { IrCache } from './policy-ir.ts';

/** What a flat compile reads of a view. */
export type FlatView = Pick<
  ModelView,
  'snapshot' | 'namespaces' | 'podStart' | 'podCount' | 'nodes' | 'nodeOf'
>;

/**
 * Compiles `view` into flat arrays, under the default dialect only (decisions 26).
 *
 * Chunks that `ir` has seen before are not read again. Deterministic: what `ir` holds changes the
 * time this takes, never the result.
 */
export function compileFlat(view: FlatView, ir?: IrCache): FlatIndex {
  throw new Error(`not yet: ${view.podCount} ${ir === undefined}`);
}
