import { isDeepStrictEqual } from 'node:util';

import fc from 'fast-check';
import t from 'tap';

import {
  decodeClusterChunk,
  decodeProblems,
  decodeProvenance,
  encodeClusterChunk,
  encodeProblems,
  encodeProvenance,
} from '../../src/model/chunk-codec.ts';
import { chunkHash, namespaceForm, sealSnapshot } from '../../src/model/digest.ts';
import { decodeNamespaceChunk, encodeNamespaceChunk } from '../../src/model/namespace-codec.ts';
import { provenanceByNamespace } from '../../src/model/snapshot.ts';
import type { NamespaceChunk, PodTable, Service, Snapshot } from '../../src/model/snapshot.ts';
import { SAMPLE_CLASSES, SAMPLE_ENTRIES } from '../store/sample-snapshots.ts';
import { anySnapshot, richSnapshot, sampleNamespace } from '../store/sample-snapshots.ts';
import { samplePolicy, sampleProblem, sampleSnapshot } from '../store/sample-snapshots.ts';

const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 4 }),
  fc.constantFrom('', 'n1', 'n2', '\ud800', 'ÿ', '日本'),
);
const anyAddress = fc.oneof(
  fc.ipV4(),
  fc.ipV6(),
  fc.constantFrom('0.0.0.0', '255.255.255.255', '256.0.0.1', '1.2.3', '1.2.3.4.5', '01.2.3.4'),
  fc.constantFrom('1.2.3.', '.1.2.3', '1..2.3', '1.2.3.4 ', '::', ''),
);
const anyPods: fc.Arbitrary<PodTable> = fc.uniqueArray(anyText, { maxLength: 5 }).chain((names) => {
  const column = <T>(cell: fc.Arbitrary<T>): fc.Arbitrary<T[]> =>
    fc.array(cell, { minLength: names.length, maxLength: names.length });
  const columns = {
    name: fc.constant(names),
    uid: column(anyText),
    shape: column(fc.integer()),
    addresses: column(fc.array(anyAddress, { maxLength: 3 })),
    node: column(anyText),
    workload: column(fc.integer({ min: -1 })),
    phase: column(fc.nat({ max: 255 })),
    flags: column(fc.nat({ max: 255 })),
  };
  return fc.record(columns, { noNullPrototype: true });
});

void t.test('every chunk comes back, byte for byte', (t) => {
  const roundTrip = fc.property(anySnapshot, (snapshot) => {
    for (const chunk of snapshot.namespaces.values()) {
      const bytes = encodeNamespaceChunk(chunk);
      const back = decodeNamespaceChunk(bytes);
      if (!isDeepStrictEqual(back, chunk)) return false;
      if (textOf(encodeNamespaceChunk(back)) !== textOf(bytes)) return false;
      if (chunkHash(bytes) !== namespaceForm(chunk).hash) return false;
    }
    return true;
  });
  fc.assert(roundTrip, { numRuns: 100 });
  const { cluster, problems, provenance } = richSnapshot();
  t.strictSame(decodeClusterChunk(encodeClusterChunk(cluster)), cluster);
  t.strictSame(decodeProblems(encodeProblems(problems)), problems);
  const chunk = { namespace: 'shop', entries: provenance.get('shop') ?? [] };
  t.strictSame(decodeProvenance(encodeProvenance(chunk)), chunk);
  t.end();
});

void t.test('what brings traffic in comes back, and changes no byte where there is none', (t) => {
  const chunk: NamespaceChunk = { ...sampleNamespace('shop'), waysIn: SAMPLE_ENTRIES };
  const bytes = encodeNamespaceChunk(chunk);
  t.strictSame(decodeNamespaceChunk(bytes).waysIn, SAMPLE_ENTRIES);
  const cluster = { nodes: [], policies: [], controllerClasses: SAMPLE_CLASSES };
  t.strictSame(decodeClusterChunk(encodeClusterChunk(cluster)), cluster);
  t.notMatch(textOf(encodeNamespaceChunk(sampleNamespace('shop'))), 'waysIn');
  t.throws(
    () =>
      sampleSnapshot([
        { ...chunk, waysIn: { ...SAMPLE_ENTRIES, entries: SAMPLE_ENTRIES.entries.toReversed() } },
      ]),
    /entries of namespace `shop` are not sorted/,
  );
  t.throws(
    () =>
      sampleSnapshot([], {
        cluster: { ...cluster, controllerClasses: SAMPLE_CLASSES.toReversed() },
      }),
    /controller classes are not sorted/,
  );
  t.end();
});

