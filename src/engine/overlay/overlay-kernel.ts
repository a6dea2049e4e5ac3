import { NAMESPACE_NAME_LABEL, matches, matchesPartly } from '../../model/selector.ts';
import type { LabelSelector } from '../../model/selector.ts';
import type { NamespaceChunk } from '../../model/snapshot.ts';
import { DENSE, SLICE, SetBuilder } from '../index/class-set.ts';
import type { SetArenas } from '../index/class-set.ts';
import type { FlatArenas } from '../index/flat-arenas.ts';
import { FlatKernel } from '../index/flat-kernel.ts';
import type { IrCache } from '../index/policy-ir.ts';
import { PEER_SELECTIONS } from '../index/policy-tables.ts';
import type { PolicyTexts } from '../index/policy-texts.ts';
import type { ModelView } from '../model-view.ts';
import type { ChangedNamespace } from './changes.ts';
import { Draft } from './draft.ts';
import { patchClasses } from './patch-classes.ts';
import { edgesOf, patchPolicies } from './patch-policies.ts';
import type { PolicyPatch } from './patch-policies.ts';
import { PortPatch } from './patch-ports.ts';
import { patchProfiles } from './patch-profiles.ts';
import { Repartition, isInDoubt, selectorsAcross } from './repartition.ts';
import { splice } from './splice.ts';
import { numbersBehind } from './text-numbers.ts';

/*
 * The arrays of an index with those of a few namespaces exchanged (performance C, "Incremental").
 *
 *   policies   of a changed namespace are read anew, in the numbers that are there; what has none gets
 *              one behind the last. Their groups take the place of those of before.
 *   classes    of a namespace are worked out again where its pods, or the selectors that are tried on
 *              them, are others.
 *   the rest   stays: the same arrays, or copies in which what comes later has moved.
 *
 * The result is a whole set of arrays like any other. What is no longer needed (a selector that nobody
 * uses, a key without groups) may stay in it: it makes classes finer than they have to be, never wrong.
 * Blocks are the exception: they tell addresses apart, which lists show, so an overlay neither adds nor
 * leaves one.
 */

/** Arrays of `view`, whose `changes` are to be taken in; undefined: they cannot be, compile instead. */
export function overlayKernel(
  flat: FlatKernel,
  view: ModelView,
  changes: readonly ChangedNamespace[],
  ir: IrCache,
): FlatKernel | undefined {
  const { arenas } = flat;
  const texts = flat.texts();
  if (texts === undefined || hasTiers(arenas)) return undefined;
  const tables = ir.tables();
  const draft = new Draft(texts, view.namespaceNames);
  const blocksBefore = new Draft(texts, view.namespaceNames);
  const drafts = changes.map((change) => {
    blocksBefore.read(change.before, ir.irOf(change.before), tables);
    return { ...change, draft: draft.read(change.after, ir.irOf(change.after), tables) };
  });
  if (draft.isVoid || blocksBefore.isVoid) return undefined;
  const after = draft.texts();
  const counts = {
    selectors: after.selectors.length,
    namespaceSelectors: after.namespaceSelectors.length,
  };
  const patch = patchPolicies(arenas, drafts, counts);
  if (patch === undefined) return undefined;
  const exchanged = namespacesToSort(arenas, patch, changes);
  const touched = [...new Set([...changes.map(({ namespace }) => namespace), ...exchanged])];
  touched.sort((a, b) => a - b);
  if (touched.some((namespace) => isInDoubt(arenas, namespace))) return undefined;
  const ports = new PortPatch(arenas.ports, numbersBehind(texts).portNames);
  for (const list of draft.portLists) ports.addList(list);
  const chunkOf = chunksAfter(view, changes);
  const sorter = new Repartition(arenas, patch.policies, view.podStart, numbersBehind(after).index);
  const sorted = exchanged.map((number) => {
    const podsDiffer = changes.some((one) => one.namespace === number && one.podsDiffer);
    const portMapOf = podsDiffer ? ports.mapOf.bind(ports) : undefined;
    return {
      namespace: number,
      classes: sorter.classesOf({ number, chunk: chunkOf(number), portMapOf }),
    };
  });
  const classes = patchClasses(arenas, sorted, counts.selectors);
  const profiles = patchProfiles(arenas, patch, classes, touched);
  const keys = patch.policies.keyPeer.length;
  const policies = {
    ...patch.policies,
    profileStart: profiles.groups.start,
    profileGroups: profiles.groups.items,
  };
  const patched: FlatArenas = {
    ...arenas,
    numbers: { ...arenas.numbers, podParties: classes.podParties },
    parties: classes.parties,
    classes: { ...classes.classes, profile: profiles.profile, flags: profiles.flags },
    policies,
    egress: edgesOf(patch.egress, profiles.groups, keys),
    ingress: edgesOf(patch.ingress, profiles.groups, keys),
    selectors: classes.selectors,
    ...scopesAfter(arenas, view, draft.namespaceSelectors),
    ports: ports.build(),
  };
  const left = [...blocksBefore.blocks].filter((block) => !draft.blocks.has(block));
  if (!left.every((block) => isNamed(patched, blockPeer(patched, block)))) return undefined;
  return finish(patched, after, {
    before: changes.some(({ before }) => ir.irOf(before).readsNamespaceLabels),
    after: changes.some(({ after }) => ir.irOf(after).readsNamespaceLabels),
  });
}

