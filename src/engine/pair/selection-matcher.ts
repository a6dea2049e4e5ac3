import { matches, matchesPartly } from '../../model/selector.ts';
import type { Labels, Match } from '../../model/selector.ts';
import type { PodSelection } from '../../model/policy.ts';
import type { NamespaceChunk } from '../../model/snapshot.ts';
import type { SelectionId } from './policy-program.ts';

/** Selections that hold something; those not listed do not. */
export type SelectionMatches = ReadonlyMap<SelectionId, Match>;

/**
 * Which of a snapshot's selections hold pods with given labels: each selection is evaluated once per
 * namespace and distinct label set (semantics 5.3).
 */
export class SelectionMatcher {
  readonly selections: readonly PodSelection[];
  readonly #byNamespace = new Map<string, SelectionId[]>();
  readonly #selected: SelectionId[] = [];
  /** Label sets are interned, so their identity is their content. */
  readonly #cache = new Map<NamespaceChunk, Map<Labels, SelectionMatches>>();

  constructor(selections: readonly PodSelection[]) {
    this.selections = selections;
    for (const [id, { namespaces }] of selections.entries()) {
      if (namespaces.kind === 'selected') {
        this.#selected.push(id);
      } else {
        const list = this.#byNamespace.get(namespaces.name) ?? [];
        list.push(id);
        this.#byNamespace.set(namespaces.name, list);
      }
    }
  }

  /** Selections that hold pods of `chunk` with `labels`; `maybe` where namespace labels are unknown. */
  matchPod(chunk: NamespaceChunk, labels: Labels): SelectionMatches {
    const ofChunk = this.#cache.get(chunk) ?? new Map<Labels, SelectionMatches>();
    this.#cache.set(chunk, ofChunk);
    const cached = ofChunk.get(labels);
    if (cached !== undefined) return cached;
    const found: [SelectionId, Match][] = [];
    for (const id of this.#byNamespace.get(chunk.name) ?? []) {
      const selection = this.selections[id];
      if (selection !== undefined && matches(selection.pods, labels)) found.push([id, 'yes']);
    }
    for (const id of this.#selected) {
      const selection = this.selections[id];
      if (selection === undefined || !matches(selection.pods, labels)) continue;
      const match = matchNamespace(selection, chunk);
      if (match !== 'no') found.push([id, match]);
    }
    const result = new Map(found.sort(([a], [b]) => a - b));
    ofChunk.set(labels, result);
    return result;
  }

  /** Selections by labels that hold all pods of `chunk`: what matches node traffic in one dialect. */
  matchNamespaceOnly(chunk: NamespaceChunk): SelectionMatches {
    const found = this.#selected.flatMap((id): [SelectionId, Match][] => {
      const selection = this.selections[id];
      if (selection === undefined || selection.pods.requirements.length !== 0) return [];
      const match = matchNamespace(selection, chunk);
      return match === 'no' ? [] : [[id, match]];
    });
    return new Map(found);
  }

  /** Every selection, as `maybe`: for an object that the input contradicts itself about. */
  matchAnything(): SelectionMatches {
    return new Map(this.selections.map((_, id) => [id, 'maybe'] as const));
  }
}

function matchNamespace({ namespaces }: PodSelection, chunk: NamespaceChunk): Match {
  if (namespaces.kind === 'named') return namespaces.name === chunk.name ? 'yes' : 'no';
  if (chunk.known === 'UNKNOWN') return matchesPartly(namespaces.selector, chunk.labels);
  return matches(namespaces.selector, chunk.labels) ? 'yes' : 'no';
}
