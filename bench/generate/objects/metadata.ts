import type { Detail, JsonObject, LabelMap } from '../kube-object.ts';
import { hashText } from '../random.ts';

/** When everything in a generated cluster was made: a fixed time, like everything here. */
export const CREATED = '2026-03-02T09:14:51Z';

/** What metadata of an object is made from. */
export interface Naming {
  readonly name: string;
  readonly generateName?: string;
  readonly namespace?: string;
  readonly uid: string;
  readonly seed: number;
  readonly labels?: LabelMap;
  readonly annotations?: LabelMap;
  readonly owner?: JsonObject;
  readonly terminating?: boolean;
  /** Only written with the detail `managed`. */
  readonly managedFields?: readonly JsonObject[];
}

/** `metadata`, in the order of the API's struct, without what `detail` leaves out. */
export function metadataOf(naming: Naming, detail: Detail): JsonObject & { readonly name: string } {
  const { name, generateName, namespace, uid, seed, labels, annotations, owner } = naming;
  const full = detail !== 'kept';
  return {
    name,
    ...(generateName === undefined ? {} : { generateName }),
    ...(namespace === undefined ? {} : { namespace }),
    uid,
    resourceVersion: String(1_000_000 + (hashText(uid, seed) % 90_000_000)),
    ...(full ? { creationTimestamp: CREATED } : {}),
    ...(naming.terminating === true ? { deletionTimestamp: CREATED } : {}),
    ...(labels === undefined ? {} : { labels }),
    ...(full && annotations !== undefined ? { annotations } : {}),
    ...(owner === undefined ? {} : { ownerReferences: [owner] }),
    ...(detail === 'managed' ? { managedFields: naming.managedFields ?? [updateOf()] } : {}),
  };
}

/** One entry of `managedFields`. */
export function managedBy(manager: string, fieldsV1: JsonObject, subresource?: string): JsonObject {
  return {
    manager,
    operation: 'Update',
    apiVersion: 'v1',
    time: CREATED,
    fieldsType: 'FieldsV1',
    fieldsV1,
    ...(subresource === undefined ? {} : { subresource }),
  };
}

function updateOf(): JsonObject {
  return managedBy('kubectl-client-side-apply', {
    'f:metadata': { 'f:labels': { '.': {} }, 'f:annotations': { '.': {} } },
    'f:spec': {},
  });
}
