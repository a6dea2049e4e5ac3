import { PodreachError } from '../model/errors.ts';

/** What is said of a snapshot that does not exist, and of one that a viewer may not see. */
export function noSnapshot(ref: string): PodreachError {
  return new PodreachError(
    'snapshot-not-found',
    `no snapshot \`${ref}\`; name a snapshot id, a cluster, or cluster@time`,
    { parameter: 'ref' },
  );
}

/** What is said of a cluster that does not exist, and of one that a viewer may not see. */
export function noCluster(name: string): PodreachError {
  return new PodreachError('cluster-not-found', `no cluster \`${name}\``, {
    parameter: 'cluster',
  });
}
