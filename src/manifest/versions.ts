import { canonicalJson } from './canonical-json.ts';
import { problemAt } from './problems.ts';
import type { ReadFrom } from './read-item.ts';
import type { ObjectRef } from '../model/policy.ts';
import type { Problem } from '../model/snapshot.ts';

/** One object as it was found once. */
export interface Version<Content> {
  readonly ref: ObjectRef;
  /** Decimal digits. */
  readonly resourceVersion: string | undefined;
  /** What of the object was kept and decoded. */
  readonly content: Content;
  readonly problems: readonly Problem[];
  readonly from: ReadFrom;
}

/** All versions of one object. */
type Versions<Content> = [Version<Content>, ...Version<Content>[]];

/** All versions of the objects of one kind, by namespace and name. */
export type VersionTable<Content> = Map<string, Versions<Content>>;

/** What the versions of one object come to. */
export interface Settled<Content> extends Version<Content> {
  /** They differ and none is known to be the newest: `content` is one of them. */
  readonly conflict: boolean;
  /** Every version that counts; one unless in conflict. */
  readonly versions: readonly Version<Content>[];
}

/** Adds a version of the object that its reference names. */
export function addVersion<Content>(table: VersionTable<Content>, version: Version<Content>): void {
  const { apiVersion, kind, namespace, name } = version.ref;
  const key = `${namespace ?? ''}\u0000${name}\u0000${kind}\u0000${apiVersion}`;
  const versions = table.get(key);
  if (versions === undefined) table.set(key, [version]);
  else versions.push(version);
}

/** Takes the objects out of `table`, sorted by namespace and name, each settled. */
export function settleAll<Content>(table: VersionTable<Content>): Settled<Content>[] {
  const sorted = [...table].sort(([a], [b]) => (a < b ? -1 : 1));
  table.clear();
  return sorted.map(([, versions]) => settle(versions));
}

/**
 * Equal versions are one; of different ones the newest wins, if each says how new it is; else they
 * are in conflict (decisions 3). The outcome does not depend on the order of `versions`.
 */
function settle<Content>(versions: Versions<Content>): Settled<Content> {
  if (versions.length === 1) {
    const [{ ref, resourceVersion, content, problems, from }] = versions;
    return { ref, resourceVersion, content, problems, from, conflict: false, versions };
  }
  const distinct = distinctVersions(versions);
  const [first = versions[0]] = distinct;
  if (distinct.length === 1) return { ...first, conflict: false, versions: distinct };
  const newest = newestOf(distinct);
  if (newest !== undefined) {
    const problem = problemAt(newest, {
      severity: 'warning',
      code: 'DUPLICATE_OBJECT',
      message: `the input holds ${distinct.length} versions of it; the newest is used`,
      affectsVerdicts: false,
    });
    const problems = [...newest.problems, problem];
    return { ...newest, problems, conflict: false, versions: [newest] };
  }
  const problem = problemAt(first, {
    severity: 'error',
    code: 'CONFLICTING_OBJECTS',
    message: `the input holds ${distinct.length} different versions of it; remove all but one`,
    affectsVerdicts: true,
  });
  const problems = [...distinct.flatMap((version) => version.problems), problem];
  return { ...first, problems, conflict: true, versions: distinct };
}

/** One version of each content, sorted by content; the newest, and of those the first by place. */
function distinctVersions<Content>(versions: readonly Version<Content>[]): Version<Content>[] {
  const groups = new Map<string, Version<Content>>();
  for (const version of versions) {
    const text = canonicalJson(version.content);
    const known = groups.get(text);
    if (known === undefined || placeKey(version) < placeKey(known)) groups.set(text, version);
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, version]) => version);
}

/** Sorts newer versions first, then by place. */
function placeKey({ resourceVersion, from, ref, problems }: Version<unknown>): string {
  const age = 10n ** 30n - BigInt(resourceVersion ?? 0);
  const line = String(from.line ?? 0).padStart(12, '0');
  const rest = [ref.uid ?? '', JSON.stringify(problems)];
  return [age.toString().padStart(31, '0'), from.file ?? '', line, ...rest].join('\u0000');
}

function newestOf<Content>(versions: readonly Version<Content>[]): Version<Content> | undefined {
  let newest: Version<Content> | undefined;
  let newestAge = -1n;
  let tied = false;
  for (const version of versions) {
    if (version.resourceVersion === undefined) return undefined;
    const age = BigInt(version.resourceVersion);
    tied = tied ? age <= newestAge : age === newestAge;
    if (newestAge < age) {
      newest = version;
      newestAge = age;
    }
  }
  return tied ? undefined : newest;
}
