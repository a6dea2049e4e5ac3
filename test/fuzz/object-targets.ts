import fc from 'fast-check';
import { compileClearIndex } from '../../src/engine/clear/clear-index.ts';
import { compileIndex, loadIndex, saveIndex } from '../../src/engine/compile.ts';
import { compileFlat } from '../../src/engine/index/flat-compile.ts';
import { DEFAULT_OPTIONS } from '../../src/engine/options.ts';
import { decodeNamespaceChunk, encodeNamespaceChunk } from '../../src/model/namespace-codec.ts';
import type { NamespaceChunk, Snapshot } from '../../src/model/snapshot.ts';
import { snapshotOf } from '../support/cluster.ts';
import type { KubeObject } from '../support/kube-objects.ts';
import { worlds } from '../support/worlds.ts';
import { differences, emptyTally } from '../engine/flat-compare.ts';
import { mutate, mutations } from './mutations.ts';
import type { Mutation } from './mutations.ts';
import { SEED_OBJECTS } from './seed-texts.ts';
import { demand, targetOf } from './target.ts';
import type { AnyTarget } from './target.ts';

/** What may stand where something else should. */
const HOSTILE: readonly unknown[] = [
  ...[null, true, false, 0, -0, -1, 1.5, 65_535, 65_536, 1e400, Number.MAX_SAFE_INTEGER, 2 ** 53],
  ...[
    '',
    ' ',
    'a',
    '80',
    '080',
    '65536',
    'TCP',
    'tcp',
    'SCTP',
    'constructor',
    '__proto__',
    '\u0000',
  ],
  ...[
    'x'.repeat(70),
    'x'.repeat(300),
    '\ud800',
    'ünïcode',
    '*',
    '-a',
    'a.',
    'a/b',
    'A/b',
    '/',
    'a b',
  ],
  ...[
    '10.0.0.1',
    '10.0.0.0/8',
    '10.0.0.1/8',
    '10.0.0.0/33',
    '::/0',
    '::ffff:10.0.0.0/104',
    '010.0.0.1',
  ],
  ...['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Ingress', 'Egress', 'Accept', 'Pass', 'Deny'],
  ...[[], {}, [{}], [null], [[]], { matchLabels: {} }, { matchLabels: { constructor: 'a' } }],
  { matchExpressions: [{ key: 'a', operator: 'In', values: [] }] },
  { ipBlock: { cidr: '10.0.0.0/8', except: ['10.0.0.0/8'] } },
  { port: 1, endPort: 0 },
  Array.from({ length: 50 }, (_, i) => ({ port: i })),
];

/** A change of one value of an object: the member of a number, counted over all that it has. */
interface Edit {
  readonly member: number;
  readonly kind: 'replace' | 'remove' | 'double';
  readonly value: unknown;
}

const edits = fc.array(
  fc.record({
    member: fc.nat({ max: 10_000 }),
    kind: fc.constantFrom<Edit['kind']>('replace', 'replace', 'replace', 'remove', 'double'),
    value: fc.oneof(
      { weight: 8, arbitrary: fc.constantFrom(...HOSTILE) },
      fc.jsonValue({ maxDepth: 3 }),
    ),
  }),
  { minLength: 1, maxLength: 3 },
);

/** A few objects with a few of their values exchanged; names and kinds stay, or nothing is decoded. */
const damagedObjects = fc
  .array(fc.tuple(fc.constantFrom(...SEED_OBJECTS), edits), { minLength: 1, maxLength: 4 })
  .map((all) => all.map(([object, changes]) => changes.reduce(edited, object)));

function edited(object: KubeObject, { member, kind, value }: Edit): KubeObject {
  const copy = structuredClone(object) as unknown as Record<string, unknown>;
  const places = placesOf(copy).filter(([, key]) => key !== 'kind' && key !== 'apiVersion');
  const [owner, key] = places[member % Math.max(1, places.length)] ?? [copy, 'spec'];
  if (Array.isArray(owner)) {
    const insert = kind === 'remove' ? [] : kind === 'double' ? [owner[Number(key)]] : [value];
    owner.splice(Number(key), kind === 'double' ? 0 : 1, ...insert);
  } else if (kind === 'remove') owner[key] = undefined;
  else if (kind === 'double') owner[`${key}s`] = owner[key];
  else owner[key] = value;
  return copy as unknown as KubeObject;
}

