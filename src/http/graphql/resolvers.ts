import { reasonPage } from '../../model/answer.ts';
import type { Peer } from '../../model/peer.ts';
import type { Labels } from '../../model/selector.ts';
import type { ClusterInfo, SnapshotInfo } from '../../service/podreach.ts';
import { questionHash } from '../cursor.ts';
import { checkFirst, connectionOf, rangeOf } from './connection.ts';
import type { Label, ProblemSeverity, Resolvers } from './generated.ts';
import { globalId } from './global-id.ts';
import { peerTypeOf } from './peer-type.ts';
import { mutationResolvers, queryResolvers } from './root-resolvers.ts';
import { snapshotResolvers } from './snapshot-resolvers.ts';

/** Rules and parts of a row that are told unless more are asked for. */
const PARTS_DEFAULT = 10;

/** Resolvers of schema.graphql; fields without one are members of the models. */
export const resolvers: Resolvers = {
  Query: queryResolvers,
  Mutation: mutationResolvers,
  Snapshot: snapshotResolvers,
  Cluster: {
    id: ({ name }) => globalId('Cluster', name),
    latest: ({ latest }, _args, { podreach, viewer }) =>
      latest === null ? null : podreach.snapshot(viewer, latest.id),
    snapshots: async ({ name }, page, { podreach, viewer }) => {
      const question = {
        engine: podreach.engine,
        question: questionHash('snapshots', { cluster: name }),
      };
      const range = rangeOf(page, { snapshot: '', ...question });
      const window = { offset: range.start, limit: range.count };
      const { items, totalCount } = await podreach.snapshots(viewer, name, window);
      return connectionOf(items, totalCount, range, ({ id }) => ({ snapshot: id, ...question }));
    },
  },
  Problem: { severity: ({ severity }) => SEVERITIES[severity] },
  Reason: { docs: ({ code }) => reasonPage(code), missing: ({ missing = [] }) => missing },
  Assumption: {
    docs: ({ code }) => reasonPage(code),
    value: ({ value }) => (value === undefined || value === null ? null : String(value)),
  },
  DecidedBy: {
    rule: (decidedBy) => (decidedBy.kind === 'RULE' ? decidedBy.rule : null),
    tier: (decidedBy) => (decidedBy.kind === 'RULE' ? decidedBy.tier : null),
    action: (decidedBy) => (decidedBy.kind === 'RULE' ? decidedBy.action : null),
    policies: (decidedBy) => (decidedBy.kind === 'ISOLATION' ? decidedBy.policies : []),
  },
  Reach: {
    parts: ({ parts = [] }, { first }) => parts.slice(0, checkFirst(first, PARTS_DEFAULT)),
    because: ({ because }, { first }) => because.slice(0, checkFirst(first, PARTS_DEFAULT)),
    splitBy: ({ splitBy }) => splitBy?.label ?? null,
  },
  HypotheticalReach: {
    namespaceLabels: ({ namespaceLabels }) => labelList(namespaceLabels),
    podLabels: ({ podLabels }) => labelList(podLabels),
  },
  Exposure: {
    parts: ({ parts = [] }, { first }) => parts.slice(0, checkFirst(first, PARTS_DEFAULT)),
  },
  EffectivePeer: { except: ({ except = [] }) => except },
  WayInBackend: { port: ({ port }) => (port === undefined ? null : String(port)) },
  WayInLeg: { clients: ({ clients = [] }) => clients },
  PodPeer: { namespace: namespaceOf, labels: labelsOf },
  WorkloadPeer: { namespace: namespaceOf, labels: labelsOf },
  ServicePeer: { namespace: namespaceOf },
  NamespacePeer: { labels: labelsOf },
  NodePeer: { labels: labelsOf },
  AddressRangePeer: { cidrs: ({ cidrs = [] }) => cidrs },
  PodSetPeer: { labels: labelsOf },
};

/** The types that stand for each interface, in the form in which the GraphQL server takes them. */
export const abstractTypes = {
  Node: {
    resolveType: (node: ClusterInfo | SnapshotInfo): string =>
      Object.hasOwn(node, 'digest') ? 'Snapshot' : 'Cluster',
  },
  Peer: { resolveType: peerTypeOf },
  NamespacedPeer: { resolveType: peerTypeOf },
};

const SEVERITIES: Readonly<Record<'error' | 'warning' | 'info', ProblemSeverity>> = {
  error: 'ERROR',
  warning: 'WARNING',
  info: 'INFO',
};

function labelsOf({ labels = new Map() }: Peer): Label[] {
  return labelList(labels);
}

function labelList(labels: Labels): Label[] {
  return [...labels].map(([key, value]) => ({ key, value }));
}

function namespaceOf({ namespace = '' }: Peer): string {
  return namespace;
}
