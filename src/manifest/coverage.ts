import { evidenceOf } from './collect.ts';
import type { Collected, KindEvidence } from './collect.ts';
import { CORE_KINDS, groupOf } from './kinds.ts';
import type { CoverageStatus, KindCoverage, SnapshotSource } from '../model/snapshot.ts';

/** What an ingest was told about its input. */
export interface CoverageOptions {
  readonly source: SnapshotSource;
  readonly assumeNoPolicies: boolean;
}

/** Coverage of each kind, and what had to be assumed. */
export interface Coverage {
  readonly coverage: readonly KindCoverage[];
  readonly assumptions: readonly string[];
}

/**
 * How much of each kind the input holds: the kinds that answers hang on in their order, then the
 * others that occur, sorted.
 *
 * @param counts - objects in the snapshot, by `kind apiVersion`
 * @see contract 3, decisions 4
 */
export function coverKinds(
  collected: Collected,
  counts: ReadonlyMap<string, number>,
  { source, assumeNoPolicies }: CoverageOptions,
): Coverage {
  const assumptions: string[] = [];
  const { everythingIncomplete, anythingLost } = collected;
  const anyIncomplete = everythingIncomplete || (anythingLost && source === 'LIVE');
  const rowOf = (evidence: KindEvidence): KindCoverage => {
    const { kind, seen, partial, lost } = evidence;
    // A server refuses what cannot be read: among manifests it does not exist (R1.66).
    const incomplete = partial || (lost && source === 'LIVE');
    const count = counts.get(countKey(kind)) ?? 0;
    if (source === 'LIVE' && !seen && isInDump(evidence)) {
      const isDoubtful = incomplete || anyIncomplete;
      return dumpRow(collected, evidence, { count, isDoubtful });
    }
    let status: CoverageStatus = 'COMPLETE';
    if (isExtension(kind) && incomplete) {
      // Which pods those that are missing select is not known: as good as having none of them.
      status = 'ABSENT';
    } else if (kind.role.type === 'unevaluated') {
      status = 0 < count ? 'PARTIAL' : 'COMPLETE';
    } else if (source === 'LIVE' && !seen) {
      status = 'ABSENT';
      if (kind.role.type === 'policy' && assumeNoPolicies && !incomplete) {
        status = 'COMPLETE';
        assumptions.push('ASSUMED_NO_POLICIES');
      }
    } else if (incomplete) {
      status = 'PARTIAL';
    }
    if (anyIncomplete && status === 'COMPLETE') status = 'PARTIAL';
    return row(kind, status, count);
  };
  const core = CORE_KINDS.map((kind) => rowOf(evidenceOf(collected, kind)));
  const coreKeys = new Set(CORE_KINDS.map(countKey));
  const others = [...collected.evidence.values()].filter(
    ({ kind }) => !coreKeys.has(countKey(kind)) && kind.role.type !== 'crd',
  );
  const rows = [...others.map(rowOf), ...definedOnly(collected, source)];
  const policyKinds = others.some(({ kind }) => isExtension(kind));
  if (source === 'LIVE' && !policyKinds && collected.definitions.size === 0) {
    assumptions.push('NO_CLUSTER_POLICIES_SEEN');
  }
  const sorted = rows.sort((a, b) => (countKey(a) < countKey(b) ? -1 : 1));
  return { coverage: [...core, ...sorted], assumptions };
}

/** The key of a kind among counts. */
export function countKey({ kind, apiVersion }: { kind: string; apiVersion: string }): string {
  return `${kind} ${apiVersion}`;
}

/** Whether all that is known of a kind comes from dumps that have some namespaces only. */
function isInDump({ some, covered, forbidden }: KindEvidence): boolean {
  return some || forbidden || covered.size !== 0;
}

/**
 * How much of a kind dumps by namespace have: all of it, where the input lists all Namespaces and
 * each of them is covered.
 */
function dumpRow(
  collected: Collected,
  { kind, some, covered, forbidden }: KindEvidence,
  { count, isDoubtful }: { readonly count: number; readonly isDoubtful: boolean },
): KindCoverage {
  const names = [...collected.namespaceNames];
  // A Namespace that is there is all there is of it.
  const namespaces = isDoubtful ? [] : kind.role.type === 'namespace' ? names : [...covered];
  const isWhole =
    kind.namespaced &&
    hasAllNamespaces(collected) &&
    !isDoubtful &&
    names.every((name) => covered.has(name));
  const isUnevaluated = kind.role.type === 'unevaluated';
  if (isWhole) return row(kind, isUnevaluated && 0 < count ? 'PARTIAL' : 'COMPLETE', count);
  // A policy of an extension could select any pod: what is not all of them is not enough.
  const isAbsent = isExtension(kind) || (!some && covered.size === 0);
  if (isAbsent) return row(kind, forbidden ? 'FORBIDDEN' : 'ABSENT', count);
  return { ...row(kind, 'PARTIAL', count), namespaces: [...new Set(namespaces)].sort() };
}

/** Whether objects of the kind are policies that no cluster has by itself. */
function isExtension({ role, key }: KindEvidence['kind']): boolean {
  return role.type === 'unevaluated' || (role.type === 'policy' && !CORE_KEYS.has(key));
}

const CORE_KEYS = new Set(CORE_KINDS.map(({ key }) => key));

function hasAllNamespaces(collected: Collected): boolean {
  const { everythingIncomplete, anythingLost } = collected;
  const [namespaces] = CORE_KINDS.filter(({ role }) => role.type === 'namespace');
  if (namespaces === undefined || everythingIncomplete || anythingLost) return false;
  const { seen, partial, lost } = evidenceOf(collected, namespaces);
  return seen && !partial && !lost;
}

/** Policy kinds whose definition is in a dump while the dump does not list them. */
function definedOnly(collected: Collected, source: SnapshotSource): KindCoverage[] {
  if (source === 'MANIFESTS') return [];
  const listed = new Set(
    [...collected.evidence.values()].map(({ kind }) => `${groupOf(kind.apiVersion)} ${kind.kind}`),
  );
  return [...collected.definitions]
    .filter(({ group, kind }) => !listed.has(`${group} ${kind}`))
    .map(({ group, kind, version }) =>
      row({ apiVersion: `${group}/${version}`, kind }, 'ABSENT', 0),
    );
}

function row(
  { apiVersion, kind }: { apiVersion: string; kind: string },
  status: CoverageStatus,
  count: number,
): KindCoverage {
  return { apiVersion, kind, status, count, namespaces: [] };
}
