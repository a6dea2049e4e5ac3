import { canonicalJson } from './canonical-json.ts';
import { problemAt } from './problems.ts';
import type { ReadFrom } from './read-item.ts';
import type { ObjectRef } from '../model/policy.ts';
import type { Problem } from '../model/snapshot.ts';

/** Whether something in the object could not be decoded, so that it may be other than it looks. */
export interface Faulty {
  readonly faulty: boolean;
}

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
type Versions<Content> = [Version<Content>, Version<Content>, ...Version<Content>[]];

/** What the versions of one object come to. */
export interface Settled<Content> extends Version<Content> {
  /** They differ and none is known to be the newest: `content` is one of them. */
  readonly conflict: boolean;
  /** Those in conflict; none when there is no conflict. */
  readonly versions: readonly Version<Content>[];
}

/** Objects of one kind and namespace by name. Nearly all are found once, and then settled. */
type Group<Content> = Map<string, Settled<Content> | Versions<Content>>;

const NO_VERSIONS: readonly never[] = [];

/** All versions of the objects of one kind, by namespace and name. */
export class VersionTable<Content> {
  readonly #groups = new Map<string, Group<Content>>();
  #last: ObjectRef | undefined;
  #lastGroup: Group<Content> = new Map();

  /** Adds a version of the object that its reference names. */
  add(given: Version<Content>): void {
    const { ref } = given;
    const group = this.#groupOf(ref);
    const known = group.get(ref.name);
    const version = settledAlone(given);
    if (known === undefined) group.set(ref.name, version);
    else if (isMany(known)) known.push(version);
    else group.set(ref.name, [known, version]);
  }

  /** Takes the objects out, sorted by namespace and name, each settled. */
  takeAll(): Settled<Content>[] {
    const found = [...this.#groups.values()].flatMap((group) => [...group.values()]);
    this.#groups.clear();
    this.#last = undefined;
    return found.map((one) => (isMany(one) ? settle(one) : one)).sort(byRef);
  }

  #groupOf(ref: ObjectRef): Group<Content> {
    const last = this.#last;
    const isSame =
      last?.namespace === ref.namespace &&
      last?.kind === ref.kind &&
      last.apiVersion === ref.apiVersion;
    if (isSame) return this.#lastGroup;
    const key = `${ref.namespace ?? ''}\u0000${ref.kind}\u0000${ref.apiVersion}`;
    const group = this.#groups.get(key) ?? new Map<string, Settled<Content> | Versions<Content>>();
    this.#groups.set(key, group);
    this.#last = ref;
    this.#lastGroup = group;
    return group;
  }
}

/** What versions of one object come to, of which there is at least one. @throws RangeError */
export function settleVersions<Content>(versions: readonly Version<Content>[]): Settled<Content> {
  const [first, second] = versions;
  if (first === undefined) throw new RangeError('an object has no version');
  return second === undefined ? settledAlone(first) : settle([first, second, ...versions.slice(2)]);
}

/** Not a copy of what is given: one object for each of a hundred thousand is enough. */
function settledAlone<Content>(version: Version<Content>): Settled<Content> {
  const { ref, resourceVersion, content, problems, from } = version;
  return { ref, resourceVersion, content, problems, from, conflict: false, versions: NO_VERSIONS };
}

function isMany<Content>(found: Settled<Content> | Versions<Content>): found is Versions<Content> {
  return Array.isArray(found);
}

/** Objects of one table differ in one of these. */
function byRef({ ref: a }: Version<unknown>, { ref: b }: Version<unknown>): number {
  const [inA, inB] = [a.namespace ?? '', b.namespace ?? ''];
  if (inA !== inB) return inA < inB ? -1 : 1;
  if (a.name !== b.name) return a.name < b.name ? -1 : 1;
  if (a.kind !== b.kind) return a.kind < b.kind ? -1 : 1;
  return a.apiVersion < b.apiVersion ? -1 : 1;
}

/**
 * Equal versions are one; of different ones the newest wins, if each says how new it is; else they
 * are in conflict (decisions 3). The outcome does not depend on the order of `versions`.
 */
function settle<Content>(versions: Versions<Content>): Settled<Content> {
  const distinct = distinctVersions(versions);
  const [first = versions[0]] = distinct;
  if (distinct.length === 1) return { ...first, conflict: false, versions: NO_VERSIONS };
  const newest = newestOf(distinct);
  if (newest !== undefined) {
    const problem = problemAt(newest, {
      severity: 'warning',
      code: 'DUPLICATE_OBJECT',
      message: `the input holds ${distinct.length} versions of it; the newest is used`,
      affectsVerdicts: false,
    });
    const problems = [...newest.problems, problem];
    return { ...newest, problems, conflict: false, versions: NO_VERSIONS };
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
