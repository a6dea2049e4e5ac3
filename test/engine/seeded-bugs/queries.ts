import { bugsIn } from './seeded-bug.ts';
import type { SeededBug } from './seeded-bug.ts';

/** Bugs in how pairs make up paths and lists. */
export const QUERY_BUGS: readonly SeededBug[] = [
  ...bugsIn('engine/queries/cases.ts', [
    [
      'implicit cases count beside others',
      `const counted = explicit.length === 0 ? cases : explicit;`,
      `const counted = cases;`,
    ],
    [
      'allowed beats undetermined',
      `if (undetermined) return 'UNDETERMINED';`,
      `if (undetermined && !allowed) return 'UNDETERMINED';`,
    ],
    [
      'families need not be common',
      `return b === 'unknown' ? a : a.filter((family) => b.includes(family));`,
      `return a;`,
    ],
    [
      'a pod is a stranger to itself',
      `source.party === destination.party ? shared(source.pods, destination.pods) : []`,
      `[]`,
    ],
    [
      'a Service of one family has both',
      `return own.filter((family) => families.includes(family));`,
      `return own;`,
    ],
    [
      'a pair of a pod with itself is the only one',
      `if (others !== 0) {`,
      `if (others !== 0 && selves.length === 0) {`,
    ],
    [
      'only the first relation counts',
      `return [...parts].map(([relation, part]) => ({ relation, ...part }));`,
      `return [...parts].slice(0, 1).map(([relation, part]) => ({ relation, ...part }));`,
    ],
  ]),
  ...bugsIn('engine/queries/case-result.ts', [
    [
      'a Service port in doubt is allowed',
      `else if (all) yes.push(port);`,
      `else if (all || !none) yes.push(port);`,
    ],
    [
      'nothing is undetermined',
      `undetermined: subtract(subtract(asked, allowed), denied),`,
      `undetermined: NO_CONNECTIONS,`,
    ],
    [
      'a Service that is denied is in doubt',
      `if (none || isEmpty(targets)) no.push(port);`,
      `if (isEmpty(targets)) no.push(port);`,
    ],
    ['ports that were not asked are answered', `allowed: intersect(allowed, asked),`, `allowed,`],
  ]),
  ...bugsIn('engine/queries/candidates.ts', [
    [
      'the first candidate is lost',
      `for (let i = 0; i < found.length; i += 1) marks`,
      `for (let i = 1; i < found.length; i += 1) marks`,
    ],
    [
      'the last party is no candidate',
      `const marks = new Uint8Array(index.partyCount);`,
      `const marks = new Uint8Array(index.partyCount - 3);`,
    ],
  ]),
  ...bugsIn('engine/queries/list-ends.ts', [
    [
      'nodes that may connect are left out',
      `among === undefined || among.has(index.partyOfNode(node)))`,
      `among === undefined || !among.has(index.partyOfNode(node)))`,
    ],
    [
      'the last pod of a party has no row',
      `for (let i = 0; i < pods.length; i += 1) {`,
      `for (let i = 0; i < pods.length - 1; i += 1) {`,
    ],
    [
      'a range with an owner is left out',
      `part.ranges.some((range) => !isOwned(index, range))`,
      `part.ranges.every((range) => index.view.countOwnedByEnds(range) === 0)`,
    ],
    [
      'the first row is lost',
      `for (let row = found.indexOf(1); 0 <= row; row`,
      `for (let row = found.indexOf(1); 0 < row; row`,
    ],
    [
      'rows hold one of their parties',
      `groups: groupByParty(index, members),`,
      `groups: groupByParty(index, members).slice(0, 1),`,
    ],
  ]),
];