void t.test('the bytes are one JSON text in a fixed order', (t) => {
  const bytes = encodeProblems([
    { ...sampleProblem({ line: 3, file: 'a.yaml' }), message: '\u00e4\ud800' },
  ]);
  t.equal(
    textOf(bytes),
    '["podreach/problems/1",[{"severity":"error","code":"INVALID_POLICY",' +
      '"object":"NetworkPolicy shop/allow-web","path":"spec.ingress[0]","message":"ä\\ud800",' +
      '"affectsVerdicts":true,"file":"a.yaml","line":3}]]',
  );
  t.equal(decodeProblems(bytes)[0]?.message, '\u00e4\ud800', 'half a character too');
  t.end();
});

void t.test('the order of labels changes no byte', (t) => {
  const pairs = [
    ['__proto__', '1'],
    ['constructor', '2'],
    ['a', '3'],
    ['10', '4'],
    ['9', '5'],
  ] as const;
  const one = sampleNamespace('shop', { labels: new Map(pairs) });
  const other = sampleNamespace('shop', { labels: new Map(pairs.toReversed()) });
  t.equal(textOf(encodeNamespaceChunk(one)), textOf(encodeNamespaceChunk(other)));
  const [back] = decodeNamespaceChunk(encodeNamespaceChunk(one)).labelSets;
  t.same([...(back?.keys() ?? [])], ['10', '9', '__proto__', 'a', 'constructor']);
  t.equal(back?.get('toString'), undefined);
  t.equal(back?.get('__proto__'), '1');
  t.end();
});

const UNREADABLE: readonly (readonly [what: string, from: string, to: string])[] = [
  ['another format', 'podreach/namespace/2', 'podreach/namespace/3'],
  ['another kind of chunk', 'podreach/namespace/2', 'podreach/cluster/1'],
  ['an unknown member', '"terminating"', '"__proto__":1,"terminating"'],
  ['a missing member', '"terminating":false,', ''],
  ['text for a boolean', '"terminating":false', '"terminating":"false"'],
  ['an unknown word', '"known":"OBJECT"', '"known":"SOMETIMES"'],
  ['a broken number', '"from":80', '"from":80.5'],
  ['an unknown peer', '"kind":"nodes"', '"kind":"constructor"'],
  ['a number for text', '"allow-web"', '7'],
  ['a text for a list', '"ports":[],"hostNetwork"', '"ports":"[]","hostNetwork"'],
  ['a pair of one', '["app","api"]', '["app"]'],
  ['a cut text', '"template":false}]', '"template":false}'],
];

for (const [what, from, to] of UNREADABLE) {
  void t.test(`${what} is never read as something else`, (t) => {
    const sections = sectionsOf(encodeNamespaceChunk(sampleNamespace('shop')));
    const damaged = sections.map((section) =>
      section.includes(from) ? Buffer.from(section.toString().replace(from, to)) : section,
    );
    t.notSame(damaged, sections);
    t.throws(() => readAll(bytesOfSections(damaged)), { code: 'snapshot-corrupt' });
    t.end();
  });
}

void t.test('sections that are cut, missing or superfluous are never read', (t) => {
  const chunk = richSnapshot().namespaces.get('shop') ?? sampleNamespace('shop');
  const bytes = encodeNamespaceChunk(chunk);
  const corrupt = { code: 'snapshot-corrupt' };
  t.same(readAll(bytes).name, 'shop');
  for (let length = 0; length < bytes.length; length += 8) {
    t.throws(() => readAll(bytes.slice(0, length)), corrupt, `the first ${length} bytes`);
  }
  t.throws(() => readAll(Buffer.concat([bytes, new Uint8Array(8)])), corrupt);
  const sections = sectionsOf(bytes);
  for (const [i, section] of sections.entries()) {
    // The texts that belong to one address, or none, may stand in any of these.
    const shorter = section.subarray(0, Math.max(0, section.length - 1));
    if (section.length !== 0) {
      t.throws(() => readAll(bytesOfSections(sections.with(i, shorter))), corrupt, `section ${i}`);
    }
  }
  t.end();
});

