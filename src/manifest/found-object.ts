import { hasErrors } from './fields.ts';
import type { Field } from './fields.ts';
import type { Metadata } from './kinds/metadata.ts';
import type { LabelCheck } from './label-limits.ts';
import { placeOf } from './place-of.ts';
import { problemsOf } from './problems.ts';
import type { ReadItem } from './read-item.ts';
import type { Faulty, Version } from './versions.ts';
import type { ObjectRef } from '../model/policy.ts';

/** An object of a known kind, before the rest of it is decoded. */
export interface FoundObject {
  readonly item: Extract<ReadItem, { type: 'object' }>;
  readonly root: Field;
  readonly metadata: Metadata;
  readonly ref: ObjectRef;
  readonly labels: LabelCheck;
}

/** What was decoded of an object, as one of its versions. Reads the faults, so call it when all of the object is decoded. */
export function versionOf<Content extends object>(
  found: FoundObject,
  content: Content,
): Version<Content & Faulty> {
  const { item, root, metadata, ref } = found;
  return {
    ref,
    resourceVersion: metadata.resourceVersion,
    // Made a moment ago, for this; a copy of each of a hundred thousand costs more than the rest.
    content: Object.assign(content, { faulty: hasErrors(root.faults) }),
    problems: problemsOf({ ref, from: item.from }, root.faults, 'INVALID_OBJECT'),
    from: placeOf(item.from),
  };
}
