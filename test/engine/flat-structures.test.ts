import fc from 'fast-check';
import t from 'tap';
import {
  atomOfAddress,
  cutRange,
  cutSpace,
  rangesOfAtom,
} from '../../src/engine/index/address-atoms.ts';
import { BlockTable } from '../../src/engine/pair/address-blocks.ts';
import { blockRanges } from '../../src/engine/index/block-ranges.ts';
import { BlockSets, eachBlock, hasBlock } from '../../src/engine/index/block-sets.ts';
import { SetBuilder, eachMember, hasMember } from '../../src/engine/index/class-set.ts';
import { csrOf, findIn, lowerBound, orderOfPairs } from '../../src/engine/index/csr.ts';
import { PairTable } from '../../src/engine/index/pair-table.ts';
import { PartyBits, countPods } from '../../src/engine/index/party-bits.ts';
import { PortSets, SetTable } from '../../src/engine/index/port-sets.ts';
import { SelectorFile, SelectorIndex } from '../../src/engine/index/selector-index.ts';
import { IntList } from '../../src/engine/index/int-list.ts';
import {
  LAST_ADDRESS,
  intersectRanges,
  mergeRanges,
  printAddress,
} from '../../src/model/address.ts';
import type { Family } from '../../src/model/address.ts';
import {
  ALL_PORTS,
  PROTOCOLS,
  connectionsOf,
  equalConnections,
  intersect,
  union,
} from '../../src/model/connection-set.ts';
import { matches, selectorOf } from '../../src/model/selector.ts';
import { SEED } from '../support/property.ts';

/*
 * Each structure of the flat engine against what it stands for: a Map, a Set, a list that is filtered.
 */

t.comment(`PODREACH_SEED=${SEED}`);

const RUNS = { seed: SEED, numRuns: 300 };

function members(visit: (add: (member: number) => void) => void): number[] {
  const found: number[] = [];
  visit((member) => found.push(member));
  return found;
}

function same(a: readonly number[], b: readonly number[] | undefined): boolean {
  return a.join() === b?.join();
}

t.test('a pair table numbers pairs as a Map would', async (t) => {
  const small = fc.integer({ min: -40, max: 40 });
  const any = fc.oneof(small, fc.integer());
  const pairs = fc.array(fc.tuple(any, small), { maxLength: 900, size: 'max' });
  fc.assert(
    fc.property(pairs, (list) => {
      const table = new PairTable(2);
      const ids = new Map<string, number>();
      return list.every(([a, b]) => {
        const key = `${a},${b}`;
        const known = ids.get(key);
        if (table.find(a, b) !== (known ?? -1)) return false;
        const wanted = known ?? ids.size;
        ids.set(key, wanted);
        const id = table.idOf(a, b);
        return id === wanted && table.firstOf(id) === a && table.secondOf(id) === b;
      });
    }),
    RUNS,
  );
  t.pass('no counterexample');
});

t.test('rows, orders and searches are those of sorted lists', async (t) => {
  const owners = fc.array(fc.integer({ min: -1, max: 9 }), { maxLength: 60 });
  fc.assert(
    fc.property(owners, fc.nat({ max: 12 }), (list, value) => {
      const major = Int32Array.from(list);
      const minor = major.map((_, i) => (i * 7) % 5);
      const { start, items } = csrOf(10, major);
      for (let owner = 0; owner < 10; owner += 1) {
        const row = [...items.subarray(start[owner], start[owner + 1])];
        const wanted = list.flatMap((one, i) => (one === owner ? [i] : []));
        t.same(row, wanted);
      }
      const order = [...orderOfPairs(major, 10, minor, 5)];
      const wanted = list
        .flatMap((one, i) => (one < 0 ? [] : [i]))
        .sort(
          (a, b) => (list[a] ?? 0) - (list[b] ?? 0) || (minor[a] ?? 0) - (minor[b] ?? 0) || a - b,
        );
      t.same(order, wanted);
      const sorted = Int32Array.from(new Set(list)).sort();
      const bound = sorted.findIndex((one) => value <= one);
      t.equal(lowerBound(sorted, value, 0, sorted.length), bound < 0 ? sorted.length : bound);
      t.equal(findIn(sorted, value, 0, sorted.length), sorted.indexOf(value));
    }),
    { seed: SEED, numRuns: 40 },
  );
});

