import { objectsOfKind } from '../generate/cluster-objects.ts';
import type { ClusterPlan } from '../generate/plan/cluster-plan.ts';
import { prettyList, rawList } from '../generate/text/json-text.ts';
import { yamlList } from '../generate/text/yaml-text.ts';

/** A list of pods as text, and where its items are. */
export interface ListText {
  readonly bytes: Buffer;
  /** Of each item: a text of its own. */
  readonly slices: readonly (readonly [start: number, end: number])[];
}

/** The pods of a cluster as a list in `format`. */
export function podList(plan: ClusterPlan, format: 'json' | 'raw' | 'yaml'): ListText {
  const objects = objectsOfKind(plan, 'Pod', format === 'raw' ? 'managed' : 'full');
  const write = format === 'raw' ? rawList : format === 'json' ? prettyList : yamlList;
  const pieces = [...write(objects)];
  const slices: (readonly [number, number])[] = [];
  let offset = 0;
  pieces.forEach((piece, i) => {
    const length = Buffer.byteLength(piece);
    // The first piece opens the list, the last one ends it; before an item stand only its separators.
    const isItem = 0 < i && i < pieces.length - 1;
    const lead = format === 'yaml' ? 0 : piece.indexOf('{');
    if (isItem) slices.push([offset + lead, offset + length]);
    offset += length;
  });
  return { bytes: Buffer.from(pieces.join('')), slices };
}

/** Parses each item of a JSON list by itself; returns how many there are. */
export function parseItems({ bytes, slices }: ListText, count = slices.length): number {
  let parsed = 0;
  for (const [start, end] of slices.slice(0, count)) {
    if (JSON.parse(bytes.toString('utf8', start, end)) !== null) parsed += 1;
  }
  return parsed;
}

/** The first items of a list in YAML, still a list. */
export function firstItems({ bytes, slices }: ListText, count: number): string {
  const end = slices[Math.min(count, slices.length) - 1]?.[1] ?? 0;
  return bytes.toString('utf8', 0, end);
}
