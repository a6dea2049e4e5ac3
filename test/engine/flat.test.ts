import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import t from 'tap';
import { parse } from 'yaml';
import { compileClearIndex } from '../../src/engine/clear/clear-index.ts';
import { compileIndex, loadIndex, saveIndex } from '../../src/engine/compile.ts';
import { CandidateFinder } from '../../src/engine/index/candidates.ts';
import { countReachablePairs } from '../../src/engine/index/count-pairs.ts';
import { compileFlat } from '../../src/engine/index/flat-compile.ts';
import type { FlatKernel } from '../../src/engine/index/flat-kernel.ts';
import { flatFromSections, flatSections } from '../../src/engine/index/flat-sections.ts';
import { IrCache } from '../../src/engine/index/policy-ir.ts';
import { decodeSections, encodeSections } from '../../src/engine/index/sections.ts';
import type { Json, TypedArray } from '../../src/engine/index/sections.ts';
import { parseIpv4Number, parseIpv6Words } from '../../src/engine/index/address-numbers.ts';
import { DEFAULT_OPTIONS } from '../../src/engine/options.ts';
import type { PartyId } from '../../src/engine/party.ts';
import { LAST_ADDRESS, parseAddress, printAddress } from '../../src/model/address.ts';
import type { Snapshot, SnapshotSource } from '../../src/model/snapshot.ts';
import { EVERY_KIND, dumpOf, snapshotOf, snapshotOfText } from '../support/cluster.ts';
import type { ListKind } from '../support/cluster.ts';
import type { KubeObject } from '../support/kube-objects.ts';
import { SEED, WORLDS, holds } from '../support/property.ts';
import { tierPolicy, tierWorlds } from '../support/rough-worlds.ts';
import { withTiers } from '../support/tier-policies.ts';
import { worlds } from '../support/worlds.ts';
import { loadVectors, objectsOf } from '../vectors/load.ts';
import { modelWorlds } from './flat-model-worlds.ts';
import { structuredCluster, wideWorlds } from './flat-worlds.ts';
import { differences, emptyTally, show } from './flat-compare.ts';
import type { Tally } from './flat-compare.ts';