const POINTERS: readonly (readonly [what: string, section: number])[] = [
  ['the end of a name', 7],
  ['the end of a uid', 9],
  ['the node of a pod', 17],
  ['the end of the name of a node', 18],
  ['the pod of an endpoint', 28],
  ['the node of an endpoint', 31],
];

for (const [what, i] of POINTERS) {
  void t.test(`${what} that is not there is noticed`, (t) => {
    const chunk = richSnapshot().namespaces.get('shop') ?? sampleNamespace('shop');
    const sections = sectionsOf(encodeNamespaceChunk(chunk));
    for (const number of [99, -3]) {
      const damaged = Buffer.from(sections[i] ?? '');
      damaged.writeInt32LE(number, 0);
      const bytes = bytesOfSections(sections.with(i, damaged));
      t.throws(() => readAll(bytes), { code: 'snapshot-corrupt' }, `${number}`);
    }
    t.end();
  });
}

void t.test('bytes that are not UTF-8 are refused', (t) => {
  const sections = sectionsOf(encodeNamespaceChunk(sampleNamespace('shop')));
  const head = Buffer.from(sections[1] ?? '');
  head[head.indexOf(0x61)] = 0xff;
  t.throws(() => readAll(bytesOfSections(sections.with(1, head))), { code: 'snapshot-corrupt' });
  t.end();
});

void t.test('columns hold every text, address and number exactly', (t) => {
  const roundTrip = fc.property(anyPods, (pods) => {
    const namespace = { ...sampleNamespace('shop'), pods, services: [serviceOf(pods)] };
    const bytes = encodeNamespaceChunk(namespace);
    // Not where numbers are aligned, as a database may give them.
    const shifted = Buffer.concat([new Uint8Array(3), bytes]).subarray(3);
    return [bytes, shifted].every((each) => {
      const back = decodeNamespaceChunk(each);
      const columns = Object.entries<ArrayLike<unknown>>({ ...back.pods });
      const plain = Object.fromEntries(columns.map(([name, cells]) => [name, Array.from(cells)]));
      return isDeepStrictEqual(plain, pods) && isDeepStrictEqual(back.services, namespace.services);
    });
  });
  fc.assert(roundTrip, { numRuns: 300 });
  t.end();
});

void t.test('numbers that do not fit their column are refused', (t) => {
  const { pods, ...rest } = sampleNamespace('shop');
  for (const column of ['shape', 'workload', 'phase', 'flags'] as const) {
    for (const number of [0.5, 2 ** 31, -(2 ** 31) - 1, Number.NaN]) {
      const broken = { ...rest, pods: { ...pods, [column]: [number, 0] } };
      t.throws(() => encodeNamespaceChunk(broken), /does not fit its column/);
    }
  }
  t.end();
});

void t.test('what could not be read back is never written', (t) => {
  const chunk = sampleNamespace('shop');
  const policy = { ...samplePolicy('shop', 'p'), order: Number.NaN };
  t.throws(() => encodeNamespaceChunk({ ...chunk, policies: [policy] }), /not a finite number/);
  t.end();
});

void t.test('decoded chunks cannot be changed', (t) => {
  const chunk = decodeNamespaceChunk(encodeNamespaceChunk(sampleNamespace('shop')));
  for (const part of [chunk, chunk.pods, chunk.pods.name, chunk.policies, chunk.policies[0]]) {
    t.ok(Object.isFrozen(part));
  }
  t.end();
});

/** The sections of a namespace, cut out by their lengths. */
function sectionsOf(bytes: Uint8Array): Buffer[] {
  const all = Buffer.from(bytes);
  const sections: Buffer[] = [];
  for (let at = 0; at < all.length; at += 8 + Math.ceil(all.readUInt32LE(at) / 8) * 8) {
    sections.push(all.subarray(at + 8, at + 8 + all.readUInt32LE(at)));
  }
  return sections;
}

