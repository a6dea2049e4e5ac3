import { Type } from 'typebox';
import type { Static } from 'typebox';
import { HTTP_LIMITS } from '../http-limits.ts';

/** Path of routes about one snapshot. */
export const SNAPSHOT_PARAMS = Type.Object({
  ref: Type.String({
    description: 'a snapshot id, a cluster (its latest) or `cluster@2026-08-01T00:00:00Z`',
  }),
});
/** Values of {@link SNAPSHOT_PARAMS}. */
export type SnapshotParams = Static<typeof SNAPSHOT_PARAMS>;

/** Path of routes about one cluster. */
export const CLUSTER_PARAMS = Type.Object({
  cluster: Type.String({ description: 'name of the cluster' }),
});
/** Values of {@link CLUSTER_PARAMS}. */
export type ClusterParams = Static<typeof CLUSTER_PARAMS>;

/** Path of the route about one policy. */
export const POLICY_PARAMS = Type.Object({
  ...SNAPSHOT_PARAMS.properties,
  kind: Type.String({ description: 'kind, in any case: `NetworkPolicy`' }),
  namespace: Type.String({ description: 'namespace; `-` for cluster-scoped policies' }),
  name: Type.String({ description: 'name of the policy' }),
});
/** Values of {@link POLICY_PARAMS}. */
export type PolicyParams = Static<typeof POLICY_PARAMS>;

/** Headers of an upload. */
export const INGEST_HEADERS = Type.Object({
  'Idempotency-Key': Type.Optional(
    Type.String({
      pattern: `^[!-~]{1,${HTTP_LIMITS.idempotencyKeyLengthMax}}$`,
      description:
        `1 to ${HTTP_LIMITS.idempotencyKeyLengthMax} printable ASCII characters without blanks, such as a UUID. ` +
        'Sent again to the cluster under the same key, an upload is the snapshot of the first time (200), ' +
        'whatever was sent since; other objects under it are refused (409)',
    }),
  ),
});

/** Path of the route about one ingest. */
export const INGEST_PARAMS = Type.Object({
  id: Type.String({ description: 'id of the ingest' }),
});
/** Values of {@link INGEST_PARAMS}. */
export type IngestParams = Static<typeof INGEST_PARAMS>;