t.test('a number is found in a long list exactly when it is in it', (t) => {
  for (const length of [0, 1, 8, 9, 10, 63, 64, 65, 200]) {
    const list = Int32Array.from({ length }, (_, i) => 3 * i + 1);
    for (let value = -1; value <= 3 * length + 2; value += 1) {
      t.equal(findIn(list, value, 0, length), list.indexOf(value), `${value} of ${length}`);
    }
    if (length > 2) t.equal(findIn(list, 1, 1, length), -1, 'it begins later');
    if (length > 2) t.equal(findIn(list, list.at(-1) ?? 0, 0, length - 1), -1, 'it ends before');
  }
  t.end();
});

t.test('a set of classes in any form has the members it was given', async (t) => {
  const universe = 200;
  const set = fc.oneof(
    fc.uniqueArray(fc.nat({ max: universe - 1 }), { maxLength: 4 }),
    fc.uniqueArray(fc.nat({ max: universe - 1 }), { maxLength: 90, size: 'max' }),
    fc
      .tuple(fc.nat({ max: 150 }), fc.nat({ max: 50 }))
      .map(([first, size]) => Array.from({ length: size }, (_, i) => first + i)),
  );
  const forms = new Set<number>();
  fc.assert(
    fc.property(
      fc.array(set, { maxLength: 5 }),
      fc.nat({ max: 200 }),
      fc.nat({ max: 200 }),
      (sets, a, b) => {
        const builder = new SetBuilder(universe);
        const sorted = sets.map((one) => one.slice().sort((x, y) => x - y));
        for (const one of sorted)
          builder.add(Int32Array.from([-1, ...one, 999]), 1, one.length + 1);
        const arenas = builder.build();
        const [from, end] = [Math.min(a, b), Math.max(a, b)];
        return sorted.every((one, i) => {
          forms.add(arenas.form[i] ?? -1);
          const part = one.filter((member) => from <= member && member < end);
          const found = members((add) => eachMember(arenas, i, from, end, add));
          const all = Array.from({ length: universe }, (_, id) => hasMember(arenas, i, id));
          return same(found, part) && all.every((there, id) => there === one.includes(id));
        });
      },
    ),
    RUNS,
  );
  t.same([...forms].sort(), [0, 1, 2], 'run, slice and dense were seen');
});

t.test('sets of blocks are equal exactly when they are one number', async (t) => {
  const flips = fc.array(fc.nat({ max: 299 }), { maxLength: 60 });
  fc.assert(
    fc.property(flips, flips, fc.integer({ min: 1, max: 300 }), (a, b, blocks) => {
      const sets = new BlockSets(blocks);
      const make = (list: readonly number[]): { root: number; wanted: Set<number> } => {
        const wanted = new Set<number>();
        let root = 0;
        for (const block of list.map((one) => one % blocks)) {
          root = sets.flip(root, block);
          if (!wanted.delete(block)) wanted.add(block);
        }
        return { root, wanted };
      };
      const [x, y] = [make(a), make(b)];
      const both = [...x.wanted].filter((block) => y.wanted.has(block));
      const roots: [number, number[]][] = [
        [x.root, [...x.wanted]],
        [sets.intersectionOf(x.root, y.root), both],
        [sets.unionOf(x.root, y.root), [...new Set([...x.wanted, ...y.wanted])]],
        [sets.differenceOf(x.root, y.root), [...x.wanted].filter((one) => !y.wanted.has(one))],
      ];
      const arenas = sets.build();
      return roots.every(([root, list]) => {
        const wanted = list.sort((p, q) => p - q);
        const found = members((add) => eachBlock(arenas, root, add));
        const again = wanted.reduce((set, block) => sets.flip(set, block), 0);
        const held = Array.from({ length: blocks }, (_, i) => i).filter((block) =>
          hasBlock(arenas, root, block),
        );
        return same(found, wanted) && same(held, wanted) && again === root;
      });
    }),
    RUNS,
  );
  t.pass('no counterexample');
});

