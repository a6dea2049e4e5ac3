import fc from 'fast-check';
import t from 'tap';
import {
  ALL_CONNECTIONS,
  ALL_PORTS,
  NO_CONNECTIONS,
  PROTOCOLS,
  complement,
  connectionsOf,
  contains,
  equalConnections,
  hasPort,
  intersect,
  isEmpty,
  overlaps,
  portRangesOf,
  printConnections,
  subtract,
  union,
} from '../../src/model/connection-set.ts';
import type { ConnectionSet, PortRange } from '../../src/model/connection-set.ts';
import {
  cidrsOf,
  containsAddress,
  containsRange,
  intersectRanges,
  mergeRanges,
  parseAddress,
  parseCidr,
  printAddress,
  printRange,
  subtractRanges,
} from '../../src/model/address.ts';
import type { AddressRange } from '../../src/model/address.ts';
import { matches, matchesPartly, printSelector, selectorOf } from '../../src/model/selector.ts';
import type { Requirement } from '../../src/model/selector.ts';

const seed = Number(process.env['PODREACH_SEED'] ?? Date.now() % 2 ** 31);
fc.configureGlobal({ seed, numRuns: 300 });
t.comment(`seed ${seed}`);

// Ports that sit on each other's borders, so that ranges touch, overlap and leave holes.
const PORTS = [1, 2, 79, 80, 81, 443, 444, 65534, 65535];
const port = fc.constantFrom(...PORTS);
const range: fc.Arbitrary<PortRange> = fc
  .record({ protocol: fc.constantFrom(...PROTOCOLS), a: port, b: port })
  .map(({ protocol, a, b }) => ({ protocol, from: Math.min(a, b), to: Math.max(a, b) }));
const set: fc.Arbitrary<ConnectionSet> = fc.oneof(
  { weight: 8, arbitrary: fc.array(range, { maxLength: 6 }).map(connectionsOf) },
  { weight: 1, arbitrary: fc.constantFrom(ALL_CONNECTIONS, ALL_PORTS, NO_CONNECTIONS) },
);
const points = PROTOCOLS.flatMap((protocol) => PORTS.map((number) => [protocol, number] as const));

t.test('connection sets are what their points say', async (t) => {
  fc.assert(
    fc.property(set, set, (a, b) => {
      for (const [protocol, number] of points) {
        const [inA, inB] = [hasPort(a, protocol, number), hasPort(b, protocol, number)];
        t.equal(hasPort(union(a, b), protocol, number), inA || inB);
        t.equal(hasPort(intersect(a, b), protocol, number), inA && inB);
        t.equal(hasPort(subtract(a, b), protocol, number), inA && !inB);
        t.equal(hasPort(complement(a), protocol, number), !inA);
      }
    }),
    { numRuns: 40 },
  );
});

const laws: [string, (a: ConnectionSet, b: ConnectionSet, c: ConnectionSet) => boolean][] = [
  ['union commutes', (a, b) => equalConnections(union(a, b), union(b, a))],
  ['intersection commutes', (a, b) => equalConnections(intersect(a, b), intersect(b, a))],
  ['union associates', (a, b, c) => equalConnections(union(union(a, b), c), union(a, union(b, c)))],
  [
    'intersection associates',
    (a, b, c) => equalConnections(intersect(intersect(a, b), c), intersect(a, intersect(b, c))),
  ],
  ['union is idempotent', (a) => equalConnections(union(a, a), a)],
  [
    'De Morgan',
    (a, b) => equalConnections(complement(union(a, b)), intersect(complement(a), complement(b))),
  ],
  [
    'subtraction is intersection with the complement',
    (a, b) => equalConnections(subtract(a, b), intersect(a, complement(b))),
  ],
  ['containment is absorption', (a, b) => contains(a, b) === equalConnections(union(a, b), a)],
  ['overlap is a non-empty intersection', (a, b) => overlaps(a, b) === !isEmpty(intersect(a, b))],
  [
    'ranges rebuild the set',
    (a) => equalConnections(connectionsOf(portRangesOf(a)), intersect(a, ALL_PORTS)),
  ],
];
for (const [name, law] of laws) {
  t.test(`law: ${name}`, async () => {
    fc.assert(fc.property(set, set, set, law));
  });
}

