import type { Family } from '../../model/address.ts';
import type { ReachIndex } from '../reach-index.ts';
import type { PortView } from './case-result.ts';

/** Whether a pod's own node is like any other to it, as a destination. */
export function isLikeAnyNode({ options }: ReachIndex): boolean {
  return options.localNode !== 'both';
}

/** Whether the asked ports are a destination's own, and nothing else is to be said of it. */
export function isPlain(ports: PortView): boolean {
  return (
    ports.service === undefined &&
    ports.clients === undefined &&
    ports.rivals === undefined &&
    ports.masquerade !== true &&
    (ports.doubts === undefined || ports.doubts.length === 0)
  );
}

/** Families both have; undefined when the addresses of one are not known. */
export function sharedFamilies(
  a: readonly Family[] | 'unknown',
  b: readonly Family[] | 'unknown',
): readonly Family[] | undefined {
  if (a === 'unknown' || b === 'unknown') return undefined;
  return a === b ? a : a.filter((family) => b.includes(family));
}
