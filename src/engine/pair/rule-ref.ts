import type { RuleRef } from '../../model/answer.ts';
import { rulePointer } from '../../model/policy.ts';
import type { Direction, ObjectRef, Policy } from '../../model/policy.ts';
import type { Provenance, Snapshot } from '../../model/snapshot.ts';

/** Where policies were written, by object. */
export type ProvenanceMap = ReadonlyMap<string, Provenance>;

/** Indexes the provenance of `snapshot`. */
export function provenanceOf(snapshot: Snapshot): ProvenanceMap {
  return new Map(snapshot.provenance.map((entry) => [objectKey(entry.object), entry]));
}

/** File and line of a policy as far as they are known. */
export function locate(
  provenance: ProvenanceMap,
  policy: Policy,
  pointer?: string,
): { file?: string; line?: number } {
  const entry = provenance.get(objectKey(policy.ref));
  if (entry === undefined) return {};
  const line = pointer === undefined ? entry.line : (lineAt(entry, pointer) ?? entry.line);
  return {
    ...(entry.file === undefined ? {} : { file: entry.file }),
    ...(line === undefined ? {} : { line }),
  };
}

/** A rule, or one peer of it, as callers see it. */
export function ruleRef(
  provenance: ProvenanceMap,
  policy: Policy,
  direction: Direction,
  rule: number,
  peer?: number,
): RuleRef {
  const pointer = rulePointer(direction, rule, peer);
  return {
    policy: policy.ref,
    direction,
    pointer,
    index: rule,
    ...locate(provenance, policy, pointer),
  };
}

/** The line of `pointer`, or of the nearest thing around it. */
function lineAt({ lines }: Provenance, pointer: string): number | undefined {
  const known = new Map(lines);
  let at = pointer;
  while (at !== '') {
    const line = known.get(at);
    if (line !== undefined) return line;
    at = at.slice(0, at.lastIndexOf('/'));
  }
  return undefined;
}

function objectKey({ apiVersion, kind, namespace, name }: ObjectRef): string {
  return [apiVersion, kind, namespace ?? '', name].join(' ');
}