t.test('a set that an operation does not change is the same object', async (t) => {
  fc.assert(
    fc.property(set, (a) => {
      for (const [what, result, wanted] of [
        ['with itself', union(a, a), a],
        ['with nothing', union(a, NO_CONNECTIONS), a],
        ['nothing with it', union(NO_CONNECTIONS, a), a],
        ['within itself', intersect(a, a), a],
        ['within everything', intersect(a, ALL_CONNECTIONS), a],
        ['everything within it', intersect(ALL_CONNECTIONS, a), a],
        ['within all ports', intersect(a, ALL_PORTS), a === ALL_CONNECTIONS ? ALL_PORTS : a],
        ['all ports within it', intersect(ALL_PORTS, a), a === ALL_CONNECTIONS ? ALL_PORTS : a],
        ['within nothing', intersect(a, NO_CONNECTIONS), NO_CONNECTIONS],
        ['nothing within it', intersect(NO_CONNECTIONS, a), NO_CONNECTIONS],
        ['but itself', subtract(a, a), NO_CONNECTIONS],
        ['but nothing', subtract(a, NO_CONNECTIONS), a],
        ['but everything', subtract(a, ALL_CONNECTIONS), NO_CONNECTIONS],
        ['nothing but it', subtract(NO_CONNECTIONS, a), NO_CONNECTIONS],
      ] as const) {
        if (result !== wanted) throw new Error(`${what}: another object`);
      }
    }),
  );
  t.equal(connectionsOf([]), NO_CONNECTIONS);
});

t.test('sets are canonical whatever order their ranges come in', async (t) => {
  fc.assert(
    fc.property(fc.array(range, { maxLength: 6 }), (ranges) =>
      t.same(connectionsOf(ranges), connectionsOf([...ranges].reverse())),
    ),
    { numRuns: 100 },
  );
  const halves = connectionsOf([
    { protocol: 'TCP', from: 1, to: 30000 },
    { protocol: 'TCP', from: 30001, to: 65535 },
  ]);
  t.equal(printConnections(halves), 'TCP all', 'adjacent ranges merge');
});

t.test('sets print as people write them', async (t) => {
  const cases: [ConnectionSet, string][] = [
    [NO_CONNECTIONS, 'none'],
    [ALL_PORTS, 'all'],
    [ALL_CONNECTIONS, 'all'],
    [
      connectionsOf([
        { protocol: 'UDP', from: 53, to: 53 },
        { protocol: 'TCP', from: 443, to: 443 },
        { protocol: 'TCP', from: 9000, to: 9010 },
        { protocol: 'TCP', from: 80, to: 80 },
      ]),
      'TCP 80,443,9000-9010; UDP 53',
    ],
  ];
  for (const [value, text] of cases) t.equal(printConnections(value), text);
});

