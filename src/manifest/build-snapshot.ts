import { assembleNamespace } from './assemble-namespace.ts';
import { collectObjects } from './collect.ts';
import { coverKinds } from './coverage.ts';
import { findDeadSelectors, findUnforeseeableLabels } from './policy-findings.ts';
import { limitProblems, problemAt, refuseErrors } from './problems.ts';
import type { ReadItem } from './read-item.ts';
import { settleInput } from './settle-input.ts';
import { provenanceOf } from './settle-policies.ts';
import { sealNamespaceChunk, sealSnapshot } from '../model/digest.ts';
import type { ChunkCache } from '../model/digest.ts';
import { PodreachError } from '../model/errors.ts';
import type { IngestLimits } from '../model/input.ts';
import { readingAssumptions, readingOf } from '../model/reading.ts';
import type { ReadingChoice } from '../model/reading.ts';
import { provenanceByNamespace } from '../model/snapshot.ts';
import type { CoverageStatus, KindCoverage, NamespaceChunk } from '../model/snapshot.ts';
import type { Problem, Snapshot, SnapshotSource } from '../model/snapshot.ts';

export { coverageHint } from './coverage-hint.ts';

/** How the objects of an ingest are to be understood. */
export interface BuildOptions extends ReadingChoice {
  /** Absent: live if any object of a known kind has a uid or a resourceVersion (contract 3). */
  readonly source?: SnapshotSource;
  /** A live dump without NetworkPolicies means that the cluster has none. */
  readonly assumeNoPolicies?: boolean;
  /** Refuse input with any problem that is an error. */
  readonly strict?: boolean;
  /** Where objects live whose manifest does not say; default `default`. */
  readonly defaultNamespace?: string;
  readonly limits: IngestLimits;
  /** Namespaces of earlier snapshots, so that one that did not change is the same object. */
  readonly chunks?: ChunkCache;
}

/**
 * Decodes a stream of kept objects into a snapshot. The order of the objects does not matter.
 *
 * @throws `upload-too-large` for labels over a limit; `bad-input` when there is nothing at all, or, if strict, any problem that is an error; with
 *   `invalidPolicy: strict`, a policy that is not valid
 */
export async function buildSnapshot(
  items: AsyncIterable<ReadItem>,
  options: BuildOptions,
): Promise<Snapshot> {
  const { defaultNamespace = 'default', limits } = options;
  const collected = await collectObjects(items, defaultNamespace, limits);
  // Whatever it is, it is no cluster: an error page, a refusal of kubectl, an empty file.
  if (collected.knownCount === 0 && !collected.problems.some((one) => one.affectsVerdicts)) {
    throw new PodreachError(
      'bad-input',
      'the input holds no Kubernetes objects that podreach reads, and no list of them; was the dump empty?',
    );
  }
  const source = options.source ?? (collected.live ? 'LIVE' : 'MANIFESTS');
  const reading = readingOf(source, options);
  const settled = settleInput(collected, reading, source);
  if (reading.invalidPolicy === 'strict') refuseErrors(settled.refusals);
  const { coverage, assumptions } = coverKinds(collected, settled.counts, {
    source,
    assumeNoPolicies: options.assumeNoPolicies ?? false,
  });
  const templates = source === 'MANIFESTS' || hasStatus(coverage, 'Pod', 'ABSENT');
  const namespaces = new Map<string, NamespaceChunk>();
  for (const parts of settled.namespaces) {
    // Sealed at once: only the canonical form of one namespace is there besides its parts.
    namespaces.set(
      parts.name,
      sealNamespaceChunk(assembleNamespace(parts, source, templates), options.chunks),
    );
  }
  const findings = { source, coverage, namespaces, policies: settled.policies };
  const problems = [
    ...settled.problems,
    ...(hasStatus(coverage, 'Service', 'ABSENT') ? [] : settled.strayEndpoints),
    ...findDeadSelectors(findings),
    ...findUnforeseeableLabels(findings),
    ...namespacesWithoutObject(namespaces, coverage),
  ];
  if (options.strict === true) refuseErrors(problems);
  const parts = {
    source,
    sourceDetected: options.source === undefined,
    assumptions: [...assumptions, ...readingAssumptions(reading)],
    coverage,
    problems: limitProblems(problems, limits.problemsMax),
    cluster: settled.cluster,
    namespaces,
    provenance: provenanceByNamespace(settled.policies.map(provenanceOf)),
  };
  return sealSnapshot(parts, options.chunks);
}

/** A note for each namespace that is known by name only (semantics R1.30). */
function namespacesWithoutObject(
  namespaces: ReadonlyMap<string, NamespaceChunk>,
  coverage: readonly KindCoverage[],
): Problem[] {
  const listed = hasStatus(coverage, 'Namespace', 'COMPLETE');
  return [...namespaces.values()].flatMap(({ name, known }) => {
    if (known === 'OBJECT' || (known === 'UNKNOWN' && !listed)) return [];
    const ref = { apiVersion: 'v1', kind: 'Namespace', name };
    const implied = known === 'IMPLIED';
    const problem = problemAt(
      { ref, from: {} },
      {
        severity: implied ? 'info' : 'warning',
        code: implied ? 'NAMESPACE_IMPLIED' : 'NAMESPACE_UNKNOWN',
        message: implied
          ? 'there is no Namespace object; its only label is `kubernetes.io/metadata.name`'
          : 'the dump has other Namespaces but not this one, so its labels are not known',
        affectsVerdicts: !implied,
      },
    );
    return [problem];
  });
}

function hasStatus(
  coverage: readonly KindCoverage[],
  wanted: string,
  status: CoverageStatus,
): boolean {
  return coverage.some(
    (row) => row.kind === wanted && row.apiVersion === 'v1' && row.status === status,
  );
}