t.test('the address space is cut as the clear engine cuts it', async (t) => {
  const cidr = fc
    .tuple(
      fc.constantFrom<Family>(4, 4, 6),
      fc.bigInt({ min: 0n, max: LAST_ADDRESS[6] }),
      fc.nat({ max: 9 }),
    )
    .map(([family, bits, length]) => {
      const width = family === 4 ? 32 : 128;
      const prefix = [0, 1, 4, 8, 9, 16, 24, 31, 32, width][length] ?? 0;
      const shift = BigInt(width - prefix);
      // Few first bits, so that blocks nest and touch.
      const value = ((((bits & 7n) << BigInt(width - 3)) | (bits & 0x3ffn)) >> shift) << shift;
      return `${printAddress({ family, value })}/${prefix}`;
    });
  const block = fc.tuple(cidr, fc.array(cidr, { maxLength: 2 }));
  fc.assert(
    fc.property(fc.uniqueArray(block, { maxLength: 60, size: 'max', selector: String }), (list) => {
      const table = new BlockTable();
      const distinct = list.filter(([one, except], i) => table.idOf(one, except) === i);
      const wanted = table.build();
      const cut = cutSpace(distinct.map(([one, except]) => blockRanges(one, except)));
      const arenas = cut.sets.build();
      return (
        distinct.length !== list.length ||
        (cut.atomCount === wanted.atoms.length &&
          wanted.atoms.every(({ ranges }) => {
            const [range] = ranges;
            if (range === undefined) return false;
            const address = { family: range.family, value: range.first };
            const atom = atomOfAddress(cut, address);
            const atomOf = wanted.atoms[wanted.atomOf(address)];
            const blocks = members((add) => eachBlock(arenas, cut.blocksOf[atom] ?? 0, add));
            const whole = { family: range.family, first: 0n, last: LAST_ADDRESS[range.family] };
            const parts = [...cutRange(cut, whole)].filter((part) => part.atom === atom);
            return (
              text(rangesOfAtom(cut, atom)) === text(ranges) &&
              text(mergeRanges(parts.map(({ part }) => part))) === text(ranges) &&
              text(intersectRanges(ranges, [whole])) === text(ranges) &&
              same(blocks, atomOf?.blocks)
            );
          }))
      );
    }),
    RUNS,
  );
  t.pass('no counterexample');
});

function text(value: unknown): string {
  return JSON.stringify(value, (_, one: unknown) => (typeof one === 'bigint' ? `${one}` : one));
}

t.test('bits of parties add, meet and count as sets do', async (t) => {
  const size = 150;
  const run = fc.tuple(fc.nat({ max: size }), fc.nat({ max: 70 }));
  const runs = fc.array(run, { maxLength: 4 });
  const podStart = Int32Array.from({ length: size + 1 }, (_, i) => (i * (i + 1)) / 2);
  fc.assert(
    fc.property(fc.tuple(runs, runs, runs, runs), (all) => {
      const [a, b, c, mask] = all.map((list) => {
        const bits = new PartyBits(size);
        bits.add(0, size);
        bits.clear();
        const wanted = new Set<number>();
        for (const [from, length] of list) {
          const end = Math.min(size, from + length);
          bits.add(from, end);
          for (let i = from; i < end; i += 1) wanted.add(i);
        }
        return { bits, wanted };
      });
      if (!a || !b || !c || !mask) return false;
      const pods = [...a.wanted].reduce((n, i) => n + i + 1, 0);
      const row = new PartyBits(size);
      row.addWithin(a.bits, b.bits, c.bits, mask.bits);
      const rest = new PartyBits(size);
      rest.addWithout(a.bits, b.bits, mask.bits);
      const list = (bits: PartyBits): string => bits.within(bits, bits).join();
      const of = (keep: (i: number) => boolean): string =>
        [...a.wanted]
          .filter(keep)
          .sort((p, q) => p - q)
          .join();
      const either = (i: number): boolean => b.wanted.has(i) || c.wanted.has(i);
      return (
        countPods(a.bits, podStart) === pods &&
        list(row) === of((i) => either(i) && mask.wanted.has(i)) &&
        list(rest) === of((i) => !b.wanted.has(i) && mask.wanted.has(i)) &&
        a.bits.within(b.bits, c.bits).join() === of(either)
      );
    }),
    RUNS,
  );
  t.pass('no counterexample');
});

