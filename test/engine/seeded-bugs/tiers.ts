import { bugsIn } from './seeded-bug.ts';
import type { SeededBug } from './seeded-bug.ts';

/** Bugs in the tiers of the flat index. */
export const TIER_BUGS: readonly SeededBug[] = [
  ...bugsIn('engine/index/tier-ir.ts', [
    [
      'rules of a direction count in the other as well',
      `rules: [applies.egress ? egress.map(read) : [], applies.ingress ? ingress.map(read) : []],`,
      `rules: [applies.egress ? egress.map(read) : [], applies.egress ? egress.map(read) : []],`,
    ],
    [
      'a baseline policy is one of the admin tier',
      `tier: tier === 'admin' ? ADMIN : BASELINE,`,
      `tier: ADMIN,`,
    ],
  ]),
  ...bugsIn('engine/index/tier-tables.ts', [
    [
      'the order of admin policies is ignored',
      `a.tier - b.tier || a.order - b.order,`,
      `a.tier - b.tier,`,
    ],
    [
      'negated peers of tiers are plain ones',
      `peers.push(negated ? ~peerNumbers[peer]! : peerNumbers[peer]!);`,
      `peers.push(peerNumbers[peer]!);`,
    ],
    [
      'opaque rules of tiers are certain',
      `actions.push(rule.action | (rule.opaque ? MAYBE_ACTION : 0));`,
      `actions.push(rule.action);`,
    ],
    [
      'policies of one order are heard one after the other',
      `(before.tier !== ir.tier || before.order !== ir.order)) rank += 1;`,
      `before !== ir) rank += 1;`,
    ],
    [
      'the last policy of a list is lost',
      `for (const policy of found) items.push(policy);`,
      `for (const policy of found.slice(0, -1)) items.push(policy);`,
    ],
  ]),
  ...bugsIn('engine/index/tier-outcomes.ts', [
    ['the baseline judges isolated pods', `if (isolated) break;`, ``],
    [
      'a pass of the admin tier skips the baseline as well',
      `this.#rest = sets.unionOf(this.#rest, passed);
        passed = NO_SET;`,
      ``,
    ],
    [
      'pass is allow',
      `allow = sets.unionOf(allow, sets.differenceOf(total[ALLOW], ties));`,
      `allow = sets.unionOf(allow, sets.differenceOf(sets.unionOf(total[ALLOW], total[PASS]), ties));`,
    ],
    ['ties of the arrays are lost', `this.#unknown = sets.unionOf(this.#unknown, ties);`, ``],
    [
      'ties of allow and pass are lost',
      `sets.unionOf(sets.intersectionOf(allow, deny), sets.intersectionOf(allow, pass)),`,
      `sets.intersectionOf(allow, deny),`,
    ],
    [
      'what was denied may be decided again',
      `for (const set of total) this.#rest = sets.differenceOf(this.#rest, set);`,
      `for (const set of [total[ALLOW], total[PASS]]) this.#rest = sets.differenceOf(this.#rest, set);`,
    ],
    [
      'a policy says no more once it has matched some ports',
      `rule < end && left !== NO_SET`,
      `rule < end && left === ALL_SET`,
    ],
    [
      'what may be denied is as good as allowed',
      `else if (action === DENY) this.#mayDeny = sets.unionOf(this.#mayDeny, set);`,
      `else if (action === DENY) return;`,
    ],
    ['what may be passed on is not', `else this.#unknown = sets.unionOf(this.#unknown, set);`, ``],
    [
      'only the first peer of a rule of a tier counts',
      `for (let i = peerStart[rule]!; i < peerStart[rule + 1]!; i += 1) {`,
      `for (let i = peerStart[rule]!; i < Math.min(peerStart[rule]! + 1, peerStart[rule + 1]!); i += 1) {`,
    ],
    [
      'outcomes are remembered whatever ports names mean',
      `this.readsNames(list, direction) ? map : 0`,
      `0`,
    ],
    [
      'outcomes are remembered for both directions at once',
      `const question = 4 * list + 2 * direction + (isolated ? 1 : 0);`,
      `const question = 4 * list + (isolated ? 1 : 0);`,
    ],
  ]),
  ...bugsIn('engine/index/tier-views.ts', [
    [
      'blocks of tiers are seen in one family',
      `const at = FAMILY_ROWS * this.#arenas.parties.signature[party]! + row;`,
      `const at = FAMILY_ROWS * this.#arenas.parties.signature[party]!;`,
    ],
    [
      'tiers do not tell addresses apart',
      `return this.#pairs.idOf(this.byLabels(party), this.byAddress(party, row));`,
      `return this.#pairs.idOf(this.byLabels(party), 0);`,
    ],
  ]),
  ...bugsIn('engine/index/tier-candidates.ts', [
    [
      'an allow of a tier makes no candidates',
      `if (tiers.admits(outcome)) {`,
      `if (tiers.admits(outcome) && !isolated) {`,
    ],
    [
      'a deny of a tier shuts out what it leaves',
      `isShut &&= tiers.restOf(outcome) === NO_SET;`,
      ``,
    ],
    [
      'candidates of all peers are those of the first',
      `key = this.#subjects.step(key, FAMILY_ROWS * views.byAddress(peer, row) + row);`,
      `key = this.#subjects.step(key, row);`,
    ],
    [
      'candidates do not look at who isolates',
      `const key = this.#peers.step(4 * list + 2 * direction + (isolated ? 1 : 0), ownMap);`,
      `const key = this.#peers.step(4 * list + 2 * direction, ownMap);`,
    ],
  ]),
  ...bugsIn('engine/index/node-selections.ts', [
    [
      'every address is a node',
      `if (node <= numbers.nodes) return node;`,
      `if (0 <= node) return Math.min(node, numbers.nodes - 1);`,
    ],
  ]),
  ...bugsIn('engine/index/leg-judge.ts', [
    [
      'NetworkPolicies decide what tiers have decided',
      `allow = sets.unionOf(allow, sets.intersectionOf(rest, byKeys));`,
      `allow = sets.unionOf(allow, byKeys);`,
    ],
    [
      'tiers see isolation of the other direction',
      `return ((this.#classFlags[this.#classOf[subject]!]! >> direction) & ISOLATES) !== 0;`,
      `return ((this.#classFlags[this.#classOf[subject]!]! >> (1 - direction)) & ISOLATES) !== 0;`,
    ],
  ]),
];
