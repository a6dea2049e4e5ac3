import { bugsIn } from './seeded-bug.ts';
import type { SeededBug } from './seeded-bug.ts';

/** Bugs in selectors, sets, addresses and port names. */
export const MODEL_BUGS: readonly SeededBug[] = [
  ...bugsIn('model/selector.ts', [
    [
      'In with an empty value holds for an absent key',
      `return value !== undefined && requirement.values.includes(value);`,
      `return requirement.values.includes(value ?? '');`,
    ],
    [
      'NotIn does not hold for an absent key',
      `return value === undefined || !requirement.values.includes(value);`,
      `return value !== undefined && !requirement.values.includes(value);`,
    ],
    [
      'an empty value does not exist',
      `case 'Exists':
      return value !== undefined;`,
      `case 'Exists':
      return value !== undefined && value !== '';`,
    ],
    [
      'one requirement is enough',
      `return selector.requirements.every((requirement) => meets(requirement, labels));`,
      `return selector.requirements.length === 0 || selector.requirements.some((requirement) => meets(requirement, labels));`,
    ],
    [
      'unknown labels meet everything',
      `if (!known.has(requirement.key)) result = 'maybe';`,
      `if (!known.has(requirement.key)) result = 'yes';`,
    ],
    [
      'of two requirements on a key one is lost',
      `canonical.set(JSON.stringify([key, operator, sorted]), {`,
      `canonical.set(key, {`,
    ],
  ]),
  ...bugsIn('model/interval-set.ts', [
    ['touching ranges stay apart', `range.lo <= last.hi + 1`, `range.lo <= last.hi`],
    ['a range inside another cuts it', `if (last.hi < range.hi) merged`, `merged`],
    [
      'single ports are lost in an intersection',
      `if (lo <= hi) result.push({ lo, hi });`,
      `if (lo < hi) result.push({ lo, hi });`,
    ],
    [
      'a difference keeps the first port of what is taken',
      `result.push({ lo, hi: hole.lo - 1 })`,
      `result.push({ lo, hi: hole.lo })`,
    ],
    ['a difference loses the port after what is taken', `lo = hole.hi + 1;`, `lo = hole.hi + 2;`],
    [
      'the last port of a range is not in it',
      `set.some((range) => range.lo <= value && value <= range.hi)`,
      `set.some((range) => range.lo <= value && value < range.hi)`,
    ],
    [
      'the last range of a difference is lost',
      `if (lo <= range.hi) result.push({ lo, hi: range.hi });`,
      `if (lo < range.hi) result.push({ lo, hi: range.hi });`,
    ],
  ]),
  ...bugsIn('model/connection-set.ts', [
    ['a union forgets SCTP', `unionIntervals(a.SCTP, b.SCTP)`, `a.SCTP`],
    ['an intersection leaves UDP as it was', `intersectIntervals(a.UDP, b.UDP)`, `a.UDP`],
    [
      'other protocols slip into every port',
      `if (a === ALL_CONNECTIONS || (a === ALL_PORTS && !b.other)) return b;`,
      `if (a === ALL_CONNECTIONS || a === ALL_PORTS) return b;`,
    ],
    [
      'UDP and SCTP are swapped',
      `return make(lane('TCP'), lane('UDP'), lane('SCTP'), false);`,
      `return make(lane('TCP'), lane('SCTP'), lane('UDP'), false);`,
    ],
    [
      'ranges end one port early',
      `.map((range) => ({ lo: range.from, hi: range.to })),`,
      `.map((range) => ({ lo: range.from, hi: Math.max(range.from, range.to - 1) })),`,
    ],
    [
      'an intersection with nothing is the other side',
      `if (isEmpty(a) || isEmpty(b)) return NO_CONNECTIONS;`,
      `if (isEmpty(a) || isEmpty(b)) return isEmpty(a) ? b : a;`,
    ],
  ]),
  ...bugsIn('model/address.ts', [
    ['a hole ends one address early', `first = hole.last + 1n;`, `first = hole.last;`],
    [
      'a cidr has one address too many',
      `range: { family: address.family, first, last: first + size - 1n },`,
      `range: { family: address.family, first, last: first + size },`,
    ],
    [
      'an intersection begins too early',
      `const first = a.first < b.first ? b.first : a.first;`,
      `const first = a.first;`,
    ],
    [
      'holes of one family are cut from the other',
      `if (hole.family !== range.family || hole.last < first) continue;`,
      `if (hole.last < first) continue;`,
    ],
    [
      'a part of a hole is forgotten',
      `if (first < hole.first) result.push(`,
      `if (first + 1n < hole.first && hole.last !== range.last) result.push(`,
    ],
  ]),
  ...bugsIn('engine/named-ports.ts', [
    [
      'sidecars declare nothing',
      `'regular+sidecars': ['regular', 'sidecar'],`,
      `'regular+sidecars': ['regular'],`,
    ],
    [
      'init containers declare names',
      `port.container === container &&`,
      `port.container !== 'sidecar' &&`,
    ],
    [
      'a name is that of any protocol',
      `(protocol === undefined || port.protocol === protocol),`,
      `(protocol === undefined || port.protocol !== undefined),`,
    ],
    [
      'a name that is declared twice counts once',
      `return [...new Set(numbers)];`,
      `return numbers.slice(0, 1);`,
    ],
  ]),
];
