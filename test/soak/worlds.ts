import fc from 'fast-check';
import { WORDS, groupsOf } from '../engine/agreement-lists.ts';
import { decide } from '../engine/oracle.ts';
import type { Question } from '../engine/oracle.ts';
import { snapshotOf } from '../support/cluster.ts';
import type { KubeObject } from '../support/kube-objects.ts';
import { endsOf } from '../support/matrix.ts';
import { worlds } from '../support/worlds.ts';

/** Numbers from 0 to below 1. */
export type Random = () => number;

/** A small random cluster as it is sent, and what the oracle says of it. */
export interface SoakWorld {
  readonly number: number;
  readonly body: string;
  /** What its snapshot has, whoever reads it. */
  readonly digest: string;
  /** A question that can be asked, and the verdict that is right. */
  readonly question: (random: Random) => SoakQuestion;
  /** Something to ask lists about. */
  readonly ref: (random: Random) => string;
}

/** A question of `paths` and its answer. */
export interface SoakQuestion {
  readonly from: string;
  readonly to: string;
  readonly port: string;
  readonly verdict: string;
}

const PORTS = [1, 53, 80, 81, 443, 8080];
const PROTOCOLS = ['TCP', 'UDP', 'SCTP'];

/** `count` different worlds, the same ones for the same seed. */
export async function soakWorlds(seed: number, count: number): Promise<readonly SoakWorld[]> {
  const found = new Map<string, SoakWorld>();
  for (const objects of fc.sample(worlds(), { seed, numRuns: count * 2 })) {
    if (found.size === count) break;
    if (endsOf(objects).length < 3) continue;
    const { digest } = await snapshotOf(objects);
    if (!found.has(digest)) found.set(digest, worldOf(objects, found.size, digest));
  }
  return [...found.values()];
}

/** A number as random as its seed (mulberry32). */
export function randomOf(seed: number): Random {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** One of `values`. */
export function pick<Value>(random: Random, values: readonly Value[]): Value {
  const value = values[Math.floor(random() * values.length)];
  if (value === undefined) throw new RangeError('nothing to pick from');
  return value;
}

function worldOf(objects: readonly KubeObject[], number: number, digest: string): SoakWorld {
  const ends = endsOf(objects);
  const targets: readonly { readonly ref: string; readonly oracle: Question['to'] }[] = [
    ...ends,
    ...groupsOf(objects),
  ];
  return {
    number,
    digest,
    body: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }),
    ref: (random) => pick(random, ends).ref,
    question: (random) => {
      const from = pick(random, ends);
      const to = pick(random, targets);
      const protocol = pick(random, PROTOCOLS);
      const port = pick(random, PORTS);
      const truth = decide({ objects }, { from: from.oracle, to: to.oracle, protocol, port });
      const verdict = WORDS.get(truth.verdict) ?? `the oracle says ${truth.verdict}`;
      return { from: from.ref, to: to.ref, port: `${protocol.toLowerCase()}/${port}`, verdict };
    },
  };
}
