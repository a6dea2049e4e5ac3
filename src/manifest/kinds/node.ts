import { child, itemsOf, textOf } from '../fields.ts';
import type { Field } from '../fields.ts';
import type { KeepTree } from '../read-item.ts';
import type { Labels } from '../../model/selector.ts';
import { addressesAt, cidrsAt } from './addresses.ts';
import { METADATA } from './metadata.ts';
import type { Metadata } from './metadata.ts';

/** What is kept of a Node. */
export const NODE_KEEP: KeepTree = {
  metadata: METADATA,
  spec: { podCIDR: true, podCIDRs: true },
  status: { addresses: { type: true, address: true } },
};

/** A Node object. */
export interface NodeObject {
  readonly labels: Labels;
  readonly addresses: readonly string[];
  readonly podCIDRs: readonly string[];
}

/** Decodes a Node; host names among its addresses are left out. */
export function decodeNode(root: Field, { labels }: Metadata): NodeObject {
  const listed = itemsOf(child(child(root, 'status'), 'addresses')).filter((item) =>
    ['InternalIP', 'ExternalIP'].includes(textOf(child(item, 'type')) ?? ''),
  );
  const spec = child(root, 'spec');
  const many = itemsOf(child(spec, 'podCIDRs'));
  return {
    labels,
    addresses: addressesAt(listed.map((item) => child(item, 'address'))).sort(),
    podCIDRs: cidrsAt(many.length === 0 ? [child(spec, 'podCIDR')] : many),
  };
}
