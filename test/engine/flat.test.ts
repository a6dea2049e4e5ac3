import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import t from 'tap';
import { parse } from 'yaml';
import { compileClearIndex } from '../../src/engine/clear/clear-index.ts';
import { compileFlat } from '../../src/engine/index/flat-compile.ts';
import type { FlatIndex } from '../../src/engine/index/flat-index.ts';
import { flatFromSections, flatSections } from '../../src/engine/index/flat-sections.ts';
import { IrCache } from '../../src/engine/index/policy-ir.ts';
import { decodeSections, encodeSections } from '../../src/engine/index/sections.ts';
import type { NodeOrdinal, PodOrdinal } from '../../src/engine/model-view.ts';
import { DEFAULT_OPTIONS } from '../../src/engine/options.ts';
import type { PartyId } from '../../src/engine/party.ts';
import type { ReachIndex } from '../../src/engine/reach-index.ts';
import type { Family } from '../../src/model/address.ts';
import {
  ALL_PORTS,
  PROTOCOLS,
  equalConnections,
  hasPort,
  intersect,
  isEmpty,
  printConnections,
  union,
} from '../../src/model/connection-set.ts';
import type { ConnectionSet } from '../../src/model/connection-set.ts';
import { DIRECTIONS } from '../../src/model/policy.ts';
import type { Snapshot, SnapshotSource } from '../../src/model/snapshot.ts';
import { EVERY_KIND, dumpOf, snapshotOf, snapshotOfText } from '../support/cluster.ts';
import type { ListKind } from '../support/cluster.ts';
import type { KubeObject } from '../support/kube-objects.ts';
import { SEED, WORLDS, holds } from '../support/property.ts';
import { worlds } from '../support/worlds.ts';
import { loadVectors, objectsOf } from '../vectors/load.ts';

t.setTimeout(300_000);
t.comment(`PODREACH_SEED=${SEED} PODREACH_WORLDS=${WORLDS}`);

const FAMILIES: readonly (Family | null)[] = [4, 6, null];
const PORTS = [1, 53, 79, 80, 81, 443, 8080, 65535];

/** What the two engines were asked, and how often the flat one could not say. */
interface Tally {
  pairs: number;
  unknown: number;
  /** Not certain in the flat engine, certain in the clear one. */
  humble: number;
  candidates: number;
  idle: number;
}

const emptyTally = (): Tally => ({ pairs: 0, unknown: 0, humble: 0, candidates: 0, idle: 0 });

/** The parties of the clear engine that stand for each party of the flat one: seldom two. */
function counterparts(flat: FlatIndex, clear: ReachIndex, wrong: string[]): PartyId[][] {
  const { view } = clear;
  const result: PartyId[][] = [];
  for (let i = 0; i < flat.podParties; i += 1) {
    const pods = flat.partyPods.subarray(flat.partyPodStart[i], flat.partyPodStart[i + 1]);
    const parties = new Set([...pods].map((pod) => clear.partyOfPod(pod as PodOrdinal)));
    result.push([...parties].flatMap((party) => party ?? []));
  }
  for (let i = 0; i < view.nodes.length; i += 1) result.push([clear.partyOfNode(i as NodeOrdinal)]);
  result.push([clear.partyOfUnknownNode()]);
  for (let i = flat.atomStart; i < flat.unknownAddressStart; i += 1) {
    const [range] = flat.atomRanges(i as PartyId);
    if (range === undefined) throw new Error(`atom ${i} is empty`);
    const [part] = clear.partiesOfRanges([{ ...range, last: range.first }]);
    if (part === undefined) throw new Error('no party');
    result.push([part.party]);
    const whole = clear.party(part.party);
    const ranges = whole.kind === 'addresses' ? whole.ranges : [];
    if (show(ranges) !== show(flat.atomRanges(i as PartyId))) wrong.push(`atom ${i} is another`);
  }
  result.push([clear.partyOfUnknownAddress(4)], [clear.partyOfUnknownAddress(6)]);
  return result;
}

function show(value: unknown): string {
  return JSON.stringify(value, (_, one: unknown) => (typeof one === 'bigint' ? `${one}` : one));
}

/** Everything in which the flat engine differs from the clear one. */
function differences(flat: FlatIndex, clear: ReachIndex, tally: Tally): string[] {
  const wrong: string[] = [];
  const clearOf = counterparts(flat, clear, wrong);
  if (wrong.length !== 0) return wrong;
  const may = new Set<number>();
  for (let s = 0; s < flat.partyCount; s += 1) {
    for (let d = 0; d < flat.partyCount; d += 1) {
      const [a, b] = [s as PartyId, d as PartyId];
      const asked = askedFamilies(flat, a, b);
      const twins = clearOf[s]!.flatMap((x) => clearOf[d]!.map((y) => [x, y] as const));
      for (const twin of twins) {
        for (const family of FAMILIES) {
          const open = comparePair(flat, clear, [a, b], twin, family, wrong, tally);
          if (open && asked.includes(family)) may.add(s * flat.partyCount + d);
        }
      }
    }
  }
  for (let party = 0; party < flat.partyCount; party += 1) {
    for (const twin of clearOf[party]!) compareSubject(flat, clear, party, twin, wrong);
    for (const side of ['sourcesOf', 'destinationsOf'] as const) {
      const found = [...flat[side](party as PartyId)];
      if (found.some((one, i) => i !== 0 && one <= found[i - 1]!))
        wrong.push(`${side} not ascending`);
      for (let other = 0; other < flat.partyCount; other += 1) {
        if (party >= flat.podParties && other >= flat.podParties) continue;
        const pair = side === 'sourcesOf' ? [other, party] : [party, other];
        const wanted = may.has(pair[0]! * flat.partyCount + pair[1]!);
        const there = found.includes(other);
        if (wanted && !there) wrong.push(`${side} ${party} lacks ${other}`);
        tally.candidates += there ? 1 : 0;
        tally.idle += there && !wanted ? 1 : 0;
      }
    }
  }
  return wrong;
}

