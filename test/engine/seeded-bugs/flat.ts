import { bugsIn } from './seeded-bug.ts';
import type { SeededBug } from './seeded-bug.ts';

/** Bugs in the flat index: what it is made of, and how it is read. */
export const FLAT_BUGS: readonly SeededBug[] = [
  ...bugsIn('engine/index/leg-judge.ts', [
    [
      'keys of all namespaces are elsewhere',
      `return namespace !== ANY_NAMESPACE && namespace !== home && home !== ANY_NAMESPACE;`,
      `return namespace !== home && home !== ANY_NAMESPACE;`,
    ],
    [
      'isolation is ignored',
      `if ((flags & ISOLATES) === 0) return ALL_SET;`,
      `if ((flags & UNCERTAIN) === 0) return ALL_SET;`,
    ],
    [
      'a peer that may match is certain',
      `if (held === YES) certain = this.sets.addList(certain, ports, map);`,
      `if (held !== NO) certain = this.sets.addList(certain, ports, map);`,
    ],
    [
      'a block that may hold an end does not',
      `return hasBlock(blockSets, signatures.possible[at]!, block) ? MAYBE : NO;`,
      `return NO;`,
    ],
    [
      'a pod in two versions is selected like any other',
      `return conflict ? ANY_NAMESPACE : this.#namespaceOf[peer]!;`,
      `return this.#namespaceOf[peer]!;`,
    ],
    [
      'a namespace with unknown labels is not selected',
      `return hasMember(possibleScopes, selected, namespace) ? MAYBE : NO;`,
      `return NO;`,
    ],
    [
      'what may be allowed as well is forgotten',
      `return contains(whole, doubtful) ? certain : UNKNOWN_SET;`,
      `return certain;`,
    ],
    [
      'blocks of IPv4 decide for all families',
      `const at = FAMILY_ROWS * parties.signature[party]! + row;`,
      `const at = FAMILY_ROWS * parties.signature[party]!;`,
    ],
    [
      'names resolve on the subject',
      `const map = this.#portMap(direction === EGRESS ? peer : subject);
    const profile = this.#classProfile[one]!;
    const lastGroup = profileStart[profile + 1]!;
    let certain = NO_SET;`,
      `const map = this.#portMap(subject);
    const profile = this.#classProfile[one]!;
    const lastGroup = profileStart[profile + 1]!;
    let certain = NO_SET;`,
    ],
  ]),
  ...bugsIn('engine/index/candidates.ts', [
    [
      'the last key of a group makes no candidates',
      `for (let k = groupStart[group]!; k < groupStart[group + 1]!; k += 1) {`,
      `for (let k = groupStart[group]!; k < groupStart[group + 1]! - 1; k += 1) {`,
    ],
    [
      'pods in two versions are no candidates',
      `this.#near.add(classes.parties[conflict]!, classes.parties[conflict + 1]!);`,
      ``,
    ],
    [
      'blocks that may hold an end make no candidates',
      `eachBlock(blockSets, signatures.possible[at + row]!, markBlock);`,
      ``,
    ],
    [
      'candidates come from the other direction',
      `const other = direction === INGRESS ? 0 : 1;`,
      `const other = direction;`,
    ],
    ['nodes and addresses are no candidates', `open.add(this.#podParties, this.#partyCount);`, ``],
    [
      'the last pod is no candidate of a node',
      `if (this.#podParties <= party) this.#near.add(0, this.#podParties);`,
      `if (this.#podParties <= party) this.#near.add(0, this.#podParties - 1);`,
    ],
    ['rules for everyone make no candidates', `mark(EVERYONE);`, ``],
  ]),
  ...bugsIn('engine/index/csr.ts', [
    [
      'the last of a short list is not found',
      `for (; lo < hi; lo += 1) if (list[lo] === value) return lo;`,
      `for (; lo < hi - 1; lo += 1) if (list[lo] === value) return lo;`,
    ],
  ]),
  ...bugsIn('engine/index/address-signatures.ts', [
    [
      'one address of a node in a block is enough',
      `sets.intersectionOf(all, set));`,
      `sets.unionOf(all, set));`,
    ],
    [
      'with no family known, IPv6 blocks hold nothing',
      `const open = in4 === 'no' && in6 !== 'no' ? 'maybe' : in4;`,
      `const open = in4;`,
    ],
    [
      'a pod seen without an address may have any',
      `return expected ? this.#idOf(this.#unknownPod) : this.#ofNothing();`,
      `return this.#idOf(this.#unknownPod);`,
    ],
    [
      'an unknown node is in the pod network',
      `this.#unknownNode = unknownSets(space, blocks, undefined);`,
      `this.#unknownNode = unknownSets(space, blocks, POD_SPACE);`,
    ],
    [
      'every address has both families',
      `families: (v4 < 0 ? 0 : 1) | (v6 < 0 ? 0 : 2),`,
      `families: (v4 < 0 ? 0 : 1) | 2,`,
    ],
  ]),
  ...bugsIn('engine/index/address-atoms.ts', [
    [
      'an IPv4 block ends one address early',
      `borders[n] = bounds[i]! + (i % 2);`,
      `borders[n] = bounds[i]!;`,
    ],
    [
      'an IPv6 block ends one address early',
      `borders.push({ border: last + 1n, block });`,
      `borders.push({ border: last, block });`,
    ],
    [
      'an IPv4 atom begins one address late',
      `if (starts[middle]! <= address) lo = middle;`,
      `if (starts[middle]! < address) lo = middle;`,
    ],
    [
      'an IPv6 atom begins one address late',
      `return starts[at + k]! < words[k]!;
  }
  return true;`,
      `return starts[at + k]! < words[k]!;
  }
  return false;`,
    ],
    [
      'an interval ends where the next begins',
      `last: i + 1 < count ? start(i + 1) - 1n : LAST_ADDRESS[family],`,
      `last: i + 1 < count ? start(i + 1) : LAST_ADDRESS[family],`,
    ],
    [
      'a range lacks the interval it ends in',
      `if (last < whole.first) return;`,
      `if (last <= whole.last) return;`,
    ],
  ]),
  ...bugsIn('engine/index/ir-tables.ts', [
    [
      'equal ports of other protocols are one',
      `\`\${term.protocol}\${term.from}-\${term.to}\``,
      `\`\${term.from}-\${term.to}\``,
    ],
    [
      'names of a rule are forgotten',
      `port.kind === 'name' ? [{ name: port.name, protocol: port.protocol }] : [],`,
      `[],`,
    ],
  ]),
  ...bugsIn('engine/index/policy-ir.ts', [
    ['excepts are ignored', `blockRanges(atom.cidr, atom.except)`, `blockRanges(atom.cidr, [])`],
    [
      'equal cidrs with other excepts are one block',
      `\`\${atom.cidr} \${atom.except.join(' ')}\`;`,
      `atom.cidr;`,
    ],
    [
      'ingress rules count only where egress does',
      `readRules(policy.ingress, tables, settles && applies.ingress ? keys : mentions);`,
      `readRules(policy.ingress, tables, settles && applies.egress ? keys : mentions);`,
    ],
  ]),
  ...bugsIn('engine/index/policy-tables.ts', [
    [
      'a namespace that is not there is every one',
      `? (this.#namespaces.get(first.values[0] ?? '') ?? this.#every + 1)`,
      `? (this.#namespaces.get(first.values[0] ?? '') ?? this.#every)`,
    ],
    [
      'any label with one value is a name',
      `first.key === NAMESPACE_NAME_LABEL;`,
      `first.key !== '';`,
    ],
    [
      'egress policies isolate ingress',
      `((flags & SPEAKS_EGRESS) === 0 ? 0 : bits << EGRESS) |`,
      `((flags & SPEAKS_EGRESS) === 0 ? 0 : bits << INGRESS) |`,
    ],
    [
      'policies that cannot be read isolate',
      `const settles = addsUp && !opaque;`,
      `const settles = addsUp;`,
    ],
  ]),
  ...bugsIn('engine/index/selector-index.ts', [
    [
      'DoesNotExist is ignored',
      `if (operator === EXISTS ? !present : operator === DOES_NOT_EXIST && present) return false;`,
      `if (operator === EXISTS && !present) return false;`,
    ],
    ['NotIn is In', `if (named !== (operator === IN)) return false;`, `if (!named) return false;`],
    [
      'NotIn does not hold for an absent key',
      `const named = present && this.#names(i, this.#pairOfKey[key]!);`,
      `const named = present ? this.#names(i, this.#pairOfKey[key]!) : operator !== IN;`,
    ],
    [
      'selectors without In are not looked at',
      `if (operator !== EXISTS) return undefined;`,
      `if (operator !== EXISTS) return [];`,
    ],
    [
      'values that no selector names are the first that one does',
      `const pair = key.values.get(value) ?? key.other;`,
      `const pair = key.values.get(value) ?? key.other + 1;`,
    ],
  ]),
  ...bugsIn('engine/index/port-maps.ts', [
    [
      'a name is that of any protocol',
      `if (asked.protocol === undefined || asked.protocol === PROTOCOLS[point >> 16]) {`,
      `if (0 <= asked.id) {`,
    ],
    [
      'a name is one port, whatever its protocol',
      `const known = list.find((one) => one.protocol === protocol);`,
      `const [known] = list;`,
    ],
  ]),
  ...bugsIn('engine/index/project.ts', [
    [
      'a namespace in two versions is certain',
      `const conflict = chunk.conflict || (flags & POD_CONFLICT) !== 0;`,
      `const conflict = (flags & POD_CONFLICT) !== 0;`,
    ],
    [
      'pods at other addresses are one party',
      `if (podClass[pod] !== lastClass || podSignature[pod] !== lastSignature) {`,
      `if (podClass[pod] !== lastClass) {`,
    ],
    [
      'pods that are only written down have no address',
      `return (POD_PHASES[phase] ?? 'UNKNOWN') === 'UNKNOWN';`,
      `return POD_PHASES[phase] === undefined;`,
    ],
    [
      'missing policies are no policies',
      `this.#allInDoubt || this.#lacksPolicies(chunk.name) ? IN_DOUBT : 0`,
      `this.#allInDoubt ? IN_DOUBT : 0`,
    ],
    [
      'pods with other ports are one class',
      `this.#portMaps.idOf(portList)`,
      `this.#portMaps.idOf(portList < 0 ? portList : 0)`,
    ],
  ]),
  ...bugsIn('engine/index/row-kinds.ts', [
    ['finished pods are there', `if (FINISHED[phase] === true) continue;`, ``],
  ]),
  ...bugsIn('engine/index/pod-ir.ts', [
    [
      'init containers declare names',
      `if (name === undefined || container === 'init') continue;`,
      `if (name === undefined) continue;`,
    ],
  ]),
  ...bugsIn('engine/index/profiles.ts', [
    [
      'the first policies of a pod do not isolate',
      `for (let i = 0; i < list.length; i += 1) flags |=`,
      `for (let i = 1; i < list.length; i += 1) flags |=`,
    ],
    [
      'cluster policies for all pods are lost',
      `if (selector !== 0 && !hasMember(classes, selector, one)) continue;`,
      `if (!hasMember(classes, selector, one)) continue;`,
    ],
    ['policies that may select a pod do', `this.doubts |= speaks * UNCERTAIN;`, ``],
  ]),
  ...bugsIn('engine/index/namespace-scopes.ts', [
    [
      'unknown namespaces have no labels',
      `if (chunk.known === 'UNKNOWN') {`,
      `if (chunk.name === '') {`,
    ],
    [
      'what may match a namespace does',
      `if (match !== 'no') (match === 'yes' ? certain : possible).add(selector, i);`,
      `if (match !== 'no') certain.add(selector, i);`,
    ],
  ]),
  ...bugsIn('engine/index/port-sets.ts', [
    [
      'a union is the first set',
      `const id = this.#intern(union(this.setOf(a), this.setOf(b)));`,
      `const id = a;`,
    ],
    [
      'an intersection is a union',
      `const id = this.#intern(intersect(this.setOf(a), this.setOf(b)));`,
      `const id = this.#intern(union(this.setOf(a), this.setOf(b)));`,
    ],
    [
      'a name has the ports of every name',
      `if (mapNames[k] === listNames[i]) result = this.unionOf(result, mapSets[k]!);`,
      `result = this.unionOf(result, mapSets[k]!);`,
    ],
  ]),
  ...bugsIn('engine/index/flat-kernel.ts', [
    [
      'isolated one way is isolated both ways',
      `if ((flags & (ISOLATES << shift)) !== 0) return true;`,
      `if ((flags & (ISOLATES | (ISOLATES << 1))) !== 0) return true;`,
    ],
    [
      'the last group of policies is not told',
      `for (let i = policies.profileStart[profile]!; i < policies.profileStart[profile + 1]!; i += 1) {`,
      `for (let i = policies.profileStart[profile]!; i < policies.profileStart[profile + 1]! - 1; i += 1) {`,
    ],
  ]),
];
