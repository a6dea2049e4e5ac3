import { bugsIn } from './seeded-bug.ts';
import type { SeededBug } from './seeded-bug.ts';

/** Bugs in how one pair is judged. */
export const PAIR_BUGS: readonly SeededBug[] = [
  ...bugsIn('engine/pair/match-peer.ts', [
    [
      'a rule without peers holds nobody',
      `if (rule.peers === 'every') return ruleDoubt(rule, YES);`,
      `if (rule.peers === 'every') return ruleDoubt(rule, NO);`,
    ],
    [
      'negation is ignored',
      `if (!term.negated || plain.match === 'maybe') return plain;`,
      `return plain;`,
    ],
    [
      'a peer that may match hides one that does',
      `if (one.match === 'maybe') result = one;`,
      `if (one.match === 'maybe') return ruleDoubt(rule, one);`,
    ],
    [
      'a named port replaces the numbers before it',
      `if (resolved !== undefined) ports = union(ports, resolved);`,
      `if (resolved !== undefined) ports = resolved;`,
    ],
    [
      'IPv4 blocks decide for IPv6',
      `family === null ? peer.blocks.unknown : peer.blocks[family]`,
      `family === null ? peer.blocks.unknown : peer.blocks[4]`,
    ],
    [
      'pods match a peer of nodes',
      `if (peer.nodeLabels === undefined) return NO;`,
      `if (peer.nodeLabels === undefined) return YES;`,
    ],
    [
      'a rule that cannot be evaluated is certain',
      `if (rule.rule.opaque === undefined || result.match === 'no') return result;`,
      `return result;`,
    ],
    [
      'the dialect of pods asks the option of nodes',
      `if (peer.party.kind === 'pods') return options.ipBlockMatchesPods;`,
      `if (peer.party.kind === 'pods') return options.ipBlockMatchesNodes;`,
    ],
    [
      'a peer that may match does not',
      `if (match === undefined || match === 'no') return NO;`,
      `if (match !== 'yes') return NO;`,
    ],
  ]),
  ...bugsIn('engine/pair/walk.ts', [
    [
      'a doubt counts where it agrees, not where it differs',
      `const changed = subtract(set, finals[action]);`,
      `const changed = intersect(set, finals[action]);`,
    ],
    [
      'what was decided stays open for the next tier',
      `this.#segments.push({ set: part, action, by, ...witness });
    this.#rest = subtract(this.#rest, part);`,
      `this.#segments.push({ set: part, action, by, ...witness });`,
    ],
    [
      'what nobody decided is denied',
      `this.decide(this.#rest, 'allow', 'default');`,
      `this.decide(this.#rest, 'deny', 'default');`,
    ],
    ['what is in doubt stays denied', `deny = subtract(deny, changed);`, ``],
    ['what is in doubt stays allowed', `allow = subtract(allow, changed);`, ``],
    ['a pass brings back what was decided', `    return part;`, `    return set;`],
    ['ties are lost', `if (!isEmpty(ambiguous)) {`, `if (isEmpty(ambiguous)) {`],
  ]),
  ...bugsIn('engine/pair/evaluate.ts', [
    [
      'the baseline comes before the admin tier',
      `  { id: 'admin', mode: 'first-match' },
  { id: 'network-policy', mode: 'union' },
  { id: 'baseline', mode: 'first-match' },`,
      `  { id: 'baseline', mode: 'first-match' },
  { id: 'network-policy', mode: 'union' },
  { id: 'admin', mode: 'first-match' },`,
    ],
    [
      'one end that allows is enough',
      `intersect(intersect(egress.allow, ingress.allow), ALL_PORTS)`,
      `intersect(union(egress.allow, ingress.allow), ALL_PORTS)`,
    ],
    [
      'both ends must deny',
      `intersect(union(egress.deny, ingress.deny), ALL_PORTS)`,
      `intersect(intersect(egress.deny, ingress.deny), ALL_PORTS)`,
    ],
    [
      'missing policies are no policies',
      `if (programs.length === 0 && doubts.length === 0) return;`,
      `if (programs.length === 0) return;`,
    ],
    [
      'a rule for others ends a policy',
      `if (match === 'no') continue;
      const ports = portsFor(program, rule, question);`,
      `if (match === 'no') break;
      const ports = portsFor(program, rule, question);`,
    ],
    [
      'own-node traffic is not exempt',
      `if (relation === 'LOCAL_NODE') walk.decide(walk.rest, 'allow', 'local-node');`,
      ``,
    ],
    [
      'a node that may be the own one is not',
      `if (relation === 'MAYBE_LOCAL_NODE' && isolated) {`,
      `if (relation === 'HAIRPIN' && isolated) {`,
    ],
    [
      'own-node traffic is exempt when it leaves',
      `(options.localNode === 'ingress-only' && direction === 'INGRESS');`,
      `(options.localNode === 'ingress-only' && direction === 'EGRESS');`,
    ],
    ['higher orders first', `].sort((a, b) => a - b);`, `].sort((a, b) => b - a);`],
    ['a later rule of a policy decides again', `open = subtract(open, set);`, ``],
    [
      'policies of equal order are heard in their order',
      `if (!isEmpty(ties)) {`,
      `if (isEmpty(ALL_PORTS)) {`,
    ],
    [
      'what is passed is lost',
      `passed = union(passed, walk.setAside(set, policy, index));`,
      `walk.setAside(set, policy, index);`,
    ],
    [
      'egress policies speak about ingress',
      `return subject.programs.filter(({ policy }) => appliesTo(policy, direction));`,
      `return subject.programs.filter(({ policy }) => appliesTo(policy, direction === 'EGRESS' ? 'INGRESS' : 'EGRESS'));`,
    ],
    [
      'a policy without rules does not isolate',
      `if (isolating(question).length !== 0) return true;`,
      `if (isolating(question).some((one) => programRules(one, question.direction).length !== 0)) return true;`,
    ],
    ['doubts only ever allow', `walk.doubt(walk.rest, 'deny', reason);`, ``],
    [
      'a policy that cannot be read is as good as none',
      `({ policy }) => policy.tier === tier.id && policy.opaque === undefined,`,
      `({ policy }) => policy.tier === tier.id,`,
    ],
  ]),
  ...bugsIn('engine/pair/fact-sheet.ts', [
    [
      'one address of a node in a block is enough',
      `each.every((matched) => matched.has(id))`,
      `each.some((matched) => matched.has(id))`,
    ],
    [
      'a pod seen without an address may have any',
      `return pod.phase === 'UNKNOWN'`,
      `return pod.phase !== 'UNKNOWN'`,
    ],
    [
      'with no family known, IPv6 blocks hold nothing',
      `return v4 === 'no' && blocks.matchUnknown(id, 6, space) !== 'no' ? 'maybe' : v4;`,
      `return v4;`,
    ],
    [
      'pods at other addresses are one party',
      `    blocks.key,
`,
      ``,
    ],
    [
      'pods with other ports are one party',
      `    portsText,
    subjectText,`,
      `    subjectText,`,
    ],
    [
      'a pod in two versions is certain',
      `if (conflict) doubts.push(conflictReason(chunk, pod));`,
      ``,
    ],
    [
      'a namespace in two versions is certain',
      `const conflict = pod.conflict || chunk.conflict;`,
      `const conflict = pod.conflict;`,
    ],
    [
      'of nodes that are missing all addresses are known',
      `const partly = viewNode?.synthetic === true && context.missingNodes !== undefined;`,
      `const partly = false;`,
    ],
    [
      'outcomes repeat whatever the ports',
      `portsKey: context.portsKeys.idOf(portsText),`,
      `portsKey: context.portsKeys.idOf(''),`,
    ],
    [
      'outcomes repeat whatever the policies',
      `subjectKey: context.subjectKeys.idOf(subjectText),`,
      `subjectKey: context.subjectKeys.idOf(scope),`,
    ],
    [
      'a name has the ports of the first protocol alone',
      `for (const lane of protocols) {`,
      `for (const lane of protocols.slice(0, 1)) {`,
    ],
    [
      'an address of one family is in the blocks of the other',
      `blocks: { ...none, [family]: matched } };`,
      `blocks: { 4: matched, 6: NO_BLOCKS, unknown: matched } };`,
    ],
  ]),
  ...bugsIn('engine/pair/selection-matcher.ts', [
    [
      'labels of unknown namespaces are known',
      `if (chunk.known === 'UNKNOWN')`,
      `if (chunk.known === 'IMPLIED' && chunk.conflict)`,
    ],
    [
      'a namespace selector selects all its pods',
      `if (selection === undefined || !matches(selection.pods, labels)) continue;`,
      `if (selection === undefined) continue;`,
    ],
    [
      'a pod selector selects all pods of its namespace',
      `if (selection !== undefined && matches(selection.pods, labels)) found.push([id, 'yes']);`,
      `if (selection !== undefined) found.push([id, 'yes']);`,
    ],
    [
      'the last selection of a namespace replaces the others',
      `list.push(id);`,
      `list.splice(0, list.length, id);`,
    ],
  ]),
  ...bugsIn('engine/pair/address-blocks.ts', [
    [
      'equal cidrs with other excepts are one block',
      `const key = [cidr, ...except].join(' ');`,
      `const key = cidr;`,
    ],
    ['excepts are ignored', `subtractRanges([rangeOf(cidr)], holes)`, `[rangeOf(cidr)]`],
    [
      'a block ends one address early',
      `eventAt(range.last + 1n).close.push(id)`,
      `eventAt(range.last).close.push(id)`,
    ],
    [
      'a block begins one address late',
      `if ((first[middle] ?? 0n) <= value) lo = middle;`,
      `if ((first[middle] ?? 0n) < value) lo = middle;`,
    ],
    [
      'nothing is certain of an unknown address',
      `if (left.length === 0) return 'yes';`,
      `if (left.length === 0) return 'maybe';`,
    ],
    ['pods are never in 192.168.0.0/16', `  '192.168.0.0/16',\n`, ``],
    [
      'blocks open before others close',
      `for (const id of events.get(border)?.close ?? []) open.delete(id);`,
      ``,
    ],
  ]),
  ...bugsIn('engine/pair/policy-program.ts', [
    [
      'a rule without ports opens none',
      `rule.ports === 'every' ? ALL_CONNECTIONS : connectionsOf([])`,
      `connectionsOf([])`,
    ],
    ['a name is one port, whatever its protocol', `\${protocol ?? '*'}/\${name}`, `\${name}`],
    [
      'equal pod selectors of all namespaces are one',
      `\${printScope(selection.namespaces)}?\${canonicalKey(selection.pods)}`,
      `\${selection.namespaces.kind}?\${canonicalKey(selection.pods)}`,
    ],
    [
      'egress and ingress are swapped',
      `return direction === 'INGRESS' ? program.ingress : program.egress;`,
      `return direction === 'EGRESS' ? program.ingress : program.egress;`,
    ],
    [
      'the last number of a rule replaces the others',
      `fixedPorts = union(fixedPorts, connectionsOf([port]));`,
      `fixedPorts = connectionsOf([port]);`,
    ],
    [
      'names of a rule are forgotten',
      `return { rule, action: rule.action, peers, fixedPorts, namedPorts };`,
      `return { rule, action: rule.action, peers, fixedPorts, namedPorts: namedPorts.slice(0, 0) };`,
    ],
  ]),
];
