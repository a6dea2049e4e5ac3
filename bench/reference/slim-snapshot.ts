import { podAt } from '../../src/model/snapshot.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';

/** A snapshot as JSON with nothing in it that is not needed, as a text that can be parsed whole. */
export interface SlimSnapshot {
  readonly pods: string;
  readonly policies: string;
}

/** `snapshot` as one would store it without giving it a thought. */
export function slimSnapshot(snapshot: Snapshot): SlimSnapshot {
  const chunks = [...snapshot.namespaces.values()];
  const pods = chunks.flatMap((chunk) =>
    chunk.pods.name.map((_, row) => {
      const { workload, labels, ...pod } = podAt(chunk, row);
      const { kind = '', name = '' } = chunk.workloads[workload] ?? {};
      const owner = { kind, name };
      return { namespace: chunk.name, ...pod, labels: Object.fromEntries(labels), owner };
    }),
  );
  const policies = chunks.flatMap((chunk) =>
    chunk.policies.map(({ ref, spec }) => `{"ref":${JSON.stringify(ref)},"spec":${spec}}`),
  );
  return { pods: JSON.stringify(pods), policies: `[${policies.join()}]` };
}