type Owner = Record<string, unknown> | unknown[];

/** Every member of a value, with what holds it. */
function placesOf(value: unknown): [Owner & Record<string, unknown>, string][] {
  if (typeof value !== 'object' || value === null) return [];
  const owner = value as Owner & Record<string, unknown>;
  return Object.keys(owner).flatMap((key) => [[owner, key], ...placesOf(owner[key])]);
}

/** A few clusters, and what is stored of them. */
const CLUSTERS = fc.sample(worlds(), { numRuns: 12, seed: 1 });

/** Bytes that were stored, and the damage. */
interface Stored {
  readonly cluster: number;
  readonly changes: readonly Mutation[];
}

const stored: fc.Arbitrary<Stored> = fc.record({
  cluster: fc.nat({ max: CLUSTERS.length - 1 }),
  changes: mutations(),
});

const snapshots = new Map<number, Promise<Snapshot>>();

/** The snapshot of one of {@link CLUSTERS}, made once. */
function snapshotAt(cluster: number): Promise<Snapshot> {
  const known = snapshots.get(cluster) ?? snapshotOf(CLUSTERS[cluster] ?? []);
  snapshots.set(cluster, known);
  return known;
}

/** Decoders of objects, and of what is stored. */
export const OBJECT_TARGETS: readonly AnyTarget[] = [
  targetOf({
    name: 'objects with other values in them',
    weight: 9,
    inputs: damagedObjects,
    bytesOf: (objects) => JSON.stringify(objects).length,
    outcomeOf: async (objects) => {
      const snapshot = await snapshotOf(objects);
      for (const chunk of snapshot.namespaces.values()) {
        const bytes = encodeNamespaceChunk(chunk);
        const again = encodeNamespaceChunk(decodeNamespaceChunk(bytes));
        demand(Buffer.from(bytes).equals(again), `${chunk.name} comes back as something else`);
      }
      const wrong = compiledDifferences(snapshot);
      demand(wrong.length === 0, wrong.slice(0, 3).join('\n'));
      return JSON.stringify([snapshot.digest, snapshot.problems]);
    },
  }),
  targetOf({
    name: 'a damaged chunk',
    weight: 6,
    inputs: stored,
    bytesOf: () => 10_000,
    outcomeOf: async ({ cluster, changes }) => {
      const [chunk] = (await snapshotAt(cluster)).namespaces.values();
      if (chunk === undefined) return 'no namespace';
      const damaged = mutate(Buffer.from(encodeNamespaceChunk(chunk)), changes);
      const read = decodeNamespaceChunk(new Uint8Array(damaged));
      return `read: ${wholeText(read)}`;
    },
  }),
  targetOf({
    name: 'a damaged index',
    weight: 4,
    inputs: stored,
    bytesOf: () => 20_000,
    outcomeOf: async ({ cluster, changes }) => {
      const snapshot = await snapshotAt(cluster);
      const bytes = saveIndex(compileIndex(snapshot, DEFAULT_OPTIONS));
      if (bytes === undefined) throw new Error('it is not saved');
      // Damage of the arrays is noticed by who stores them; here it must be taken or left, no more.
      const damaged = new Uint8Array(mutate(Buffer.from(bytes), changes));
      const loaded = loadIndex(damaged, snapshot, DEFAULT_OPTIONS);
      return loaded === undefined ? 'refused: compile then' : `${loaded.partyCount} parties`;
    },
  }),
];

/** Whether both engines say the same of what was understood. */
function compiledDifferences(snapshot: Snapshot): string[] {
  const clear = compileClearIndex(snapshot, DEFAULT_OPTIONS);
  return differences(compileFlat(clear.view), clear, emptyTally());
}

/** Every member of a chunk, looked at. */
function wholeText(chunk: NamespaceChunk): string {
  return Buffer.from(encodeNamespaceChunk(chunk)).toString('latin1');
}