t.setTimeout(1_800_000);
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
  await holds(worlds(), 0.15, async (objects) => compare(await snapshotOf(objects), tally));
  t.comment(show(tally));
  t.equal(tally.humble, 0, 'it is never humble without need');
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
    const apiVersion = 'policy.networking.k8s.io/v9';
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
    await holds(input, 0.1, async ([objects, trouble, live]) => {
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

t.test('tiers: the flat engine says what the clear one says, and is never humble', async (t) => {
  // Of a node that only pods speak of the flat engine takes no label as known.
  const [tally, ofNodes] = [emptyTally(true), emptyTally(true)];
  await holds(tierWorlds(), 0.08, async ({ objects, tiers }) => {
    const peers = tiers.flatMap(({ rules }) => rules.flatMap((rule) => rule.peers));
    const kind = peers.some((peer) => 'nodes' in peer) ? ofNodes : tally;
    return compare(withTiers(await snapshotOf(objects), tiers), kind);
  });
  t.comment(show([tally, ofNodes]));
  t.equal(tally.humble, 0, 'it leaves only what the clear one leaves');
  t.ok(ofNodes.humble < 0.05 * ofNodes.pairs, 'and little more where rules name nodes');
  for (const { idle, candidates } of [tally, ofNodes]) {
    t.ok(idle < 0.25 * candidates, 'candidates are few', { idle, candidates });
  }
});

t.test('whatever the model allows: what the flat engine does say is right', async (t) => {
  const tally = emptyTally();
  await holds(modelWorlds(), 0.15, async (snapshot) => compare(snapshot, tally));
  t.comment(show(tally));
  t.pass('no counterexample');
});

t.test('wide clusters: long lists, dense sets and many blocks change nothing', async (t) => {
  const tally = emptyTally(true, 29);
  const seen = { dense: 0, across: 0, blocks: 0 };
  const numRuns = Math.ceil(0.003 * WORLDS);
  for (const objects of fc.sample(wideWorlds(), { seed: SEED, numRuns })) {
    const snapshot = await snapshotOf(objects);
    const { arenas } = compileFlat(compileClearIndex(snapshot, DEFAULT_OPTIONS).view);
    const { acrossStart, denseSelectors } = arenas.policies;
    const rows = acrossStart.map((start, i) => start - (acrossStart[i - 1] ?? 0));
    seen.dense += denseSelectors.length;
    seen.across = Math.max(seen.across, ...rows);
    seen.blocks = Math.max(seen.blocks, arenas.numbers.blocks);
    t.same(compare(snapshot, tally), []);
    const tiers = fc.sample(tierPolicy(), { seed: SEED, numRuns: 12 });
    t.same(compare(withTiers(snapshot, tiers), tally), [], 'with tiers');
  }
  t.comment(show(tally));
  t.ok(0 < seen.dense && 8 < seen.across && 32 < seen.blocks, 'they are wide', { seen });
});

t.test('without an index of blocks candidates are the same', async (t) => {
  await holds(worlds(), 0.02, async (objects) => {
    const flat = compileFlat(compileClearIndex(await snapshotOf(objects), DEFAULT_OPTIONS).view);
    const finder = new CandidateFinder(flat.arenas, flat.judge.tiers, 0);
    return Array.from({ length: flat.partyCount }, (_, i) => i as PartyId).flatMap((party) => [
      ...(show(finder.of(party, 1)) === show(flat.sourcesOf(party)) ? [] : [`to ${party}`]),
      ...(show(finder.of(party, 0)) === show(flat.destinationsOf(party)) ? [] : [`from ${party}`]),
    ]);
  });
  t.pass('no counterexample');
});

t.test('a structured cluster comes to these counts, and more of it to more of them', async (t) => {
  const fixed = { signatures: 6, atoms: 3, blocks: 1, selectors: 4, portSets: 3 };
  t.same((await compiled(10)).counts, {
    ...fixed,
    namespaces: 10,
    classes: 30,
    podParties: 30,
    policies: 40,
    groups: 35,
    profiles: 30,
    peers: 44,
    keys: 17,
    edges: 40,
  });
  t.same((await compiled(20)).counts, {
    ...fixed,
    namespaces: 20,
    classes: 60,
    podParties: 60,
    policies: 80,
    groups: 70,
    profiles: 60,
    peers: 79,
    keys: 27,
    edges: 80,
  });
});

t.test('a structured cluster takes these bytes, and so many of its pairs are open', async (t) => {
  const flat = await compiled(10);
  t.equal(flat.bytes, 5605);
  // Of five teams front and api (25 pods) reach every front but themselves, and front its own api.
  t.equal(countReachablePairs(flat), 25 * 30 - 15 + 5 * 3 * 2);
});

async function compiled(namespaces: number): Promise<FlatKernel> {
  const snapshot = await snapshotOf(structuredCluster(namespaces));
  return compileFlat(compileClearIndex(snapshot, DEFAULT_OPTIONS).view);
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

t.test('addresses as numbers are those that the model reads, or none', async (t) => {
  const piece = fc.constantFrom(
    '',
    ':',
    '::',
    '.',
    '0',
    '00',
    '1',
    'f',
    'FFFF',
    '12345',
    '255',
    '256',
  );
  const anyText = fc.array(piece, { maxLength: 17 }).map((pieces) => pieces.join(''));
  const ipv6 = fc.bigInt({ min: 0n, max: LAST_ADDRESS[6] });
  const groups = fc.array(fc.constantFrom('0', 'a', '1234'), { minLength: 8, maxLength: 8 });
  const texts = fc.oneof(
    anyText,
    ipv6.map((value) => printAddress({ family: 6, value })),
    fc.bigInt({ min: 0n, max: LAST_ADDRESS[4] }).map((value) => printAddress({ family: 4, value })),
    fc.tuple(groups, fc.nat({ max: 8 }), fc.nat({ max: 8 })).map(([list, from, to]) => {
      return [list.slice(0, from).join(':'), list.slice(to).join(':')].join('::');
    }),
  );
  const words = new Uint32Array(4);
  fc.assert(
    fc.property(texts, (text) => {
      const wanted = parseAddress(text);
      const number = parseIpv4Number(text);
      const same4 = wanted?.family === 4 ? BigInt(number) === wanted.value : number === -1;
      const read = parseIpv6Words(text, words);
      const value = words.reduce((all, word) => (all << 32n) | BigInt(word), 0n);
      const quad = text.includes('.');
      const same6 = read
        ? wanted?.family === 6 && value === wanted.value
        : wanted?.family !== 6 || quad;
      return same4 && same6;
    }),
    { seed: SEED, numRuns: 5000 },
  );
  t.pass('no counterexample');
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

t.test('a stored index of which any part is missing or another is compiled anew', async (t) => {
  const [objects = []] = fc.sample(worlds(), { numRuns: 1, seed: 7 });
  const snapshot = await snapshotOf(objects);
  const stored = saveIndex(compileIndex(snapshot, DEFAULT_OPTIONS)) ?? new Uint8Array();
  const { header, arrays } = decodeSections(stored) ?? { header: null, arrays: new Map() };
  const load = (header: Json, arrays: ReadonlyMap<string, TypedArray>): unknown =>
    loadIndex(encodeSections(header, arrays), snapshot, DEFAULT_OPTIONS);
  t.not(load(header, arrays), undefined, 'as it is');
  // Without its texts it is one like any other, of which no overlay is made.
  for (const name of [...arrays.keys()].filter((name) => name !== 'texts')) {
    const rest = new Map([...arrays].filter(([other]) => other !== name));
    t.equal(load(header, rest), undefined, `without ${name}`);
    rest.set(name, new Float64Array(arrays.get(name)?.length ?? 0));
    t.equal(load(header, rest), undefined, `with numbers of another type for ${name}`);
  }
  const withoutEach = (value: Json): Json[] => {
    if (value === null || typeof value !== 'object' || Array.isArray(value)) return [];
    const members = Object.entries(value as Readonly<Record<string, Json>>);
    return members.flatMap(([name, inner]) => {
      const rest = Object.fromEntries(members.filter(([other]) => other !== name));
      return [
        rest,
        { ...rest, [name]: null },
        ...withoutEach(inner).map((less) => ({ ...rest, [name]: less })),
      ];
    });
  };
  for (const less of withoutEach(header)) {
    t.equal(load(less, arrays), undefined, JSON.stringify(less));
  }
  t.equal(load({ ...(header as object), digest: 'x' }, arrays), undefined, 'of another snapshot');
  t.equal(load({ ...(header as object), engine: 'x' }, arrays), undefined, 'by another engine');
  const rows = arrays.get('view/podStart')?.slice(1);
  const fewer = new Map(arrays).set('view/podStart', rows ?? new Int32Array());
  t.equal(load(header, fewer), undefined, 'of fewer namespaces');
});