t.test('addresses are read strictly and printed canonically', async (t) => {
  const good: [string, string][] = [
    ['10.0.0.1', '10.0.0.1'],
    ['::', '::'],
    ['::1', '::1'],
    ['2001:DB8::0:1', '2001:db8::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['1:0:2:3:4:5:6:7', '1:0:2:3:4:5:6:7'],
    ['::ffff:10.0.0.1', '::ffff:a00:1'],
  ];
  for (const [text, printed] of good) {
    const address = parseAddress(text);
    t.equal(address === undefined ? undefined : printAddress(address), printed, text);
  }
  const bad = [
    '',
    '10.0.0',
    '10.0.0.256',
    '010.0.0.1',
    '10.0.0.1 ',
    '1::2::3',
    ':::',
    'fe80::1%eth0',
    '1:2:3:4:5:6:7',
    '12345::',
    '[::1]',
    '1:2:3:4:5:6:7:8:9',
    '10.0.0.1::',
  ];
  for (const text of bad) t.equal(parseAddress(text), undefined, `refuses ${JSON.stringify(text)}`);
  for (const text of [
    '10.0.0.0',
    '10.0.0.0/33',
    '10.0.0.0/08',
    '10.0.0.0/-1',
    '::/129',
    '/8',
    '10.0.0.0/8/8',
  ]) {
    t.equal(parseCidr(text), undefined, `refuses ${text}`);
  }
  t.equal(printRange(parseCidr('10.0.0.5/8')?.range ?? fail()), '10.0.0.0-10.255.255.255');
});

const family = fc.constantFrom(4 as const, 6 as const);
const addressRange: fc.Arbitrary<AddressRange> = fc
  .record({ family, a: fc.integer({ min: 0, max: 40 }), b: fc.integer({ min: 0, max: 40 }) })
  .map(({ family: f, a, b }) => ({
    family: f,
    first: BigInt(Math.min(a, b)),
    last: BigInt(Math.max(a, b)),
  }));
const ranges = fc.array(addressRange, { maxLength: 5 });

t.test('ranges of addresses are what their points say', async () => {
  const holds = (list: readonly AddressRange[], f: 4 | 6, value: bigint): boolean =>
    list.some((one) => containsAddress(one, { family: f, value }));
  fc.assert(
    fc.property(ranges, ranges, family, fc.integer({ min: 0, max: 41 }), (a, b, f, n) => {
      const value = BigInt(n);
      const [inA, inB] = [holds(a, f, value), holds(b, f, value)];
      const cidrs = cidrsOf(a).flatMap((text) => parseCidr(text)?.range ?? []);
      return (
        holds(mergeRanges(a), f, value) === inA &&
        holds(intersectRanges(a, b), f, value) === (inA && inB) &&
        holds(subtractRanges(a, b), f, value) === (inA && !inB) &&
        holds(cidrs, f, value) === inA
      );
    }),
  );
  fc.assert(
    fc.property(
      addressRange,
      addressRange,
      (a, b) => containsRange(a, b) === (subtractRanges([b], [a]).length === 0),
    ),
  );
});

t.test('printed addresses read back, and CIDRs are as few as can be', async (t) => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }), (value) => {
      const v6 = { family: 6 as const, value };
      const v4 = { family: 4 as const, value: value & 0xffffffffn };
      return (
        parseAddress(printAddress(v6))?.value === v6.value &&
        parseAddress(printAddress(v4))?.value === v4.value
      );
    }),
  );
  t.same(cidrsOf([{ family: 4, first: 0n, last: (1n << 32n) - 1n }]), ['0.0.0.0/0']);
  t.same(cidrsOf([{ family: 4, first: 1n, last: 4n }]), ['0.0.0.1/32', '0.0.0.2/31', '0.0.0.4/32']);
});

t.test('selectors match as the API says, prototype names included', async (t) => {
  const labels = new Map([
    ['app', 'web'],
    ['empty', ''],
    ['constructor', 'x'],
  ]);
  const cases: [Requirement, boolean][] = [
    [{ key: 'app', operator: 'In', values: ['web'] }, true],
    [{ key: 'app', operator: 'In', values: ['api'] }, false],
    [{ key: 'absent', operator: 'In', values: [''] }, false],
    [{ key: 'empty', operator: 'In', values: [''] }, true],
    [{ key: 'absent', operator: 'NotIn', values: ['x'] }, true],
    [{ key: 'app', operator: 'NotIn', values: ['web'] }, false],
    [{ key: 'constructor', operator: 'Exists', values: [] }, true],
    [{ key: 'toString', operator: 'Exists', values: [] }, false],
    [{ key: '__proto__', operator: 'DoesNotExist', values: [] }, true],
    [{ key: 'constructor', operator: 'DoesNotExist', values: [] }, false],
  ];
  for (const [requirement, expected] of cases) {
    t.equal(
      matches({ requirements: [requirement] }, labels),
      expected,
      JSON.stringify(requirement),
    );
  }
  t.equal(matches(selectorOf([]), labels), true, 'the empty selector matches everything');
  t.equal(
    matchesPartly({ requirements: [{ key: 'x', operator: 'Exists', values: [] }] }, labels),
    'maybe',
  );
  t.equal(
    matchesPartly(
      {
        requirements: [
          { key: 'x', operator: 'Exists', values: [] },
          { key: 'app', operator: 'In', values: ['b'] },
        ],
      },
      labels,
    ),
    'no',
    'a requirement that certainly fails decides',
  );
  const messy = selectorOf([
    { key: 'b', operator: 'In', values: ['2', '1', '2'] },
    { key: 'a', operator: 'DoesNotExist', values: [] },
    { key: 'b', operator: 'In', values: ['1', '2'] },
  ]);
  t.equal(printSelector(messy), '!a,b in (1,2)', 'canonical form');
});

function fail(): never {
  throw new Error('expected a value');
}
