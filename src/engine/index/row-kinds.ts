import { parseAddress } from '../../model/address.ts';
import { POD_CONFLICT, POD_PHASES, POD_READY, isFinished } from '../../model/snapshot.ts';
import type { NamespaceChunk } from '../../model/snapshot.ts';
import { parseIpv4Number, parseIpv6Words, wordsOfIpv6 } from './address-numbers.ts';

/** The pod is finished: it is no end of anything (semantics R2.6). */
export const ROW_FINISHED = 0;
/** The pod shares the addresses of its node (semantics R2.2). */
export const ROW_HOST = 1;
/** It has one address, an IPv4 one. */
export const ROW_IPV4 = 2;
/** Any other pod. */
export const ROW_OTHER = 3;

/** Strength of the claim of a pod that is running and ready; weaker ones are smaller. */
export const STRONGEST = 3;
/** Bits of a claim that are its strength. */
export const STRENGTH = 3;
/** Bit of a claim: it is to an IPv4 address. */
export const CLAIMS_IPV4 = 4;

/** Pods of a namespace by row, in the order of its table. */
export interface RowKinds {
  /** {@link ROW_IPV4} and the like. */
  readonly kinds: Uint8Array;
  /** How strong a claim the pod has to its addresses, and {@link CLAIMS_IPV4}. */
  readonly claims: Uint8Array;
  /** IPv4 addresses of rows that claim one. */
  readonly v4: Uint32Array;
  /** Rows that claim an IPv6 address, ascending, and four words of each, the first bits first. */
  readonly v6Rows: readonly number[];
  readonly v6: readonly number[];
  /** Whether some claim is weaker than the strongest. */
  readonly hasWeak: boolean;
}

const FINISHED = POD_PHASES.map(isFinished);
const RUNNING = POD_PHASES.indexOf('RUNNING');
/** Scratch: the words of one address. */
const WORDS = new Uint32Array(4);

/** What each pod of a namespace is, and which addresses it claims. */
export function readKinds({ pods, shapes }: NamespaceChunk): RowKinds {
  const count = pods.name.length;
  const kinds = new Uint8Array(count);
  const claims = new Uint8Array(count);
  const v4 = new Uint32Array(count);
  const v6Rows: number[] = [];
  const v6: number[] = [];
  let hasWeak = false;
  for (let row = 0; row < count; row += 1) {
    const phase = pods.phase[row] ?? 0;
    if (FINISHED[phase] === true) continue;
    if (shapes[pods.shape[row] ?? -1]?.hostNetwork === true) {
      kinds[row] = ROW_HOST;
      continue;
    }
    const flags = pods.flags[row] ?? 0;
    const strength = (phase === RUNNING ? 2 : 0) + ((flags & POD_READY) === 0 ? 0 : 1);
    claims[row] = strength;
    hasWeak ||= strength < STRONGEST;
    kinds[row] = ROW_OTHER;
    const addresses = pods.addresses[row] ?? [];
    for (const text of addresses) {
      const number = parseIpv4Number(text);
      if (number < 0) {
        if (!wordsOf(text)) continue;
        v6Rows.push(row);
        v6.push(WORDS[0]!, WORDS[1]!, WORDS[2]!, WORDS[3]!);
        continue;
      }
      v4[row] = number;
      claims[row] = strength | CLAIMS_IPV4;
      // Which address a pod in two versions has is not known.
      if (addresses.length === 1 && (flags & POD_CONFLICT) === 0) kinds[row] = ROW_IPV4;
    }
  }
  return { kinds, claims, v4, v6Rows, v6, hasWeak };
}

/** Writes the IPv6 address that `text` names to the scratch; false when it is none. */
function wordsOf(text: string): boolean {
  if (parseIpv6Words(text, WORDS)) return true;
  const address = parseAddress(text);
  if (address?.family !== 6) return false;
  wordsOfIpv6(address.value, WORDS);
  return true;
}
