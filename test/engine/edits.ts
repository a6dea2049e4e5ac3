import fc from 'fast-check';
import type { KubeObject } from '../support/kube-objects.ts';

/*
 * What people do to a cluster between two looks at it, one object at a time.
 */

/** One edit; numbers pick what it is about. */
export interface Edit {
  readonly kind: 'remove' | 'add' | 'rewrite' | 'relabel' | 'reshape' | 'move' | 'scale';
  readonly at: number;
  readonly from: number;
}

/** Edits in a row. */
export function edits(most: number): fc.Arbitrary<readonly Edit[]> {
  const kind = fc.constantFrom<Edit['kind'][]>(
    'remove',
    'add',
    'add',
    'rewrite',
    'rewrite',
    'relabel',
    'relabel',
    'reshape',
    'move',
    'scale',
  );
  return fc.array(fc.record({ kind, at: fc.nat(1000), from: fc.nat(1000) }), {
    minLength: 1,
    maxLength: most,
  });
}

/** `objects` after `edit`; `donors` are where new policies, labels and ports come from. */
export function edited(
  objects: readonly KubeObject[],
  donors: readonly KubeObject[],
  { kind, at, from }: Edit,
  turn: number,
): readonly KubeObject[] {
  const policy = pick(objects, 'NetworkPolicy', at);
  const donor = pick(donors, 'NetworkPolicy', from);
  const pod = pick(objects, 'Pod', at);
  const other = pick(donors, 'Pod', from) ?? pod;
  const exchange = (old: KubeObject | undefined, next: KubeObject): readonly KubeObject[] =>
    objects.map((one) => (one === old ? next : one));
  switch (kind) {
    case 'remove':
      return objects.filter((one) => one !== policy);
    case 'add': {
      if (donor === undefined) return objects;
      const { namespace } = (pod ?? donor).metadata;
      const metadata = { ...donor.metadata, namespace, name: `added-${turn}` };
      return [...objects, { ...donor, metadata }];
    }
    case 'rewrite':
      if (policy === undefined || donor?.spec === undefined) return objects;
      return exchange(policy, { ...policy, spec: donor.spec });
    case 'relabel':
      if (pod === undefined || other === undefined) return objects;
      return exchange(pod, {
        ...pod,
        metadata: { ...pod.metadata, labels: other.metadata.labels ?? {} },
      });
    case 'reshape':
      if (pod?.spec === undefined || other?.spec === undefined) return objects;
      return exchange(pod, {
        ...pod,
        spec: {
          ...pod.spec,
          containers: other.spec.containers ?? [],
          initContainers: other.spec.initContainers ?? [],
        },
      });
    case 'move':
      if (pod === undefined || other?.status === undefined) return objects;
      return exchange(pod, { ...pod, status: other.status });
    case 'scale':
      return objects.filter((one) => one !== pod);
  }
}

function pick(objects: readonly KubeObject[], kind: string, at: number): KubeObject | undefined {
  const all = objects.filter((one) => one.kind === kind);
  return all[at % Math.max(1, all.length)];
}