t.test('sets of ports by number join and meet as those of the model', async (t) => {
  const range = fc
    .tuple(fc.constantFrom(...PROTOCOLS), fc.constantFrom(1, 79, 80, 65535), fc.nat({ max: 2 }))
    .map(([protocol, from, length]) => ({ protocol, from, to: Math.min(65535, from + length) }));
  const sets = fc.array(fc.array(range, { maxLength: 3 }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(sets, (list) => {
      const table = new SetTable();
      const ids = list.map((ranges) => table.idOf(connectionsOf(ranges)));
      const none = new Int32Array(1);
      const ports = new PortSets({
        ...table.build(),
        listSet: none,
        listNameStart: new Int32Array(2),
        listNames: none,
        mapStart: new Int32Array(2),
        mapNames: none,
        mapSets: none,
      });
      const every = [...ids, 1];
      return every.every((a) =>
        every.every((b) => {
          const [x, y] = [ports.setOf(a), ports.setOf(b)];
          const joined = ports.unionOf(a, b);
          const met = ports.intersectionOf(a, b);
          return (
            equalConnections(ports.setOf(joined), union(x, y)) &&
            equalConnections(ports.setOf(met), intersect(x, y)) &&
            ports.unionOf(b, a) === joined &&
            ports.intersectionOf(b, a) === met &&
            (ports.setOf(joined) === ALL_PORTS) === equalConnections(union(x, y), ALL_PORTS)
          );
        }),
      );
    }),
    RUNS,
  );
  t.pass('no counterexample');
});

t.test('a file of selectors finds those that hold a label set', async (t) => {
  const key = fc.constantFrom('app', 'tier', 'constructor', 'many');
  const value = fc.constantFrom('', 'a', 'b', ...Array.from({ length: 20 }, (_, i) => `m${i}`));
  const requirement = fc
    .tuple(
      key,
      fc.constantFrom('In', 'NotIn', 'Exists', 'DoesNotExist'),
      fc.uniqueArray(value, { minLength: 1, maxLength: 12 }),
    )
    .map(([key, operator, values]) => ({
      key,
      operator,
      values: operator === 'In' || operator === 'NotIn' ? values : [],
    }));
  const selectors = fc.array(fc.array(requirement, { maxLength: 3 }).map(selectorOf), {
    maxLength: 12,
  });
  const labelSets = fc.array(
    fc.array(fc.tuple(fc.oneof(key, fc.constant('no selector has it')), value), { maxLength: 4 }),
    { maxLength: 6 },
  );
  fc.assert(
    fc.property(selectors, labelSets, (list, sets) => {
      const index = new SelectorIndex(list);
      const file = new SelectorFile(index);
      return [0, 1].every(() => {
        file.clear();
        for (const i of list.keys()) file.add(i);
        return sets.every((entries) => {
          const labels = new Map(entries);
          const pairs: number[] = [];
          const count = index.project(labels, pairs);
          index.reset();
          for (const pair of pairs.slice(0, count)) index.load(pair);
          const found = new IntList();
          file.find(pairs, count, found);
          const wanted = [...list.keys()].filter((i) => {
            const one = list[i];
            return one !== undefined && matches(one, labels);
          });
          return same([...found.toArray().sort()], wanted);
        });
      });
    }),
    RUNS,
  );
  t.pass('no counterexample');
});
