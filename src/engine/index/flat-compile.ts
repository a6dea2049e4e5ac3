import type { ModelView, NodeOrdinal, PodOrdinal } from '../model-view.ts';
import { SignatureTable } from './address-signatures.ts';
import { cutSpace } from './address-atoms.ts';
import type { CutSpace } from './address-atoms.ts';
import { matchClasses } from './class-selectors.ts';
import type { ClassSelectors } from './class-selectors.ts';
import { csrOf } from './csr.ts';
import type { EdgeArenas, FlatArenas, PartyArenas, PolicyArenas } from './flat-arenas.ts';
import { FlatKernel } from './flat-kernel.ts';
import { matchNamespaces } from './namespace-scopes.ts';
import { lacksNodes, matchNodes } from './node-selections.ts';
import { IrCache } from './policy-ir.ts';
import { linkPolicies } from './policy-tables.ts';
import type { PolicyTables } from './policy-tables.ts';
import { textsOf } from './policy-texts.ts';
import { PortMapTable } from './port-maps.ts';
import { buildProfiles } from './profiles.ts';
import type { Profiles } from './profiles.ts';
import { CONFLICTS, projectPods } from './project.ts';
import type { Projection } from './project.ts';
import { SelectorIndex } from './selector-index.ts';
import { buildTierLists } from './tier-tables.ts';

/** What a flat compile reads of a view. */
export type FlatView = Pick<
  ModelView,
  'snapshot' | 'namespaces' | 'podStart' | 'podCount' | 'nodes' | 'nodeOf'
>;

/**
 * Compiles `view` into flat arrays, under the default dialect only (decisions 26).
 *
 * Chunks that `ir` has seen before are not read again. Deterministic: what `ir` holds changes the
 * time this takes, never the result.
 *
 * Cost: policies in O(their size), pods in O(shapes × labels + pods × log atoms), sets in O(classes ×
 * selectors of each); see performance C.
 */
export function compileFlat(view: FlatView, ir: IrCache = new IrCache()): FlatKernel {
  const tables = linkPolicies(view, ir);
  const space = cutSpace(tables.blocks);
  const signatures = new SignatureTable(space, tables.blocks);
  for (const chunk of view.namespaces) ir.podsOf(chunk);
  const portMaps = new PortMapTable(tables.portLists, ir.namedPorts);
  const index = new SelectorIndex(tables.selectors);
  const scopes = matchNamespaces(tables.namespaceSelectors, view.namespaces);
  const projection = projectPods(view, index, portMaps, signatures, ir);
  const selectors = matchClasses(tables, projection, index);
  const profiles = buildProfiles(tables, projection, selectors, scopes);
  const nodes = matchNodes(tables.tiers.nodeSelectors, view);
  const parties = placeParties(view, projection, signatures, space);
  const arenas: FlatArenas = {
    numbers: {
      podParties: projection.partyClass.length,
      nodes: view.nodes.length,
      namespaces: view.namespaces.length,
      blocks: tables.blocks.length,
      readsNamespaceLabels: tables.readsNamespaceLabels,
    },
    parties,
    classes: {
      parties: projection.classParties,
      portMap: projection.classPortMap,
      profile: profiles.classProfile,
      flags: profiles.classFlags,
      ofNamespace: projection.namespaceClasses,
      selectorStart: selectors.ofClass.start,
      selectors: selectors.ofClass.items,
      conflicts: classesInConflict(projection),
    },
    policies: policyArenas(tables, selectors, profiles),
    egress: edgeArenas(tables, profiles, 0),
    ingress: edgeArenas(tables, profiles, 1),
    selectors: selectors.classes,
    scopes: scopes.certain,
    possibleScopes: scopes.possible,
    nodeSelections: nodes.nodes,
    unlabelledNodes: nodes.unlabelled,
    tiers: buildTierLists(tables.tiers, profiles.groups, tables.groupSelection.length),
    ports: portMaps.build(),
    atoms: {
      v4Starts: space.v4Starts,
      v4Atoms: space.v4Atoms,
      v6Starts: space.v6Starts,
      v6Atoms: space.v6Atoms,
      v4AtomCount: space.v4AtomCount,
      atomCount: space.atomCount,
    },
    blockSets: space.sets.build(),
    signatures: signatures.build(),
  };
  const texts = textsOf(tables);
  return new FlatKernel(arenas, () => texts);
}

