import type { ManifestInput } from '../../model/input.ts';
import { questionHash } from '../cursor.ts';
import { connectionOf, rangeOf } from './connection.ts';
import type { MutationResolvers, QueryResolvers, QuerySnapshotArgs } from './generated.ts';
import { parseGlobalId } from './global-id.ts';
import { nodeOf } from './node.ts';
import { findDialect } from '../../model/dialect.ts';
import type { Judging } from '../../model/dialect.ts';

/** Where queries begin. */
export const queryResolvers: QueryResolvers = {
  node: (_root, { id }, context) => nodeOf(parseGlobalId(id), context),
  clusters: async (_root, page, { podreach, viewer }) => {
    const question = { engine: podreach.engine, question: questionHash('clusters', {}) };
    const range = rangeOf(page, { snapshot: '', ...question });
    const after = range.cursor === undefined ? {} : { after: range.cursor.snapshot };
    const { items, totalCount } = await podreach.clusters(viewer, { ...after, limit: range.count });
    return connectionOf(items, totalCount, range, ({ name }) => ({ snapshot: name, ...question }));
  },
  cluster: (_root, { name }, context) => context.cluster(name),
  snapshot: (_root, { ref, ...judging }, context) => context.snapshot(ref, judgingOf(judging)),
};

const UNKNOWN_FIELDS = { ERROR: 'error', PRUNE: 'prune' } as const;
const INVALID_POLICY = { EXCLUDE: 'exclude', STRICT: 'strict' } as const;

/** What changes things. */
export const mutationResolvers: MutationResolvers = {
  ingest: async (_root, args, { podreach, viewer, noteAction }) => {
    const { cluster, manifest, takenAt, source, assumeNoPolicies, strict } = args;
    const { unknownFields, strictCIDR, invalidPolicy } = args;
    noteAction('ingest', cluster);
    const options = {
      ...(takenAt ? { takenAt } : {}),
      ...(source ? { source } : {}),
      assumeNoPolicies: assumeNoPolicies ?? false,
      strict: strict ?? false,
      ...(unknownFields ? { unknownFields: UNKNOWN_FIELDS[unknownFields] } : {}),
      ...(typeof strictCIDR === 'boolean' ? { strictCIDR } : {}),
      ...(invalidPolicy ? { invalidPolicy: INVALID_POLICY[invalidPolicy] } : {}),
    };
    return (await podreach.ingest(viewer, cluster, oneInput(manifest), options)).snapshot;
  },
  deleteSnapshot: async (_root, { id }, { podreach, viewer, noteAction }) => {
    noteAction('delete');
    await podreach.deleteSnapshot(viewer, id.startsWith('s_') ? id : parseGlobalId(id).name);
    return true;
  },
};

/** How a query asks to be judged; undefined where it leaves that to the server. */
function judgingOf({
  dialect,
  ignoreVendorPolicies,
}: Omit<QuerySnapshotArgs, 'ref'>): Judging | undefined {
  if (!dialect && ignoreVendorPolicies !== true) return undefined;
  const name = dialect ? findDialect(dialect.toLowerCase().replaceAll('_', '-')) : undefined;
  return {
    ...(name === undefined ? {} : { dialect: name }),
    ...(ignoreVendorPolicies === true ? { ignoreVendorPolicies } : {}),
  };
}

async function* oneInput(manifest: string): AsyncGenerator<ManifestInput> {
  yield await Promise.resolve({ bytes: oneChunk(manifest) });
}

async function* oneChunk(manifest: string): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(Buffer.from(manifest));
}
