import { addFault, child, textOf } from '../../fields.ts';
import type { Field } from '../../fields.ts';
import type { KeepTree } from '../../read-item.ts';
import { METADATA } from '../metadata.ts';
import type { EntryContent } from './entry-content.ts';

const DEFAULT_ANNOTATION = 'ingressclass.kubernetes.io/is-default-class';

/** What is kept of an IngressClass. */
export const INGRESS_CLASS_KEEP: KeepTree = {
  metadata: { ...METADATA, annotations: { [DEFAULT_ANNOTATION]: true } },
  spec: { controller: true },
};

/** What is kept of a GatewayClass. */
export const GATEWAY_CLASS_KEEP: KeepTree = {
  metadata: METADATA,
  spec: { controllerName: true },
};

/** Decodes an IngressClass. */
export function decodeIngressClass(root: Field): EntryContent {
  const annotations = child(child(root, 'metadata'), 'annotations');
  const isDefault = textOf(child(annotations, DEFAULT_ANNOTATION)) === 'true';
  const controller = controllerAt(child(child(root, 'spec'), 'controller'));
  return { type: 'class', kind: 'IngressClass', controller, isDefault };
}

/** Decodes a GatewayClass. */
export function decodeGatewayClass(root: Field): EntryContent {
  const controller = controllerAt(child(child(root, 'spec'), 'controllerName'));
  return { type: 'class', kind: 'GatewayClass', controller, isDefault: false };
}

function controllerAt(field: Field): string {
  const controller = textOf(field) ?? '';
  if (controller === '') addFault(field, 'a class names its controller');
  return controller;
}
