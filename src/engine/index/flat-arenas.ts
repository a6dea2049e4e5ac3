import type { AtomArenas } from './address-atoms.ts';
import type { SignatureArenas } from './address-signatures.ts';
import type { BlockSetArenas } from './block-sets.ts';
import type { SetArenas } from './class-set.ts';
import type { PortArenas } from './port-sets.ts';
import type { TierArenas } from './tier-tables.ts';

/*
 * Everything a flat index is: typed arrays in groups, and a few numbers. Nothing in it points at an
 * object, so it can be stored, shared between threads and read back as it is (sections.ts).
 *
 * "Rows" below are lists by owner: those of owner `i` from `…Start[i]` to before `…Start[i + 1]`.
 */

/** Parties; those of pods come first and ascend by (class, signature). */
export interface PartyArenas {
  readonly ofPod: Int32Array;
  readonly podStart: Int32Array;
  readonly pods: Int32Array;
  /** Of parties of pods: index of the namespace. */
  readonly namespace: Int32Array;
  /** Of parties of pods. */
  readonly classOf: Int32Array;
  /** Of all parties. */
  readonly signature: Int32Array;
  /** Rows by signature: its parties, ascending. */
  readonly signatureStart: Int32Array;
  readonly ofSignature: Int32Array;
}

/** Classes of pods; they ascend by namespace. */
export interface ClassArenas {
  /** Parties of class `i`: from `parties[i]` to before `parties[i + 1]`. */
  readonly parties: Int32Array;
  readonly portMap: Int32Array;
  readonly profile: Int32Array;
  /** Flags of its groups (policy-tables.ts) and of the class itself (project.ts). */
  readonly flags: Uint8Array;
  /** Classes of namespace `i`: from `ofNamespace[i]` to before `ofNamespace[i + 1]`. */
  readonly ofNamespace: Int32Array;
  /** Rows by class: selectors that hold it, but for selector 0 and dense ones; ascending. */
  readonly selectorStart: Int32Array;
  readonly selectors: Int32Array;
  /** Classes that contradict themselves, ascending. */
  readonly conflicts: Int32Array;
}

/** Selections and the peers and keys made of them (policy-tables.ts). */
export interface PolicyArenas {
  readonly selectionScope: Int32Array;
  readonly selectionSelector: Int32Array;
  /** Selections of scope `i`: from `scopeSelections[i]` to before `scopeSelections[i + 1]`. */
  readonly scopeSelections: Int32Array;
  /** Rows by selector: its selections across namespaces. */
  readonly acrossStart: Int32Array;
  readonly across: Int32Array;
  /** Selectors that are kept as bits alone, ascending. */
  readonly denseSelectors: Int32Array;
  readonly keyPeer: Int32Array;
  readonly keyPorts: Int32Array;
  /** Keys of peer `i`: from `peerKeys[i]` to before `peerKeys[i + 1]`. */
  readonly peerKeys: Int32Array;
  readonly groupSelection: Int32Array;
  /** By group: its flags (policy-tables.ts). */
  readonly groupFlags: Uint8Array;
  /** Rows by group: its policies, ascending. */
  readonly groupPolicyStart: Int32Array;
  readonly groupPolicies: Int32Array;
  /** Rows by profile: its groups, ascending. */
  readonly profileStart: Int32Array;
  readonly profileGroups: Int32Array;
  readonly policyNamespace: Int32Array;
  readonly policyPosition: Int32Array;
}

/** The edges of one direction, from both sides. */
export interface EdgeArenas {
  /** Rows by profile: those of its groups that have a key in this direction, ascending. */
  readonly profileStart: Int32Array;
  readonly profileGroups: Int32Array;
  /** Rows by group: its keys, ascending. */
  readonly groupStart: Int32Array;
  readonly groupKeys: Int32Array;
  /** Rows by key: its groups, ascending. */
  readonly keyStart: Int32Array;
  readonly keyGroups: Int32Array;
}

/** What is not an array. */
export interface FlatNumbers {
  readonly podParties: number;
  readonly nodes: number;
  readonly namespaces: number;
  readonly blocks: number;
  readonly readsNamespaceLabels: boolean;
}

/** A flat index as it is stored. */
export interface FlatArenas {
  readonly numbers: FlatNumbers;
  readonly parties: PartyArenas;
  readonly classes: ClassArenas;
  readonly policies: PolicyArenas;
  readonly egress: EdgeArenas;
  readonly ingress: EdgeArenas;
  /** By pod selector: its classes. */
  readonly selectors: SetArenas;
  /** By namespace selector: namespaces that it holds, and that it may hold. */
  readonly scopes: SetArenas;
  readonly possibleScopes: SetArenas;
  /** By selector of nodes: positions of those that it holds (node-selections.ts). */
  readonly nodeSelections: SetArenas;
  /** Set 0: positions of which no label is certain; none where no rule names nodes. */
  readonly unlabelledNodes: SetArenas;
  readonly tiers: TierArenas;
  readonly ports: PortArenas;
  readonly atoms: AtomArenas;
  readonly blockSets: BlockSetArenas;
  readonly signatures: SignatureArenas;
}
