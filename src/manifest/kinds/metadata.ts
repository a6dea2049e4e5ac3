import { addFault, child, flagOf, isAbsent, itemsOf, objectOf, textMapOf } from '../fields.ts';
import { textOf } from '../fields.ts';
import type { Field } from '../fields.ts';
import { LastDecoded } from '../last-decoded.ts';
import { isDnsLabel, isDnsSubdomain } from '../names.ts';
import type { KeepTree } from '../read-item.ts';
import type { Labels } from '../../model/selector.ts';

/** What is kept of every object's metadata; annotations and managed fields never are. */
export const METADATA = {
  name: true,
  generateName: true,
  namespace: true,
  uid: true,
  resourceVersion: true,
  labels: true,
  deletionTimestamp: true,
  ownerReferences: { apiVersion: true, kind: true, name: true, uid: true, controller: true },
} as const satisfies KeepTree;

/** The controller of an object. */
export interface Owner {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid?: string;
}

/** What every kind has. */
export interface Metadata {
  /** Undefined: missing or not a name, with a fault. */
  readonly name: string | undefined;
  /** Undefined: not given; see `namespaceUnreadable`. */
  readonly namespace: string | undefined;
  /** A namespace was given that cannot be one; there is a fault. */
  readonly namespaceUnreadable: boolean;
  readonly uid: string | undefined;
  /** Decimal digits; undefined when absent or not comparable. */
  readonly resourceVersion: string | undefined;
  readonly labels: Labels;
  readonly terminating: boolean;
  readonly owner: Owner | undefined;
}

const lastLabels = new LastDecoded<Labels>();
const lastOwner = new LastDecoded<Owner | undefined>();

/** Decodes `metadata` of the object at `root`. */
export function decodeMetadata(root: Field): Metadata {
  const metadata = child(root, 'metadata');
  const labels = child(metadata, 'labels');
  const owners = child(metadata, 'ownerReferences');
  const { namespace, unreadable } = decodeNamespaceName(metadata);
  return {
    name: decodeName(metadata),
    namespace,
    namespaceUnreadable: unreadable,
    uid: opaqueText(child(metadata, 'uid')),
    resourceVersion: resourceVersionOf(child(metadata, 'resourceVersion')),
    labels: lastLabels.of([labels], () => textMapOf(labels)),
    terminating: !isAbsent(child(metadata, 'deletionTimestamp')),
    owner: lastOwner.of([owners], () => decodeOwner(owners)),
  };
}

function decodeName(metadata: Field): string | undefined {
  const field = child(metadata, 'name');
  const before = field.faults.length;
  const given = textOf(field);
  // `kubectl create` accepts a prefix instead; the server would append what nobody can know.
  const name = given ?? textOf(child(metadata, 'generateName'))?.replace(/[-.]+$/, '');
  if (before < field.faults.length) return undefined;
  if (name === undefined || name === '') {
    addFault(field, 'the object has no name');
    return undefined;
  }
  if (isDnsSubdomain(name)) return name;
  addFault(field, `\`${name}\` is not a name: at most 253 of \`a-z\`, \`0-9\`, \`-\` and \`.\``);
  return undefined;
}

function decodeNamespaceName(metadata: Field): {
  readonly namespace: string | undefined;
  readonly unreadable: boolean;
} {
  // Of metadata that is no map nothing can be told, least of all that it names no namespace.
  if (!isAbsent(metadata) && objectOf(metadata) === undefined) {
    return { namespace: undefined, unreadable: true };
  }
  const field = child(metadata, 'namespace');
  const namespace = textOf(field);
  if (namespace === undefined) return { namespace, unreadable: !isAbsent(field) };
  if (namespace === '') return { namespace: undefined, unreadable: false };
  if (isDnsLabel(namespace)) return { namespace, unreadable: false };
  addFault(
    field,
    `\`${namespace}\` cannot be a namespace: at most 63 of \`a-z\`, \`0-9\` and \`-\``,
  );
  return { namespace: undefined, unreadable: true };
}

/** Unlike other texts, anything that is not one is as good as absent: nothing depends on it. */
function opaqueText({ value }: Field): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function resourceVersionOf({ value }: Field): string | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  return typeof text === 'string' && /^\d{1,30}$/.test(text) ? text : undefined;
}

function decodeOwner(field: Field): Owner | undefined {
  const controller = itemsOf(field).find((item) => flagOf(child(item, 'controller')) === true);
  if (controller === undefined) return undefined;
  const apiVersion = textOf(child(controller, 'apiVersion')) ?? '';
  const kind = textOf(child(controller, 'kind')) ?? '';
  const name = textOf(child(controller, 'name')) ?? '';
  const uid = opaqueText(child(controller, 'uid'));
  if (kind === '' || name === '') {
    addFault(controller, 'the owner has no kind or no name');
    return undefined;
  }
  return { apiVersion, kind, name, ...(uid === undefined ? {} : { uid }) };
}
