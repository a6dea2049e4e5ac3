import type { RuleRef } from '../../model/answer.ts';
import { rulePointer } from '../../model/policy.ts';
import type { Direction, ObjectRef, Policy } from '../../model/policy.ts';
import type { Provenance, Snapshot } from '../../model/snapshot.ts';

/** Where policies were written, by object. */
export interface ProvenanceMap {
  /** Undefined: nobody knows. */
  find(object: ObjectRef): Provenance | undefined;
}

/** Indexes the provenance of `snapshot`, each namespace when it is first asked for. */
export function provenanceOf(snapshot: Snapshot): ProvenanceMap {
  const indexed = new Map<string, ReadonlyMap<string, Provenance>>();
  return {
    find(object) {
      const namespace = object.namespace ?? '';
      let entries = indexed.get(namespace);
      if (entries === undefined) {
        const known = snapshot.provenance.get(namespace) ?? [];
        entries = new Map(known.map((entry) => [objectKey(entry.object), entry]));
        indexed.set(namespace, entries);
      }
      return entries.get(objectKey(object));
    },
  };
}

/** File and line of a policy as far as they are known. */
export function locate(
  provenance: ProvenanceMap,
  policy: Policy,
  pointer?: string,
): { file?: string; line?: number } {
  const entry = provenance.find(policy.ref);
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

/** Tells objects of one namespace apart. */
function objectKey({ apiVersion, kind, name }: ObjectRef): string {
  return [apiVersion, kind, name].join(' ');
}
