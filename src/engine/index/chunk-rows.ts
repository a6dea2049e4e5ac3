import type { NamespaceChunk } from '../../model/snapshot.ts';
import { workloadTypes } from '../refs/workload-types.ts';
import { csrOf } from './csr.ts';
import { ROW_HOST } from './row-kinds.ts';

/** Rows by workload of one namespace: pods by their row in it, workloads in the order of their keys. */
export interface ChunkRows {
  /** By pod: its workload's place, -1 for pods that stand in no row. */
  readonly rowOf: Int32Array;
  /** Pods of workload `i`, ascending: `pods` from `start[i]` to before `start[i + 1]`. */
  readonly start: Int32Array;
  readonly pods: Int32Array;
  /** Keys as UTF-8, one after the other; key `i` ends before byte `keyStart[i + 1]`. */
  readonly keys: Uint8Array;
  readonly keyStart: Int32Array;
}

const ENCODER = new TextEncoder();

/** Sorts the pods of `chunk` that stand for themselves into workloads; one without an owner is its own. */
export function layOutRows(chunk: NamespaceChunk, kinds: Uint8Array): ChunkRows {
  const { pods, workloads } = chunk;
  const drafts = new Map<string, number>();
  const draftOf = (key: string): number => {
    const known = drafts.get(key);
    if (known !== undefined) return known;
    drafts.set(key, drafts.size);
    return drafts.size - 1;
  };
  const types = workloadTypes(workloads);
  const ofWorkload = new Int32Array(workloads.length).fill(-1);
  const draft = new Int32Array(kinds.length).fill(-1);
  for (let row = 0; row < kinds.length; row += 1) {
    if (kinds[row]! <= ROW_HOST) continue;
    const owner = pods.workload[row] ?? -1;
    const workload = workloads[owner];
    if (workload === undefined) {
      draft[row] = draftOf(`${chunk.name}/pod/${pods.name[row] ?? ''}`);
      continue;
    }
    if (ofWorkload[owner]! < 0) {
      ofWorkload[owner] = draftOf(`${chunk.name}/${types[owner] ?? ''}/${workload.name}`);
    }
    draft[row] = ofWorkload[owner]!;
  }
  const keys = [...drafts.keys()].sort();
  const place = new Int32Array(keys.length);
  for (let i = 0; i < keys.length; i += 1) place[drafts.get(keys[i]!)!] = i;
  const rowOf = draft.map((one) => (one < 0 ? -1 : place[one]!));
  const byRow = csrOf(keys.length, rowOf);
  return { rowOf, start: byRow.start, pods: byRow.items, ...encodeKeys(keys) };
}

function encodeKeys(texts: readonly string[]): Pick<ChunkRows, 'keys' | 'keyStart'> {
  const keys = ENCODER.encode(texts.join(''));
  const keyStart = new Int32Array(texts.length + 1);
  let end = 0;
  for (let i = 0; i < texts.length; i += 1) {
    end += texts[i]!.length;
    keyStart[i + 1] = end;
  }
  if (end === keys.length) return { keys, keyStart };
  // Some key is not plain ASCII.
  for (let i = 0; i < texts.length; i += 1) {
    keyStart[i + 1] = keyStart[i]! + ENCODER.encode(texts[i]).length;
  }
  return { keys, keyStart };
}