/** Numbers parties: pods, nodes, the unknown node, atoms, unknown addresses. */
function placeParties(
  view: FlatView,
  projection: Projection,
  signatures: SignatureTable,
  space: CutSpace,
): PartyArenas {
  const podParties = projection.partyClass.length;
  const unknownNode = podParties + view.nodes.length;
  const partyCount = unknownNode + 1 + space.atomCount + 2;
  const signature = new Int32Array(partyCount);
  signature.set(projection.partySignature);
  const isPartial = lacksNodes(view.snapshot);
  for (const [i, { synthetic, addresses }] of view.nodes.entries()) {
    // Of a node that only pods speak of, a dump without Nodes knows some addresses at best.
    signature[podParties + i] = signatures.ofNode(synthetic && isPartial ? [] : addresses);
  }
  signature[unknownNode] = signatures.ofNode([]);
  for (let atom = 0; atom < space.atomCount; atom += 1) {
    signature[unknownNode + 1 + atom] = signatures.ofAtom(atom);
  }
  signature[partyCount - 2] = signatures.ofUnknownAddress(4);
  signature[partyCount - 1] = signatures.ofUnknownAddress(6);
  const ofPod = projection.partyOfPod;
  for (let i = 0; i < projection.hostPods.length; i += 1) {
    const pod = projection.hostPods[i]! as PodOrdinal;
    const node: NodeOrdinal | undefined = view.nodeOf(pod);
    ofPod[pod] = node === undefined ? unknownNode : podParties + node;
  }
  const bySignature = csrOf(signatures.size, signature);
  return {
    ofPod,
    podStart: projection.partyPodStart,
    pods: projection.partyPods,
    namespace: projection.partyNamespace,
    classOf: projection.partyClass,
    signature,
    signatureStart: bySignature.start,
    ofSignature: bySignature.items,
  };
}

function classesInConflict({ classFlags }: Projection): Int32Array {
  return Int32Array.from(
    [...classFlags.keys()].filter((one) => (classFlags[one]! & CONFLICTS) !== 0),
  );
}

function policyArenas(
  tables: PolicyTables,
  selectors: ClassSelectors,
  profiles: Profiles,
): PolicyArenas {
  const namespaces = tables.scopeSelections.length - 3 - tables.namespaceSelectors.length;
  const owners = tables.selectionSelector.map((selector, selection) =>
    tables.selectionScope[selection]! < namespaces ? -1 : selector,
  );
  const across = csrOf(tables.selectors.length, owners);
  return {
    selectionScope: tables.selectionScope,
    selectionSelector: tables.selectionSelector,
    scopeSelections: tables.scopeSelections,
    acrossStart: across.start,
    across: across.items,
    denseSelectors: selectors.dense,
    keyPeer: tables.keyPeer,
    keyPorts: tables.keyPorts,
    peerKeys: tables.peerKeys,
    groupSelection: tables.groupSelection,
    groupFlags: tables.groupFlags,
    groupPolicyStart: tables.groupPolicies.start,
    groupPolicies: tables.groupPolicies.items,
    profileStart: profiles.groups.start,
    profileGroups: profiles.groups.items,
    policyNamespace: tables.policyNamespace,
    policyPosition: tables.policyPosition,
  };
}

function edgeArenas(tables: PolicyTables, { groups }: Profiles, direction: 0 | 1): EdgeArenas {
  const { start, items } = tables.groupKeys[direction];
  const owners = new Int32Array(items.length);
  for (let group = 0; group + 1 < start.length; group += 1) {
    owners.fill(group, start[group], start[group + 1]);
  }
  const byKey = csrOf(tables.keyPeer.length, items, owners);
  // Most groups of a profile say nothing in one of the directions.
  const profiles = new Int32Array(groups.items.length);
  for (let profile = 0; profile + 1 < groups.start.length; profile += 1) {
    profiles.fill(profile, groups.start[profile], groups.start[profile + 1]);
  }
  const speaking = profiles.map((profile, i) => {
    const group = groups.items[i]!;
    return start[group] === start[group + 1] ? -1 : profile;
  });
  const active = csrOf(groups.start.length - 1, speaking, groups.items);
  return {
    profileStart: active.start,
    profileGroups: active.items,
    groupStart: start,
    groupKeys: items,
    keyStart: byKey.start,
    keyGroups: byKey.items,
  };
}
