import type { FlatArenas, FlatNumbers } from './flat-arenas.ts';
import { FlatKernel } from './flat-kernel.ts';
import type { PolicyTexts } from './policy-texts.ts';
import type { Json, Sections, TypedArray } from './sections.ts';

/*
 * A flat index as sections (sections.ts): every array of its arenas under `group.name`, its few numbers
 * in the header. Reading it back makes views and nothing else.
 *
 * The bytes are trusted: whoever stored them keys them by engine version and verifies their checksum.
 * What is checked here is that everything is there and of the right type, so that another layout is
 * found out at once and compiled anew.
 */

/** Kinds of arrays that arenas are made of. */
const ARRAYS = { u8: Uint8Array, i32: Int32Array, u32: Uint32Array } as const;
type ArrayKind = keyof typeof ARRAYS;
type KindOf<Value> = Value extends Uint8Array
  ? 'u8'
  : Value extends Int32Array
    ? 'i32'
    : Value extends Uint32Array
      ? 'u32'
      : 'number';
type LayoutOf<Group> = { readonly [Name in keyof Group]: KindOf<Group[Name]> };
type Groups = Omit<FlatArenas, 'numbers'>;

const SETS = { form: 'u8', start: 'i32', size: 'i32', list: 'i32', words: 'i32' } as const;
const EDGES = {
  profileStart: 'i32',
  profileGroups: 'i32',
  groupStart: 'i32',
  groupKeys: 'i32',
  keyStart: 'i32',
  keyGroups: 'i32',
} as const;

/** All arrays, in the order they are stored; the compiler checks that none is left out. */
const LAYOUT: { readonly [Group in keyof Groups]: LayoutOf<Groups[Group]> } = {
  parties: {
    ofPod: 'i32',
    podStart: 'i32',
    pods: 'i32',
    namespace: 'i32',
    classOf: 'i32',
    signature: 'i32',
    signatureStart: 'i32',
    ofSignature: 'i32',
  },
  classes: {
    parties: 'i32',
    portMap: 'i32',
    profile: 'i32',
    flags: 'u8',
    ofNamespace: 'i32',
    selectorStart: 'i32',
    selectors: 'i32',
    conflicts: 'i32',
  },
  policies: {
    selectionScope: 'i32',
    selectionSelector: 'i32',
    scopeSelections: 'i32',
    acrossStart: 'i32',
    across: 'i32',
    denseSelectors: 'i32',
    keyPeer: 'i32',
    keyPorts: 'i32',
    peerKeys: 'i32',
    groupSelection: 'i32',
    groupFlags: 'u8',
    groupPolicyStart: 'i32',
    groupPolicies: 'i32',
    profileStart: 'i32',
    profileGroups: 'i32',
    policyNamespace: 'i32',
    policyPosition: 'i32',
  },
  egress: EDGES,
  ingress: EDGES,
  selectors: SETS,
  scopes: SETS,
  possibleScopes: SETS,
  nodeSelections: SETS,
  unlabelledNodes: SETS,
  tiers: {
    profileList: 'i32',
    listStart: 'i32',
    listPolicies: 'i32',
    level: 'i32',
    ruleStart: 'i32',
    actions: 'u8',
    ports: 'i32',
    peerStart: 'i32',
    peers: 'i32',
  },
  ports: {
    setStart: 'i32',
    setRanges: 'i32',
    listSet: 'i32',
    listNameStart: 'i32',
    listNames: 'i32',
    mapStart: 'i32',
    mapNames: 'i32',
    mapSets: 'i32',
  },
  atoms: {
    v4Starts: 'u32',
    v4Atoms: 'i32',
    v6Starts: 'u32',
    v6Atoms: 'i32',
    v4AtomCount: 'number',
    atomCount: 'number',
  },
  blockSets: { height: 'number', left: 'i32', right: 'i32', words: 'i32' },
  signatures: { certain: 'i32', possible: 'i32', families: 'u8' },
};

/** `index` as a header and arrays, for `encodeSections`. */
export function flatSections({ arenas }: FlatKernel): Sections {
  const arrays = new Map<string, TypedArray>();
  const numbers: Record<string, number> = {};
  for (const [group, names] of Object.entries(LAYOUT)) {
    // The layout has exactly the members of the arenas; the compiler saw to that above.
    const values = arenas[group as keyof Groups] as unknown as Record<string, TypedArray | number>;
    for (const name of Object.keys(names)) {
      const value = values[name];
      if (typeof value === 'number') numbers[`${group}.${name}`] = value;
      else if (value !== undefined) arrays.set(`${group}.${name}`, value);
    }
  }
  return { header: { flat: { ...arenas.numbers }, numbers }, arrays };
}

/**
 * The index that `sections` hold, as views on them; undefined when something is missing or of another
 * type, as after a change of the layout.
 */
export function flatFromSections(
  { header, arrays }: Sections,
  texts?: () => PolicyTexts | undefined,
): FlatKernel | undefined {
  const flat = memberOf(header, 'flat');
  const numbers = memberOf(header, 'numbers');
  if (!isNumbers(flat)) return undefined;
  const arenas: Record<string, unknown> = { numbers: flat };
  for (const [group, names] of Object.entries(LAYOUT)) {
    const values: Record<string, TypedArray | number> = {};
    for (const [name, kind] of Object.entries<ArrayKind | 'number'>(names)) {
      const value =
        kind === 'number' ? memberOf(numbers, `${group}.${name}`) : arrays.get(`${group}.${name}`);
      const right = kind === 'number' ? typeof value === 'number' : value instanceof ARRAYS[kind];
      if (!right) return undefined;
      values[name] = value as TypedArray | number;
    }
    arenas[group] = values;
  }
  // Every group and name of the layout was found with its type.
  return new FlatKernel(arenas as unknown as FlatArenas, texts);
}

function memberOf(value: Json | undefined, name: string): Json | undefined {
  if (value === undefined || value === null || typeof value !== 'object') return undefined;
  return Object.hasOwn(value, name) ? (value as Readonly<Record<string, Json>>)[name] : undefined;
}

function isNumbers(value: Json | undefined): value is Json & FlatNumbers {
  return (
    (['podParties', 'nodes', 'namespaces', 'blocks'] as const).every(
      (name) => typeof memberOf(value, name) === 'number',
    ) && typeof memberOf(value, 'readsNamespaceLabels') === 'boolean'
  );
}
