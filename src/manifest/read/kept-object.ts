import { emptyRawObject } from '../raw-object.ts';
import type { KeepTree, RawObject } from '../read-item.ts';
import type { ObjectIdentity, ReadContext } from './report.ts';

/** What names an object. */
export const IDENTITY_KEEP: KeepTree = { metadata: { name: true, namespace: true } };
/** What tells of a list whether it is all there. */
export const LIST_KEEP: KeepTree = { metadata: { continue: true, remainingItemCount: true } };

/** What is kept beneath `key`; undefined when nothing is. */
export function keepOf(keep: KeepTree, key: string): KeepTree | undefined {
  if (keep === true) return true;
  return Object.hasOwn(keep, key) ? keep[key] : undefined;
}

/** Whether a list says that more follows: it is one page of an answer of the API. */
export function isTruncated(list: RawObject): boolean {
  const { metadata } = list;
  if (typeof metadata !== 'object' || metadata === null) return false;
  const { continue: token, remainingItemCount } = metadata as RawObject;
  const remaining = remainingItemCount ?? 0;
  if (remaining !== 0) return true;
  return token !== undefined && token !== null && token !== '';
}

/** The value without `apiVersion` and `kind`, which a keep-all tree keeps. */
export function withoutType(value: RawObject): RawObject {
  if (value['apiVersion'] === undefined && value['kind'] === undefined) return value;
  const copy: Record<string, RawObject[string]> = emptyRawObject();
  for (const key of Object.keys(value)) {
    if (key !== 'apiVersion' && key !== 'kind') copy[key] = value[key];
  }
  return copy;
}

/** `metadata.name` and `metadata.namespace` where they are strings. */
export function nameOf(value: RawObject): Omit<ObjectIdentity, 'kind'> {
  const { metadata } = value;
  if (typeof metadata !== 'object' || metadata === null) return {};
  const { name, namespace } = metadata as RawObject;
  return {
    ...(typeof name === 'string' ? { name } : {}),
    ...(typeof namespace === 'string' && namespace !== '' ? { namespace } : {}),
  };
}

/** The `file` of a place, where there is one. */
export function fileOf(context: Pick<ReadContext, 'file'>): { readonly file?: string } {
  return context.file === undefined ? {} : { file: context.file };
}
