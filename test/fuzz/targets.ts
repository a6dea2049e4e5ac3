import { apiTargets } from './api-targets.ts';
import { OBJECT_TARGETS } from './object-targets.ts';
import { requestTargets } from './request-targets.ts';
import { runTarget } from './run-target.ts';
import type { AnyTarget } from './target.ts';
import { TEXT_TARGETS } from './text-targets.ts';
import { UPLOAD_TARGETS } from './upload-targets.ts';

/** What a run came to, target by target. */
export interface FuzzReport {
  readonly name: string;
  readonly count: number;
  readonly accepted: number;
  readonly refused: number;
  readonly failure?: string;
}

/**
 * Sends about `inputs` inputs to all targets, to each by its weight.
 *
 * @param tell hears of each target when it is done
 */
export async function fuzz(
  { inputs, seed }: { readonly inputs: number; readonly seed: number },
  tell: (report: FuzzReport) => void,
): Promise<readonly FuzzReport[]> {
  const server = await requestTargets();
  const api = await apiTargets();
  const targets: readonly AnyTarget[] = [
    ...UPLOAD_TARGETS,
    ...OBJECT_TARGETS,
    ...TEXT_TARGETS,
    ...server.targets,
    ...api.targets,
  ];
  const weights = targets.reduce((sum, { weight }) => sum + weight, 0);
  const reports: FuzzReport[] = [];
  for (const target of targets) {
    const count = Math.ceil((inputs * target.weight) / weights);
    const report = { name: target.name, count, ...(await runTarget(target, { count, seed })) };
    tell(report);
    reports.push(report);
  }
  await server.close();
  await api.close();
  return reports;
}
