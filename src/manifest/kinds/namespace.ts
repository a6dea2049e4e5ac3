import { addFault, child, isAbsent, textOf } from '../fields.ts';
import type { Field } from '../fields.ts';
import type { KeepTree } from '../read-item.ts';
import { NAMESPACE_NAME_LABEL } from '../../model/selector.ts';
import type { Labels } from '../../model/selector.ts';
import { METADATA } from './metadata.ts';
import type { Metadata } from './metadata.ts';

/** The annotation by which clusters before 1.7 isolated a namespace. */
const LEGACY_ISOLATION = 'net.beta.kubernetes.io/network-policy';

/** What is kept of a Namespace. */
export const NAMESPACE_KEEP: KeepTree = {
  metadata: { ...METADATA, annotations: { [LEGACY_ISOLATION]: true } },
  status: { phase: true },
};

/** A Namespace object. */
export interface NamespaceObject {
  /** With `kubernetes.io/metadata.name` (semantics R1.30). */
  readonly labels: Labels;
  readonly terminating: boolean;
}

/** Decodes a Namespace named `name`. */
export function decodeNamespace(root: Field, metadata: Metadata, name: string): NamespaceObject {
  const annotation = child(child(child(root, 'metadata'), 'annotations'), LEGACY_ISOLATION);
  if (!isAbsent(annotation)) {
    const message =
      'the annotation does nothing: clusters since 1.7 isolate pods by NetworkPolicy only';
    addFault(annotation, message, { severity: 'warning', code: 'LEGACY_ANNOTATION' });
  }
  const written = metadata.labels.get(NAMESPACE_NAME_LABEL);
  if (written !== undefined && written !== name) {
    const message = `the API server replaces the value \`${written}\` by \`${name}\``;
    addFault(child(child(root, 'metadata'), 'labels'), `${NAMESPACE_NAME_LABEL}: ${message}`, {
      severity: 'warning',
      code: 'LABEL_REPLACED',
    });
  }
  const phase = textOf(child(child(root, 'status'), 'phase'));
  return {
    labels: namespaceLabels(name, metadata.labels),
    terminating: metadata.terminating || phase === 'Terminating',
  };
}

/** `labels`, sorted by key, with the label that the API server keeps on every namespace. */
export function namespaceLabels(name: string, labels: Labels): Labels {
  const entries = [...labels].filter(([key]) => key !== NAMESPACE_NAME_LABEL);
  entries.push([NAMESPACE_NAME_LABEL, name]);
  return new Map(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