function bytesOfSections(sections: readonly Uint8Array[]): Uint8Array {
  const parts = sections.flatMap((section) => {
    const length = Buffer.alloc(8);
    length.writeUInt32LE(section.length, 0);
    return [length, section, new Uint8Array((8 - (section.length % 8)) % 8)];
  });
  return Buffer.concat(parts);
}

/** Decodes a namespace and touches everything in it. */
function readAll(bytes: Uint8Array): NamespaceChunk {
  const chunk = decodeNamespaceChunk(bytes);
  return { ...structuredClone({ ...chunk, pods: { ...chunk.pods } }) };
}

/** A Service with two groups, which have the pods as endpoints, some by name. */
function serviceOf(pods: PodTable): Service {
  const { services = [] } = richSnapshot().namespaces.get('shop') ?? {};
  const [service] = services;
  if (service === undefined) throw new Error('the sample has a Service');
  const endpoints = pods.name.map((name, i) => {
    const flags = pods.flags[i] ?? 0;
    return {
      addresses: pods.addresses[i] ?? [],
      ...(flags % 3 === 0 ? {} : { pod: `${flags % 3 === 1 ? 'shop' : 'other'}/${name}` }),
      ...(flags % 2 === 0 ? {} : { node: pods.node[i] ?? '' }),
      ready: (flags & 4) !== 0,
      serving: (flags & 8) !== 0,
      terminating: (flags & 16) !== 0,
    };
  });
  const ports = [{ protocol: 'UDP' }] as const;
  return {
    ...service,
    endpoints: [
      { source: 'Endpoints', ports, endpoints: endpoints.slice(0, 2) },
      { source: 'EndpointSlice', ports: [], endpoints: endpoints.slice(2) },
    ],
  };
}

const shop = (): NamespaceChunk => sampleNamespace('shop');
const base = (): Snapshot => sampleSnapshot([shop()], { problems: [sampleProblem()] });

const SAME_DIGEST: readonly (readonly [what: string, snapshot: Snapshot])[] = [
  [
    'being detected',
    sampleSnapshot([shop()], { problems: [sampleProblem()], sourceDetected: true }),
  ],
  [
    'provenance',
    sampleSnapshot([shop()], {
      problems: [sampleProblem()],
      provenance: provenanceByNamespace([
        { object: samplePolicy('shop', 'p').ref, line: 3, lines: [] },
      ]),
    }),
  ],
  [
    'file and line of a problem',
    sampleSnapshot([shop()], { problems: [sampleProblem({ file: 'a.yaml', line: 3 })] }),
  ],
  [
    'a problem that changes no verdict',
    sampleSnapshot([shop()], {
      problems: [sampleProblem(), sampleProblem({ code: 'X', affectsVerdicts: false })],
    }),
  ],
];

for (const [what, snapshot] of SAME_DIGEST) {
  void t.test(`${what} is not part of the digest`, (t) => {
    t.equal(snapshot.digest, base().digest);
    t.end();
  });
}

const pod = base().coverage[0];
const OTHER_DIGEST: readonly (readonly [what: string, more: Partial<Omit<Snapshot, 'digest'>>])[] =
  [
    ['a problem', { problems: [] }],
    ['the number of equal problems', { problems: [sampleProblem(), sampleProblem()] }],
    ['the source', { source: 'LIVE' }],
    ['an assumption', { assumptions: ['NO_POLICIES'] }],
    ['coverage', { coverage: pod === undefined ? [] : [{ ...pod, status: 'PARTIAL' }] }],
    ['a namespace', { namespaces: new Map([['data', sampleNamespace('data')]]) }],
    ['a pod', { namespaces: new Map([['shop', sampleNamespace('shop', { pods: ['x'] })]]) }],
    ['a policy', { namespaces: new Map([['shop', sampleNamespace('shop', { policies: [] })]]) }],
    [
      'a node',
      {
        cluster: {
          nodes: [{ name: 'n', labels: new Map(), addresses: [], podCIDRs: [] }],
          policies: [],
        },
      },
    ],
  ];

for (const [what, more] of OTHER_DIGEST) {
  void t.test(`${what} is part of the digest`, (t) => {
    t.not(sealSnapshot({ ...base(), ...more }).digest, base().digest);
    t.end();
  });
}

