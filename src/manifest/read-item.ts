import type { Problem } from '../model/snapshot.ts';

/**
 * A kept JSON value. Objects inherit nothing, so that no key collides with `Object.prototype`.
 *
 * `AmbiguousScalar` is a plain YAML scalar that YAML 1.1 and 1.2 read differently (`yes`, `010`); it
 * is an error wherever a decoder meets it (decisions 19).
 */
export type RawValue =
  null | boolean | number | string | AmbiguousScalar | readonly RawValue[] | RawObject;

/** A kept JSON object, which inherits no property. It may be shared with other objects. */
export interface RawObject {
  readonly [key: string]: RawValue | undefined;
}

/** A plain YAML scalar on which YAML 1.1 and 1.2 disagree. */
export class AmbiguousScalar {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** Where an object was found. */
export interface ReadFrom {
  readonly file?: string;
  /** 1-based line where the object starts. */
  readonly line?: number;
  /**
   * 1-based line of a field, by path (`['spec', 'ingress', 0]`); undefined when positions are not
   * known. Exact for YAML up to 64 KiB without anchors and for JSON; see decisions 19.
   */
  readonly lineOf?: (path: readonly (string | number)[]) => number | undefined;
  /**
   * Copies what `lineOf` needs. Call it on what is kept for long: until then it may hold on to a much
   * larger part of the input.
   */
  readonly detach?: () => void;
}

/** What a reader yields, in the order of the input. */
export type ReadItem =
  | {
      readonly type: 'object';
      readonly apiVersion: string;
      readonly kind: string;
      /** Kept fields only; `apiVersion` and `kind` are not repeated. */
      readonly value: RawObject;
      readonly from: ReadFrom;
      /** See {@link Scoped}. */
      readonly scoped?: Scoped;
    }
  /** A list was there, empty or not: evidence for coverage. */
  | {
      readonly type: 'list';
      readonly apiVersion: string;
      /** `List`, `PodList` ... */
      readonly kind: string;
      /** Its items were cut off: `metadata.continue` or `remainingItemCount` is set. */
      readonly truncated: boolean;
      readonly from: ReadFrom;
      /** See {@link Scoped}. */
      readonly scoped?: Scoped;
    }
  /** An object of a kind that podreach does not read; nothing of it was kept. */
  | {
      readonly type: 'skipped';
      readonly apiVersion: string;
      readonly kind: string;
      readonly name?: string;
      readonly namespace?: string;
    }
  | { readonly type: 'problem'; readonly problem: Problem }
  | ({ readonly type: 'evidence' } & InputEvidence);

/**
 * That an object or a list was found does not say that the input has all of its kind: it came out of
 * a directory, an archive or a dump, and the evidence item at the end of that says what it has.
 */
export type Scoped = true;

/** A kind by its name, in whatever version. */
export interface KindName {
  readonly apiVersion: string;
  readonly kind: string;
}

/** The tools whose dumps are known by how they are laid out (users 3.1). */
export type DumpShape = 'cluster-info' | 'inspect' | 'velero' | 'support-bundle';

/** What of the cluster a directory, an archive or a dump has. */
export interface InputEvidence {
  /** The tools that made it; none for files that people put together. */
  readonly shapes: readonly DumpShape[];
  /** Of which kinds all objects are there: of the cluster, or of some namespaces. */
  readonly covers: readonly (KindName & { readonly namespaces?: readonly string[] })[];
  /** Kinds of which items without `scoped` were yielded before it was known that they are partial. */
  readonly doubts: readonly KindName[];
  /** Kinds that the tool was not allowed to list. */
  readonly forbidden: readonly KindName[];
}

/**
 * Which fields of an object survive reading; everything else is dropped before it is materialised.
 *
 * `true` keeps all beneath; an object keeps the named fields, element by element through arrays.
 */
export type KeepTree = true | { readonly [field: string]: KeepTree };

/** The fields to keep of a kind; undefined for kinds that are skipped and counted. */
export type KeepList = (apiVersion: string, kind: string) => KeepTree | undefined;
