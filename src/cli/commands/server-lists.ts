import type { Command } from 'commander';
import { PodreachError } from '../../model/errors.ts';
import { addLimitOption, addServerOption, chooseServer } from '../ask.ts';
import type { ServerOptions } from '../credential.ts';
import { addOutputOption, printAnswer } from '../output.ts';
import { onlyCluster, remotePages } from '../remote.ts';
import type { Run } from '../run.ts';

interface ListOptions extends ServerOptions {
  readonly output: string;
  readonly limit?: number;
}

/** `podreach clusters` */
export function addClusters(parent: Command, run: Run): void {
  const command = parent.command('clusters').description('list the clusters of a server');
  addOutputOption(addLimitOption(addServerOption(command))).action((options: ListOptions) =>
    run(async (io) => {
      const server = chooseServer(io, options);
      const pages = remotePages(server, 'clusters', [], options.limit ?? Number.MAX_SAFE_INTEGER);
      return printAnswer(io, 'cluster-list', options.output, pages);
    }),
  );
}

/** `podreach snapshots [CLUSTER]`, or one with `--show REF` */
export function addSnapshots(parent: Command, run: Run): void {
  const command = parent
    .command('snapshots')
    .description('list the snapshots of a cluster, or show one with its coverage and problems')
    .argument('[cluster]', 'name of the cluster (default: the only one)')
    .option('--show <ref>', 'show one: an id, a cluster (its latest) or cluster@time');
  addOutputOption(addLimitOption(addServerOption(command))).action(
    (cluster: string | undefined, options: ListOptions & { readonly show?: string }) =>
      run(async (io) => {
        const server = chooseServer(io, options);
        if (options.show !== undefined) {
          if (cluster !== undefined) {
            throw new PodreachError(
              'bad-query',
              '`--show` names one snapshot: leave out the cluster',
            );
          }
          const answer = await server.get(`snapshots/${encodeURIComponent(options.show)}`);
          return printAnswer(io, 'snapshot', options.output, [answer]);
        }
        const name = cluster ?? (await onlyCluster(server));
        const route = `clusters/${encodeURIComponent(name)}/snapshots`;
        const pages = remotePages(server, route, [], options.limit ?? Number.MAX_SAFE_INTEGER);
        return printAnswer(io, 'snapshot-list', options.output, pages);
      }),
  );
}
