import type { NamespaceChunk, Snapshot } from '../../src/model/snapshot.ts';

/** What is done to one namespace of a cluster, each time of another one. */
export const EDITS = ['a policy removed', 'a policy rewritten', 'a pod relabelled'] as const;
/** One of {@link EDITS}. */
export type EditKind = (typeof EDITS)[number];

/** Steps between the namespaces that edits are about. */
const STRIDE = 7;

/** `snapshot` after edit number `edit`; all other chunks are the same objects, as when they are shared. */
export function changedSnapshot(snapshot: Snapshot, kind: EditKind, edit: number): Snapshot {
  const chunks = [...snapshot.namespaces.values()].filter(
    ({ policies, pods }) => policies.length !== 0 && 1 < pods.name.length,
  );
  const chosen = chunks[(edit * STRIDE) % chunks.length];
  const donor = chunks[(edit * STRIDE + 1) % chunks.length];
  if (chosen === undefined || donor === undefined) throw new Error('no namespace to edit');
  const changed = changedChunk(chosen, donor, kind, edit);
  const namespaces = new Map(snapshot.namespaces).set(chosen.name, changed);
  return { ...snapshot, digest: `${kind} ${edit}`, namespaces };
}

function changedChunk(
  chunk: NamespaceChunk,
  donor: NamespaceChunk,
  kind: EditKind,
  edit: number,
): NamespaceChunk {
  const { policies, pods } = chunk;
  const [first, ...rest] = policies;
  const [other] = donor.policies;
  if (first === undefined || other === undefined) return chunk;
  switch (kind) {
    case 'a policy removed':
      return { ...chunk, policies: rest };
    case 'a policy rewritten': {
      const subject = { ...first.subject, pods: other.subject.pods };
      return { ...chunk, policies: [{ ...other, ref: first.ref, subject }, ...rest] };
    }
    case 'a pod relabelled': {
      const row = edit % pods.name.length;
      const shape = pods.shape.with(row, pods.shape[(row + 1) % pods.name.length] ?? 0);
      return { ...chunk, pods: { ...pods, shape } };
    }
  }
}
