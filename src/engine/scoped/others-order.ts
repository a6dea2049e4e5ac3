import type { PeerAtom, PodSelection, Policy } from '../../model/policy.ts';
import { meets } from '../../model/selector.ts';
import type { Labels, LabelSelector, Requirement } from '../../model/selector.ts';
import type { Pod } from '../../model/snapshot.ts';
import type { ModelView, PodOrdinal } from '../model-view.ts';
import type { PartyId } from '../party.ts';

/** What of the parties of other pods can be read from policies that the reader may see. */
export class OthersOrder {
  readonly #view: ModelView;
  readonly #namespaceRequirements: readonly Requirement[];
  readonly #podRequirements: readonly Requirement[];
  readonly #ofLabels = new WeakMap<Labels, string>();
  readonly #ofPorts = new WeakMap<Pod['ports'], string>();
  readonly #readsAddresses: boolean;
  readonly #ofNamespaces = new Map<number, string>();

  /**
   * @param view the whole, with all names
   * @param policies those that the reader may see
   */
  constructor(view: ModelView, policies: readonly Policy[]) {
    this.#view = view;
    const selections = policies.flatMap(selectionsOf);
    this.#readsAddresses = policies.some(readsAddresses);
    this.#podRequirements = distinct(selections.map(({ pods }) => pods));
    this.#namespaceRequirements = distinct(
      selections.flatMap(({ namespaces }) =>
        namespaces.kind === 'selected' ? [namespaces.selector] : [],
      ),
    );
  }

  /**
   * A text for each party of `pods` by which they can be put in an order: it follows from what those
   * policies read, ports and addresses, never from names. Parties that differ only in what the reader
   * may not see can have equal texts.
   */
  keysOf(
    pods: readonly PodOrdinal[],
    partyOf: (pod: PodOrdinal) => PartyId | undefined,
  ): ReadonlyMap<PartyId, string> {
    const keys = new Map<PartyId, string>();
    for (const pod of pods) {
      const party = partyOf(pod);
      if (party === undefined) continue;
      const key = this.#keyOf(pod);
      const known = keys.get(party);
      if (known === undefined || key < known) keys.set(party, key);
    }
    return keys;
  }

  #keyOf(ordinal: PodOrdinal): string {
    const { labels, ports, addresses, conflict, template, phase } = this.#view.pod(ordinal);
    const home = this.#homeOf(this.#view.namespaceIndexOf(ordinal));
    const own = this.#ofLabels.get(labels) ?? bitsOf(this.#podRequirements, labels);
    this.#ofLabels.set(labels, own);
    const declared = this.#ofPorts.get(ports) ?? JSON.stringify(ports);
    this.#ofPorts.set(ports, declared);
    const state = `${conflict ? 1 : 0}${template ? 1 : 0}${phase}`;
    return [home, own, declared, state, ...(this.#readsAddresses ? addresses : [])].join(' ');
  }

  #homeOf(i: number): string {
    const known = this.#ofNamespaces.get(i);
    if (known !== undefined) return known;
    const { labels, known: seen, conflict } = this.#view.namespaceAt(i);
    const text = `${bitsOf(this.#namespaceRequirements, labels)} ${seen} ${conflict}`;
    this.#ofNamespaces.set(i, text);
    return text;
  }
}

function selectionsOf(policy: Policy): PodSelection[] {
  const peers = atomsOf(policy).flatMap((atom) => (atom.kind === 'pods' ? [atom.selection] : []));
  return [policy.subject, ...peers];
}

function readsAddresses(policy: Policy): boolean {
  return atomsOf(policy).some(({ kind }) => kind === 'addresses');
}

function atomsOf({ ingress, egress }: Policy): PeerAtom[] {
  return [...ingress, ...egress].flatMap(({ peers }) =>
    peers === 'every' ? [] : peers.map(({ atom }) => atom),
  );
}

function distinct(selectors: readonly LabelSelector[]): readonly Requirement[] {
  const all = selectors.flatMap(({ requirements }) => requirements);
  return [...new Map(all.map((one) => [JSON.stringify(one), one])).values()];
}

function bitsOf(requirements: readonly Requirement[], labels: Labels): string {
  return requirements.map((one) => (meets(one, labels) ? '1' : '0')).join('');
}
