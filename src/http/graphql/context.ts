import type { FastifyReply } from 'fastify';
import type { ClusterInfo, Podreach, Viewer } from '../../service/podreach.ts';
import { viewerOf } from '../viewer.ts';

/** What every resolver is given; made once per request. */
export interface GraphqlContext {
  readonly podreach: Podreach;
  readonly viewer: Viewer;
  readonly requestId: string;
  /** A cluster, read once however many snapshots ask for theirs. */
  readonly cluster: (name: string) => Promise<ClusterInfo>;
}

/** The context of one request. */
export function contextOf(podreach: Podreach, reply: FastifyReply): GraphqlContext {
  const viewer = viewerOf();
  const clusters = new Map<string, Promise<ClusterInfo>>();
  return {
    podreach,
    viewer,
    requestId: reply.request.id,
    cluster: (name) => {
      const known = clusters.get(name) ?? podreach.cluster(viewer, name);
      clusters.set(name, known);
      return known;
    },
  };
}