/** Whether there are policies of other tiers, which are about any namespace, or selectors of nodes. */
function hasTiers({ nodeSelections, tiers }: FlatArenas): boolean {
  return tiers.level.length !== 0 || nodeSelections.form.length !== 0;
}

/** The arrays with the one flag that depends on all policies. */
function finish(
  arenas: FlatArenas,
  texts: PolicyTexts,
  changed: { readonly before: boolean; readonly after: boolean },
): FlatKernel | undefined {
  const { numbers } = arenas;
  const readsNamespaceLabels = readsLabels(arenas, texts, changed);
  if (readsNamespaceLabels === undefined) return undefined;
  return new FlatKernel({ ...arenas, numbers: { ...numbers, readsNamespaceLabels } }, () => texts);
}

/** Namespaces whose pods are to be sorted again, ascending. */
function namespacesToSort(
  { numbers, policies }: FlatArenas,
  { added }: PolicyPatch,
  changes: readonly ChangedNamespace[],
): readonly number[] {
  const namespaces = new Set<number>();
  for (const { namespace, podsDiffer } of changes) if (podsDiffer) namespaces.add(namespace);
  const everywhere = selectorsAcross(policies, numbers.namespaces);
  for (const { scope, selector } of added) {
    if (selector === 0 || everywhere.has(selector) || scope === numbers.namespaces + 1) continue;
    if (scope < numbers.namespaces) {
      namespaces.add(scope);
      continue;
    }
    // From now on it is tried on all.
    return Array.from({ length: numbers.namespaces }, (_, i) => i);
  }
  return [...namespaces].sort((a, b) => a - b);
}

function chunksAfter(
  view: ModelView,
  changes: readonly ChangedNamespace[],
): (namespace: number) => NamespaceChunk {
  const changed = new Map(changes.map(({ namespace, after }) => [namespace, after]));
  return (namespace) => changed.get(namespace) ?? view.namespaceAt(namespace);
}

function scopesAfter(
  { scopes, possibleScopes }: FlatArenas,
  view: ModelView,
  added: readonly LabelSelector[],
): Pick<FlatArenas, 'scopes' | 'possibleScopes'> {
  if (added.length === 0) return { scopes, possibleScopes };
  const certain = new SetBuilder(view.namespaceNames.length);
  const possible = new SetBuilder(view.namespaceNames.length);
  for (const selector of added) {
    const yes: number[] = [];
    const maybe: number[] = [];
    for (const [i, { known, labels }] of view.namespaces.entries()) {
      const match = matchesPartly(selector, labels);
      // Of a namespace whose object is there, a label that is not known is not there.
      if (known !== 'UNKNOWN') {
        if (matches(selector, labels)) yes.push(i);
      } else if (match !== 'no') (match === 'yes' ? yes : maybe).push(i);
    }
    certain.add(Int32Array.from(yes), 0, yes.length);
    possible.add(Int32Array.from(maybe), 0, maybe.length);
  }
  return {
    scopes: joinSets(scopes, certain.build()),
    possibleScopes: joinSets(possibleScopes, possible.build()),
  };
}

/** The sets of `b` behind those of `a`. */
function joinSets(a: SetArenas, b: SetArenas): SetArenas {
  const start = b.start.map((at, i) =>
    b.form[i] === SLICE ? at + a.list.length : b.form[i] === DENSE ? at + a.words.length : at,
  );
  return {
    form: join(a.form, b.form),
    start: join(a.start, start),
    size: join(a.size, b.size),
    list: join(a.list, b.list),
    words: join(a.words, b.words),
  };
}

function join<Numbers extends Int32Array | Uint8Array>(a: Numbers, b: Numbers): Numbers {
  return splice(a, [{ from: a.length, end: a.length }], [b]);
}

/** Whether some rule reads namespace labels; undefined where only reading all policies would tell. */
function readsLabels(
  arenas: FlatArenas,
  { namespaceSelectors }: PolicyTexts,
  changed: { readonly before: boolean; readonly after: boolean },
): boolean | undefined {
  const { numbers, policies } = arenas;
  if (changed.after || !changed.before) return changed.after || numbers.readsNamespaceLabels;
  for (const [i, { requirements }] of namespaceSelectors.entries()) {
    if (!requirements.some(({ key }) => key !== NAMESPACE_NAME_LABEL)) continue;
    const scope = numbers.namespaces + 2 + i;
    const end = policies.scopeSelections[scope + 1]!;
    for (let selection = policies.scopeSelections[scope]!; selection < end; selection += 1) {
      if (isNamed(arenas, PEER_SELECTIONS + selection)) return true;
    }
  }
  return undefined;
}

function blockPeer({ policies }: FlatArenas, block: number): number {
  return PEER_SELECTIONS + policies.selectionScope.length + block;
}

/** Whether some rule with an effect names `peer`. */
function isNamed({ egress, ingress, policies }: FlatArenas, peer: number): boolean {
  const [from, end] = [policies.peerKeys[peer]!, policies.peerKeys[peer + 1]!];
  return [egress, ingress].some(({ keyStart }) => keyStart[from]! < keyStart[end]!);
}
