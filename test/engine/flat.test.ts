import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import t from 'tap';
import { parse } from 'yaml';
import { compileClearIndex } from '../../src/engine/clear/clear-index.ts';
import { compileFlat } from '../../src/engine/index/flat-compile.ts';
import { flatFromSections, flatSections } from '../../src/engine/index/flat-sections.ts';
import { IrCache } from '../../src/engine/index/policy-ir.ts';
import { decodeSections, encodeSections } from '../../src/engine/index/sections.ts';
import { DEFAULT_OPTIONS } from '../../src/engine/options.ts';
import type { Snapshot, SnapshotSource } from '../../src/model/snapshot.ts';
import { EVERY_KIND, dumpOf, snapshotOf, snapshotOfText } from '../support/cluster.ts';
import type { ListKind } from '../support/cluster.ts';
import type { KubeObject } from '../support/kube-objects.ts';
import { SEED, WORLDS, holds } from '../support/property.ts';
import { worlds } from '../support/worlds.ts';
import { loadVectors, objectsOf } from '../vectors/load.ts';
import { differences, emptyTally, show } from './flat-compare.ts';
import type { Tally } from './flat-compare.ts';

t.setTimeout(300_000);
t.comment(`PODREACH_SEED=${SEED} PODREACH_WORLDS=${WORLDS}`);

/** Compares what comes back from bytes, so that all of the codec is seen as well. */
function compare(snapshot: Snapshot, tally: Tally): string[] {
  const clear = compileClearIndex(snapshot, DEFAULT_OPTIONS);
  const compiled = compileFlat(clear.view, CACHE);
  const again = compileFlat(clear.view);
  const { header, arrays } = flatSections(compiled);
  const bytes = encodeSections(header, arrays);
  const anew = flatSections(again);
  if (!Buffer.from(bytes).equals(encodeSections(anew.header, anew.arrays))) {
    return ['what a cache holds changes the index'];
  }
  const sections = decodeSections(bytes);
  const flat = sections === undefined ? undefined : flatFromSections(sections);
  return flat === undefined ? ['it cannot be read back'] : differences(flat, clear, tally);
}

/** One for all worlds: what it remembers of one must not show in the next. */
const CACHE = new IrCache();

t.test('manifests: the flat engine says what the clear one says, and nearly always', async (t) => {
  const tally = emptyTally(true);
  await holds(worlds(), 0.25, async (objects) => compare(await snapshotOf(objects), tally));
  t.comment(show(tally));
  t.ok(tally.humble < 0.01 * tally.pairs, 'it is seldom humble without need', { tally });
  t.pass('no counterexample');
});

t.test(
  'dumps that lack kinds: what the flat engine does say is what the clear one says',
  async (t) => {
    const tally = emptyTally();
    const kinds = fc.constantFrom<ListKind[]>(
      'NetworkPolicy',
      'Namespace',
      'Node',
      'Pod',
      'Service',
    );
    await holds(fc.tuple(worlds(), kinds), 0.1, async ([objects, hidden]) => {
      const rest = objects.filter(({ kind }) => kind !== hidden);
      const left = EVERY_KIND.filter((kind) => kind !== hidden);
      return compare(await snapshotOfText(dumpOf(rest, left), { source: 'LIVE' }), tally);
    });
    t.comment(show(tally));
    t.pass('no counterexample');
  },
);

/** Two objects of one name that say different things, policies nobody evaluates, broken ones. */
function troubled(objects: readonly KubeObject[], trouble: number): KubeObject[] {
  const [pod] = objects.filter(({ kind }) => kind === 'Pod');
  const [namespace] = objects.filter(({ kind }) => kind === 'Namespace');
  const [policy] = objects.filter(({ kind }) => kind === 'NetworkPolicy');
  const extra: KubeObject[] = [];
  if ((trouble & 1) !== 0 && pod !== undefined) {
    extra.push({ ...pod, metadata: { ...pod.metadata, labels: { app: 'b', other: 'x' } } });
  }
  if ((trouble & 2) !== 0 && namespace !== undefined) {
    const { metadata } = namespace;
    extra.push({ ...namespace, metadata: { ...metadata, labels: { other: 'x' } } });
  }
  if ((trouble & 4) !== 0 && policy !== undefined) {
    extra.push({ ...policy, spec: { podSelector: { matchLabels: { app: 'b' } } } });
  }
  if ((trouble & 8) !== 0) {
    const spec = { endpointSelector: {}, ingress: [{}] };
    const metadata = { namespace: 'n0', name: 'c' };
    extra.push({ apiVersion: 'cilium.io/v2', kind: 'CiliumNetworkPolicy', metadata, spec });
  }
  if ((trouble & 16) !== 0) {
    const spec = { priority: 1, subject: { namespaces: {} }, ingress: [] };
    const apiVersion = 'policy.networking.k8s.io/v1alpha1';
    extra.push({ apiVersion, kind: 'AdminNetworkPolicy', metadata: { name: 'a' }, spec });
  }
  if ((trouble & 32) !== 0) {
    const spec = { podSelector: { matchLabels: { app: 'a' } }, ingress: [{ from: [{}] }] };
    const metadata = { namespace: 'n0', name: 'broken' };
    extra.push({ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata, spec });
  }
  return [...objects, ...extra];
}

