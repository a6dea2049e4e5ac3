import { NO_LABELS } from '../../model/selector.ts';
import { NO_PODS } from '../../model/snapshot.ts';
import type { NamespaceChunk, Pod, Workload } from '../../model/snapshot.ts';
import type { AddressOwner, ModelView, PodOrdinal } from '../model-view.ts';
import type { Scope } from './scope.ts';
import { scopedSnapshot } from './scoped-snapshot.ts';

/**
 * What a reader is told of `view`. Ordinals are those of the whole, so that parties and pairs are; what
 * is in other namespaces is there to be judged and counted, and has no name, labels, owner or address.
 *
 * Positions of namespaces stay as well; the name at one of another namespace is empty.
 */
export function scopedView(view: ModelView, scope: Scope): ModelView {
  const snapshot = scopedSnapshot(view.snapshot, scope);
  const told = Uint8Array.from(view.namespaceNames, (name) => (scope.tells(name) ? 1 : 0));
  let others: Uint8Array | undefined;
  const isOther = (pod: PodOrdinal): boolean => (others ??= markOthers(view, told))[pod] === 1;
  const nameless = new Map<number, NamespaceChunk>();
  const namespaceAt = (i: number): NamespaceChunk => {
    if (told[i] !== 0) return view.namespaceAt(i);
    const known = nameless.get(i) ?? withoutNames(view.namespaceAt(i));
    nameless.set(i, known);
    return known;
  };
  const tell = (owner: AddressOwner): AddressOwner =>
    owner.kind === 'service' && !scope.tells(owner.service.namespace.name) ? OTHERS_OWN : owner;
  let all: readonly NamespaceChunk[] | undefined;
  return {
    ...plain(view),
    snapshot,
    namespaceNames: view.namespaceNames.map((name) => (scope.tells(name) ? name : '')),
    positionOf: (namespace) => (scope.tells(namespace) ? view.positionOf(namespace) : -1),
    tells: (namespace) => scope.tells(namespace),
    tellsAll: false,
    isOther,
    namespaceAt,
    get namespaces() {
      return (all ??= [...snapshot.namespaces.values()]);
    },
    pod: (pod) => (isOther(pod) ? namelessPod(view.pod(pod)) : view.pod(pod)),
    labelsOf: (pod) => (isOther(pod) ? NO_LABELS : view.labelsOf(pod)),
    namespaceOf: (pod) => namespaceAt(view.namespaceIndexOf(pod)),
    addressesOf: (pod) => (isOther(pod) ? [] : view.addressesOf(pod)),
    findService: (namespace, name) =>
      scope.tells(namespace) ? view.findService(namespace, name) : undefined,
    ownerOf: (address) => {
      const owner = view.ownerOf(address);
      return owner === undefined ? undefined : tell(owner);
    },
    *ownedIn(range) {
      for (const [address, owner] of view.ownedIn(range)) yield [address, tell(owner)];
    },
  };
}

/** By pod: 1 for those in namespaces that are not told. */
function markOthers({ podStart, podCount }: ModelView, told: Uint8Array): Uint8Array {
  const others = new Uint8Array(podCount);
  for (const [i, isTold] of told.entries()) {
    if (isTold === 0) others.fill(1, podStart[i], podStart[i + 1]);
  }
  return others;
}

const OTHERS_OWN: AddressOwner = { kind: 'others' };

/** The members that say nothing of namespaces; `namespaces` of the whole is never read. */
function plain(
  view: ModelView,
): Pick<
  ModelView,
  | 'tables'
  | 'podStart'
  | 'podCount'
  | 'nodes'
  | 'isFinished'
  | 'isTemplate'
  | 'namespaceIndexOf'
  | 'nodeOf'
  | 'findPod'
  | 'findNode'
  | 'countOwnedByEnds'
> {
  const { tables, podStart, podCount, nodes } = view;
  return {
    ...{ tables, podStart, podCount, nodes },
    isFinished: (pod) => view.isFinished(pod),
    isTemplate: (pod) => view.isTemplate(pod),
    namespaceIndexOf: (pod) => view.namespaceIndexOf(pod),
    nodeOf: (pod) => view.nodeOf(pod),
    findPod: (namespace, name) => view.findPod(namespace, name),
    findNode: (name) => view.findNode(name),
    countOwnedByEnds: (range) => view.countOwnedByEnds(range),
  };
}

/** Of a pod of another namespace: what judging it and counting it takes. */
function namelessPod(pod: Pod): Pod {
  return { ...pod, name: '', uid: '', labels: NO_LABELS, addresses: [], node: '' };
}

/** Workloads stay to be counted by. */
function withoutNames(chunk: NamespaceChunk): NamespaceChunk {
  return {
    name: '',
    labels: NO_LABELS,
    known: 'IMPLIED',
    terminating: false,
    conflict: false,
    labelSets: [],
    shapes: [],
    pods: NO_PODS,
    workloads: chunk.workloads.map(namelessWorkload),
    policies: [],
    services: [],
  };
}

function namelessWorkload({ template, replicas }: Workload): Workload {
  return {
    apiVersion: '',
    kind: '',
    name: '',
    labels: NO_LABELS,
    template,
    ...(replicas === undefined ? {} : { replicas }),
  };
}
