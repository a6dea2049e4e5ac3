import { SetBuilder, eachMember, wordsFor } from '../index/class-set.ts';
import type { SetArenas } from '../index/class-set.ts';
import { csrOf } from '../index/csr.ts';
import type { ClassArenas, FlatArenas, PartyArenas } from '../index/flat-arenas.ts';
import type { NewClass } from './repartition.ts';
import { inverseRows, placesAfter, splice, spliceRows, startsOf } from './splice.ts';
import type { Cut } from './splice.ts';

/** Classes of one namespace as they are now. */
export interface NewNamespace {
  readonly namespace: number;
  readonly classes: readonly NewClass[];
}

/** Classes, parties and selectors of an index with those of some namespaces exchanged. */
export interface ClassPatch {
  readonly podParties: number;
  readonly parties: PartyArenas;
  /** Profiles and flags are of before; those of exchanged namespaces mean nothing. */
  readonly classes: ClassArenas;
  readonly selectors: SetArenas;
}

/** Exchanges the classes of `exchanged`, which ascend; the pods of each are as many as before. */
export function patchClasses(
  arenas: FlatArenas,
  exchanged: readonly NewNamespace[],
  selectorCount: number,
): ClassPatch {
  const { classes, numbers, policies } = arenas;
  if (exchanged.length === 0) {
    const { parties } = arenas;
    const selectors = withEmptySets(arenas.selectors, selectorCount);
    return { podParties: numbers.podParties, parties, classes, selectors };
  }
  const cuts = exchanged.map(({ namespace }) => ({
    from: classes.ofNamespace[namespace]!,
    end: classes.ofNamespace[namespace + 1]!,
  }));
  const parts = exchanged.map((one) => one.classes);
  const sizes = parts.map(({ length }) => length);
  const classCount = classes.flags.length;
  const places = placesAfter(classCount, cuts, sizes);
  const isDense = new Set(policies.denseSelectors);
  const rows = spliceRows(
    { start: classes.selectorStart, items: classes.selectors },
    cuts,
    parts.map((part) => part.map(({ selectors }) => selectors.filter((one) => !isDense.has(one)))),
    undefined,
  );
  const partySizes = classes.parties.subarray(1).map((end, one) => end - classes.parties[one]!);
  const parties = patchParties(arenas, exchanged, cuts, places);
  const unknown = sizes.map((size) => new Array<number>(size).fill(0));
  return {
    podParties: parties.classOf.length,
    parties,
    classes: {
      parties: startsOf(
        splice(
          partySizes,
          cuts,
          parts.map((part) => part.map((one) => one.parties.length)),
        ),
      ),
      portMap: splice(
        classes.portMap,
        cuts,
        parts.map((part) => part.map(({ portMap }) => portMap)),
      ),
      profile: splice(classes.profile, cuts, unknown),
      flags: splice(classes.flags, cuts, unknown),
      ofNamespace: startsAfter(classes.ofNamespace, exchanged),
      selectorStart: rows.start,
      selectors: rows.items,
      conflicts: classes.conflicts.map((one) => places[one]!),
    },
    selectors: buildSets(arenas, { rows, places, exchanged, selectorCount }),
  };
}

/** Where the classes of each namespace begin, now that some have more or fewer. */
function startsAfter(ofNamespace: Int32Array, exchanged: readonly NewNamespace[]): Int32Array {
  const sizes = ofNamespace.subarray(1).map((end, i) => end - ofNamespace[i]!);
  for (const { namespace, classes } of exchanged) sizes[namespace] = classes.length;
  return startsOf(sizes);
}

