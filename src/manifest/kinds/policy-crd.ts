import { child, textOf } from '../fields.ts';
import type { Field } from '../fields.ts';
import type { KeepTree } from '../read-item.ts';
import type { EntryKind } from './entry/entry-content.ts';
import { ENTRY_KINDS } from './entry/entry-kinds.ts';
import { EXTENSION_KINDS } from './extension-kinds.ts';
import type { ExtensionKind } from './extension-kinds.ts';

/** What is kept of a CustomResourceDefinition: which kind it defines. */
export const CUSTOM_RESOURCE_DEFINITION_KEEP: KeepTree = {
  metadata: { name: true, uid: true, resourceVersion: true },
  spec: { group: true, names: { kind: true } },
};

/** The kind of policy that the definition at `root` adds to a cluster, if it is one. */
export function decodePolicyDefinition(root: Field): ExtensionKind | undefined {
  const spec = child(root, 'spec');
  const group = textOf(child(spec, 'group'));
  const kind = textOf(child(child(spec, 'names'), 'kind'));
  return EXTENSION_KINDS.find((known) => known.group === group && known.kind === kind);
}

/** The kind that brings traffic in which the definition at `root` adds to a cluster, if it is one. */
export function decodeEntryDefinition(root: Field): EntryKind | undefined {
  const spec = child(root, 'spec');
  const group = textOf(child(spec, 'group'));
  const kind = textOf(child(child(spec, 'names'), 'kind'));
  return ENTRY_KINDS.find(
    ({ versions: [version = ''], kind: known }) =>
      known === kind && version.startsWith(`${group ?? ''}/`),
  );
}