/** Families in which the two can be asked about at all. */
function askedFamilies(flat: FlatIndex, a: PartyId, b: PartyId): readonly (Family | null)[] {
  const [x, y] = [flat.familiesOf(a), flat.familiesOf(b)];
  if (x === 'unknown') return y === 'unknown' ? FAMILIES : y;
  return y === 'unknown' ? x : x.filter((family) => y.includes(family));
}

function comparePair(
  flat: FlatIndex,
  clear: ReachIndex,
  [s, d]: readonly [PartyId, PartyId],
  [source, destination]: readonly [PartyId, PartyId],
  family: Family | null,
  wrong: string[],
  tally: Tally,
): boolean {
  const reach = clear.reach({ source, destination, family, relation: 'NONE' });
  const text = `${s} -> ${d} family ${family}`;
  for (const direction of DIRECTIONS) {
    const [subject, peer] = direction === 'EGRESS' ? [s, d] : [d, s];
    const outcome = direction === 'EGRESS' ? reach.egress : reach.ingress;
    const allow = intersect(outcome.allow, ALL_PORTS);
    const deny = intersect(outcome.deny, ALL_PORTS);
    const certain = equalConnections(union(allow, deny), ALL_PORTS);
    const leg = flat.leg(subject, peer, direction, family);
    tally.pairs += 1;
    if (leg === undefined) {
      tally.unknown += 1;
      tally.humble += certain ? 1 : 0;
    } else if (!certain || !equalConnections(leg, allow)) {
      wrong.push(
        `${text} ${direction}: ${printConnections(leg)}, clear: ${printConnections(allow)}`,
      );
    }
  }
  const allowed = flat.allowed(s, d, family);
  const sure = isEmpty(reach.undetermined);
  if (allowed !== undefined && !(sure && equalConnections(allowed, reach.allowed))) {
    wrong.push(`${text}: ${printConnections(allowed)}, clear: ${printConnections(reach.allowed)}`);
  }
  if (allowed !== undefined && allowed !== flat.allowed(s, d, family)) wrong.push(`${text} twice`);
  for (const protocol of PROTOCOLS) {
    for (const port of PORTS) {
      const answer = flat.canReach(s, d, family, protocol, port);
      if (answer === undefined) {
        if (allowed !== undefined) wrong.push(`${text} ${protocol}/${port} is not known`);
        continue;
      }
      const right = answer
        ? hasPort(reach.allowed, protocol, port)
        : hasPort(reach.denied, protocol, port);
      if (!right) wrong.push(`${text} ${protocol}/${port}: ${answer}`);
    }
  }
  return !isEmpty(reach.allowed) || !isEmpty(reach.undetermined);
}

function compareSubject(
  flat: FlatIndex,
  clear: ReachIndex,
  party: number,
  clearParty: PartyId,
  wrong: string[],
): void {
  const { view } = clear;
  const policies = flat.policiesOf(party as PartyId).map((id) => {
    const { namespace, position } = flat.policyAt(id);
    const chunk = namespace < 0 ? view.snapshot.cluster : view.namespaces[namespace];
    return chunk?.policies[position];
  });
  const wanted = clear.policiesOf(clearParty);
  if (policies.length !== wanted.length || policies.some((policy, i) => policy !== wanted[i])) {
    wrong.push(`policies of ${party}: ${show(policies.map((policy) => policy?.ref))}`);
  }
  const question = {
    source: clearParty,
    destination: clearParty,
    family: null,
    relation: 'NONE',
  } as const;
  const reach = clear.reach(question);
  for (const [direction, outcome] of [
    ['EGRESS', reach.egress],
    ['INGRESS', reach.ingress],
  ] as const) {
    const isolated = flat.isIsolated(party as PartyId, direction);
    if (isolated !== outcome.isolated) wrong.push(`${party} ${direction} isolated: ${isolated}`);
  }
  const [x, y] = [flat.familiesOf(party as PartyId), clear.party(clearParty)];
  const families = y.kind === 'addresses' ? [y.family] : y.families;
  if (show(x) !== show(families)) wrong.push(`${party} is of ${show(x)}, ${show(families)}`);
}

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
  const tally = emptyTally();
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
        for (const bit of bits) broken[bit >> 3]! ^= 1 << (bit & 7);
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