t.test(
  'objects that contradict themselves or cannot be read leave both engines alike',
  async (t) => {
    const tally = emptyTally();
    const input = fc.tuple(worlds(), fc.integer({ min: 1, max: 63 }), fc.boolean());
    await holds(input, 0.15, async ([objects, trouble, live]) => {
      const all = troubled(objects, trouble);
      const snapshot = live
        ? await snapshotOfText(`${dumpOf(all, EVERY_KIND)}${extensions(all)}`, { source: 'LIVE' })
        : await snapshotOf(all);
      return compare(snapshot, tally);
    });
    t.comment(show(tally));
    t.pass('no counterexample');
  },
);

/** Objects that are in no list of a dump. */
function extensions(objects: readonly KubeObject[]): string {
  return objects
    .filter(({ kind }) => kind === 'AdminNetworkPolicy' || kind === 'CiliumNetworkPolicy')
    .map((object) => `${JSON.stringify(object)}\n`)
    .join('');
}

t.test('every fixture and every vector', async (t) => {
  const tally = emptyTally();
  const root = fileURLToPath(new URL('../fixtures/', import.meta.url));
  for (const name of readdirSync(root)) {
    const text = readFileSync(join(root, name, 'cluster.yaml'), 'utf8');
    const expected = readFileSync(join(root, name, 'expected.yaml'), 'utf8');
    const { source = 'MANIFESTS' } = parse(expected) as { source?: SnapshotSource };
    t.same(compare(await snapshotOfText(text, { source }), tally), [], name);
  }
  const files = ['isolation', 'peers', 'ports', 'nodes', 'services', 'queries', 'more'];
  for (const file of [...files, 'cluster-policies']) {
    for (const vector of loadVectors(file)) {
      if (vector.np === undefined && vector.cnp === undefined && vector.pods === undefined)
        continue;
      t.same(compare(await snapshotOf(objectsOf(vector)), tally), [], vector.id);
    }
  }
  t.comment(show(tally));
});

t.test('sections', async (t) => {
  const objects = fc.sample(worlds(), { numRuns: 1, seed: 7 })[0] ?? [];
  const flat = compileFlat(compileClearIndex(await snapshotOf(objects), DEFAULT_OPTIONS).view);
  const { header, arrays } = flatSections(flat);
  const bytes = encodeSections(header, arrays);

  t.test('come back as they were, as views, from any memory', async (t) => {
    const decoded = decodeSections(bytes);
    t.same(decoded?.header, header);
    t.same([...(decoded?.arrays ?? [])], [...arrays]);
    for (const [name, array] of decoded?.arrays ?? []) {
      t.equal(array.buffer, bytes.buffer, `${name} is a view`);
    }
    const shared = new Uint8Array(new SharedArrayBuffer(bytes.length + 8), 8);
    shared.set(bytes);
    t.same([...(decodeSections(shared)?.arrays ?? [])], [...arrays], 'shared memory');
    const shifted = new Uint8Array(bytes.length + 3).subarray(3);
    shifted.set(bytes);
    t.same([...(decodeSections(shifted)?.arrays ?? [])], [...arrays], 'not aligned');
  });

  t.test('that end early are none', async (t) => {
    for (let length = 0; length < bytes.length - 8; length += 1 + (length >> 4)) {
      t.equal(decodeSections(bytes.slice(0, length)), undefined, `${length} bytes`);
    }
  });

  t.test('with any bits flipped are read or refused, never thrown out of', async (t) => {
    const flips = fc.array(fc.nat({ max: 8 * Math.min(bytes.length, 4096) - 1 }), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(flips, (bits) => {
        const broken = bytes.slice();
        for (const bit of bits) broken[bit >> 3] = (broken[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        decodeSections(broken);
      }),
      { seed: SEED, numRuns: 500 },
    );
    t.pass('nothing was thrown');
  });

  t.test('of another layout are no index', async (t) => {
    for (const name of arrays.keys()) {
      const rest = new Map([...arrays].filter(([other]) => other !== name));
      t.equal(flatFromSections({ header, arrays: rest }), undefined, `without ${name}`);
    }
    t.equal(flatFromSections({ header: null, arrays }), undefined, 'without a header');
    t.equal(flatFromSections({ header: {}, arrays }), undefined, 'with an empty one');
  });
});