function patchParties(
  { classes, parties, signatures }: FlatArenas,
  exchanged: readonly NewNamespace[],
  classCuts: readonly Cut[],
  classPlaces: Int32Array,
): PartyArenas {
  const cuts = classCuts.map(({ from, end }) => ({
    from: classes.parties[from]!,
    end: classes.parties[end]!,
  }));
  const parts = exchanged.map((one) => one.classes.flatMap((each) => each.parties));
  const places = placesAfter(
    parties.signature.length,
    cuts,
    parts.map(({ length }) => length),
  );
  const podCuts = cuts.map(({ from, end }) => ({
    from: parties.podStart[from]!,
    end: parties.podStart[end]!,
  }));
  const pods = splice(
    parties.pods,
    podCuts,
    parts.map((part) => part.flatMap((party) => party.pods)),
  );
  const podSizes = parties.podStart.subarray(1).map((end, one) => end - parties.podStart[one]!);
  const ofPod = parties.ofPod.map((party) => (party < 0 ? -1 : places[party]!));
  const classOf = splice(
    parties.classOf.map((one) => classPlaces[one]!),
    cuts,
    newClassNumbers(exchanged, classCuts),
  );
  const signature = splice(
    parties.signature,
    cuts,
    parts.map((part) => part.map((party) => party.signature)),
  );
  const bySignature = csrOf(signatures.families.length, signature);
  const podStart = startsOf(
    splice(
      podSizes,
      cuts,
      parts.map((part) => part.map((party) => party.pods.length)),
    ),
  );
  let first = 0;
  let at = 0;
  for (const [i, part] of parts.entries()) {
    first += cuts[i]!.from - at;
    at = cuts[i]!.end;
    for (const party of part) {
      for (const pod of party.pods) ofPod[pod] = first;
      first += 1;
    }
  }
  return {
    ofPod,
    podStart,
    pods,
    namespace: splice(
      parties.namespace,
      cuts,
      exchanged.map(({ namespace }, i) => new Array<number>(parts[i]!.length).fill(namespace)),
    ),
    classOf,
    signature,
    signatureStart: bySignature.start,
    ofSignature: bySignature.items,
  };
}

/** The class of each new party, by exchanged namespace. */
function newClassNumbers(
  exchanged: readonly NewNamespace[],
  cuts: readonly Cut[],
): readonly (readonly number[])[] {
  let first = 0;
  let at = 0;
  return exchanged.map(({ classes }, i) => {
    first += cuts[i]!.from - at;
    at = cuts[i]!.end;
    const numbers = classes.flatMap((one, k) => one.parties.map(() => first + k));
    first += classes.length;
    return numbers;
  });
}

function buildSets(
  { classes, policies, selectors }: FlatArenas,
  {
    rows,
    places,
    exchanged,
    selectorCount,
  }: {
    readonly rows: { readonly start: Int32Array; readonly items: Int32Array };
    readonly places: Int32Array;
    readonly exchanged: readonly NewNamespace[];
    readonly selectorCount: number;
  },
): SetArenas {
  const count = rows.start.length - 1;
  const bySelector = inverseRows(rows, selectorCount);
  const dense = new Map<number, number[]>();
  for (const selector of policies.denseSelectors) {
    const members: number[] = [];
    eachMember(selectors, selector, 0, classes.flags.length, (one) => {
      if (0 <= places[one]!) members.push(places[one]!);
    });
    dense.set(selector, members);
  }
  const ofNamespace = startsAfter(classes.ofNamespace, exchanged);
  for (const { namespace, classes: list } of exchanged) {
    for (const [i, one] of list.entries()) {
      for (const selector of one.selectors) {
        dense.get(selector)?.push(ofNamespace[namespace]! + i);
      }
    }
  }
  const builder = new SetBuilder(count);
  for (let selector = 0; selector < selectorCount; selector += 1) {
    const members = dense.get(selector);
    if (members === undefined) {
      builder.add(bySelector.items, bySelector.start[selector]!, bySelector.start[selector + 1]!);
      continue;
    }
    const words = new Int32Array(wordsFor(count));
    for (const one of members) words[one >> 5]! |= 1 << (one & 31);
    builder.addDense(words, members.length);
  }
  return builder.build();
}

/** `sets` with empty ones behind the last, `count` in all. */
export function withEmptySets(sets: SetArenas, count: number): SetArenas {
  const { form, start, size } = sets;
  if (form.length === count) return sets;
  const longer = <Numbers extends Int32Array | Uint8Array>(array: Numbers): Numbers =>
    splice(
      array,
      [{ from: array.length, end: array.length }],
      [new Uint8Array(count - array.length)],
    );
  // A run of no members.
  return { ...sets, form: longer(form), start: longer(start), size: longer(size) };
}