void t.test('the digest is fixed, whatever version computes it', (t) => {
  t.equal(
    richSnapshot().digest,
    '7b255f8b79d6b90e8476427cf359c8e57bd102d86ba9d7ccfaf50146bf55350c',
    'changing it makes every stored snapshot corrupt: add a format instead',
  );
  t.end();
});

void t.test('the order in which things were read changes nothing', (t) => {
  const problems = [
    sampleProblem({ line: 10, file: 'a' }),
    sampleProblem({ line: 9, file: 'a' }),
    sampleProblem({ severity: 'info' }),
    sampleProblem({ path: '' }),
  ];
  const coverage = [
    { apiVersion: 'v1', kind: 'Pod', status: 'PARTIAL', count: 1, namespaces: ['b', 'a'] },
    { apiVersion: 'v1', kind: 'Node', status: 'ABSENT', count: 0, namespaces: [] },
  ] as const;
  const provenance = ['b/q', 'a/p', 'b/p'].map((path) => {
    const [namespace = '', name = ''] = path.split('/');
    return { object: samplePolicy(namespace, name).ref, lines: [] };
  });
  const namespaces = [sampleNamespace('b'), sampleNamespace('a')];
  const assumptions = ['B', 'A', 'B'];
  const one = sampleSnapshot(namespaces, {
    problems,
    coverage,
    provenance: provenanceByNamespace(provenance),
    assumptions,
  });
  const other = sampleSnapshot(namespaces.toReversed(), {
    problems: problems.toReversed(),
    coverage: coverage
      .toReversed()
      .map((row) => ({ ...row, namespaces: row.namespaces.toReversed() })),
    provenance: provenanceByNamespace(provenance.toReversed()),
    assumptions: assumptions.toReversed(),
  });
  t.strictSame(other, one);
  t.same([...one.namespaces.keys()], ['a', 'b']);
  t.same(one.assumptions, ['A', 'B']);
  const objects = [...one.provenance.values()]
    .flat()
    .map(({ object }) => `${object.namespace ?? ''}/${object.name}`);
  t.same(objects, ['a/p', 'b/p', 'b/q']);
  t.same(
    one.problems.map(({ path, line }) => [path, line]),
    [
      ['', undefined],
      ['spec.ingress[0]', 9],
      ['spec.ingress[0]', 10],
      ['spec.ingress[0]', undefined],
    ],
  );
  t.end();
});

void t.test('a chunk that was sealed is shared, not copied', (t) => {
  const first = base();
  const namespaces = new Map([...first.namespaces, ['data', sampleNamespace('data')]]);
  const second = sealSnapshot({ ...first, namespaces });
  t.equal(second.namespaces.get('shop'), first.namespaces.get('shop'));
  t.equal(second.cluster, first.cluster);
  t.end();
});

const BROKEN: readonly (readonly [
  what: string,
  broken: (chunk: NamespaceChunk) => object,
  RegExp,
])[] = [
  ['a short column', ({ pods }) => ({ pods: { ...pods, uid: [] } }), /column `uid`/],
  ['pods out of order', ({ pods }) => ({ pods: renamed(pods, 'b', 'a') }), /not sorted/],
  ['two pods of one name', ({ pods }) => ({ pods: renamed(pods, 'a', 'a') }), /distinct/],
  ['a shape that is not there', () => ({ shapes: [] }), /pods.shape 0 points at nothing/],
  ['labels that are not there', () => ({ labelSets: [] }), /shapes.labels 0 points/],
  ['a workload that is not there', () => ({ workloads: [] }), /pods.workload 0 points/],
  ['another name than its key', () => ({ name: 'other' }), /stands as `shop`/],
  [
    'policies out of order',
    () => ({ policies: ['b', 'a'].map((name) => samplePolicy('shop', name)) }),
    /policies of namespace `shop` are not sorted/,
  ],
];

for (const [what, broken, message] of BROKEN) {
  void t.test(`a namespace with ${what} is not sealed`, (t) => {
    const chunk = { ...shop(), ...broken(shop()) };
    const parts = { ...base(), namespaces: new Map([['shop', chunk]]) };
    t.throws(() => sealSnapshot(parts), message);
    t.end();
  });
}

function renamed(pods: PodTable, ...name: string[]): PodTable {
  return { ...pods, name };
}
