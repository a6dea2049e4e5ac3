import { PodreachError } from '../../model/errors.ts';
import { NAMESPACE_NAME_LABEL, matches, matchesPartly } from '../../model/selector.ts';
import type { LabelSelector, Match } from '../../model/selector.ts';
import { POD_CONFLICT, hasFlag, isFinishedAt, labelsAt } from '../../model/snapshot.ts';
import type { NamespaceChunk } from '../../model/snapshot.ts';
import type { Directory } from '../directory.ts';
import type { ModelView, PodOrdinal } from '../model-view.ts';
import type { EndSet } from './end-set.ts';
import { printRef } from './parse-ref.ts';
import type { NamespacesSyntax, RefSyntax } from './parse-ref.ts';

/** Namespaces named in a message. */
const NAMES_MAX = 5;

/**
 * The unfinished pods that a label ref selects, those of a namespace, or all.
 *
 * A pod that the input describes twice, differently, is selected by any labels: it may have them,
 * and what is then said of it is undetermined.
 *
 * @throws PodreachError `ref-not-found` where the labels of a namespace would decide and the
 *   snapshot does not have them: selecting nothing would be a wrong answer, not an empty one
 */
export function resolvePods(directory: Directory, syntax: RefSyntax & { kind: 'pods' }): EndSet {
  const { view } = directory;
  const { namespaces, selector } = syntax;
  const pods: PodOrdinal[] = [];
  const undecided: string[] = [];
  for (const chunk of view.namespaces) {
    const match = matchNamespace(chunk, namespaces);
    if (match === 'no') continue;
    const selected = selectedPods(view, chunk, selector);
    if (match === 'maybe' && !chunk.conflict && selected.length !== 0) undecided.push(chunk.name);
    else for (const pod of selected) pods.push(pod);
  }
  if (undecided.length !== 0) throw unknownLabels(syntax, undecided);
  const whole = selector === undefined && namespaces.kind === 'named';
  const peer = whole
    ? directory.namespacePeer(namespaces.name)
    : directory.podSetPeer(printRef(syntax), pods);
  return { peer, pods, nodes: [], ranges: [], untranslated: [] };
}

/** Pods of one shape have the same labels, so each shape is looked at once. */
function selectedPods(
  view: ModelView,
  chunk: NamespaceChunk,
  selector: LabelSelector | undefined,
): PodOrdinal[] {
  const first = view.podStart[view.positionOf(chunk.name)] ?? 0;
  const selected: PodOrdinal[] = [];
  const known: boolean[] = [];
  const isSelected = (row: number): boolean => {
    if (selector === undefined || hasFlag(chunk, row, POD_CONFLICT)) return true;
    return (known[chunk.pods.shape[row] ?? -1] ??= matches(selector, labelsAt(chunk, row)));
  };
  for (let row = 0; row < chunk.pods.name.length; row += 1) {
    if (!isFinishedAt(chunk, row) && isSelected(row)) selected.push((first + row) as PodOrdinal);
  }
  return selected;
}

function matchNamespace(chunk: NamespaceChunk, namespaces: NamespacesSyntax): Match {
  switch (namespaces.kind) {
    case 'every':
      return 'yes';
    case 'named':
      return chunk.name === namespaces.name ? 'yes' : 'no';
    case 'selected':
      return matchLabels(chunk, namespaces.selector);
  }
}

function matchLabels(chunk: NamespaceChunk, selector: LabelSelector): Match {
  if (chunk.known === 'UNKNOWN') return matchesPartly(selector, chunk.labels);
  // Of two different objects only the name is sure; its pods are undetermined wherever they go.
  if (chunk.conflict) {
    return matchesPartly(selector, new Map([[NAMESPACE_NAME_LABEL, chunk.name]]));
  }
  return matches(selector, chunk.labels) ? 'yes' : 'no';
}

function unknownLabels(
  syntax: RefSyntax & { kind: 'pods' },
  undecided: readonly string[],
): PodreachError {
  const some = undecided.slice(0, NAMES_MAX).map((name) => `\`${name}\``);
  const more = undecided.length <= some.length ? '' : ` and ${undecided.length - some.length} more`;
  const suggestions = undecided
    .slice(0, NAMES_MAX)
    .map((name) => printRef({ ...syntax, namespaces: { kind: 'named', name } }));
  return new PodreachError(
    'ref-not-found',
    `\`${printRef(syntax)}\` cannot be told: the snapshot has no Namespace object of ` +
      `${some.join(', ')}${more}, so their labels are not known; ingest the Namespaces too, or name them`,
    { suggestions },
  );
}
