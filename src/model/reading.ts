import type { SnapshotSource } from './snapshot.ts';

/**
 * The part of a dialect that acts while objects are read (semantics 4.2). It makes other snapshots, not
 * other answers about one. Absent: as the source of the snapshot says.
 */
export interface ReadingChoice {
  /** Fields that NetworkPolicies do not have: an error, or dropped with a warning (D12). */
  readonly unknownFields?: 'error' | 'prune';
  /** Whether an `ipBlock` that only servers before 1.36 accept is an error (D20). */
  readonly strictCIDR?: boolean;
  /** Policies that are not valid: as the source says, or a reason to refuse the input (D13). */
  readonly invalidPolicy?: 'exclude' | 'strict';
}

/** How objects are read, once everything is chosen. */
export interface Reading extends Required<ReadingChoice> {
  readonly source: SnapshotSource;
}

/**
 * What a source says by itself: manifests are judged as the API server judges what is new, stored objects
 * as what was accepted once (semantics R1.61, R1.64).
 */
export const READING_DEFAULTS: Readonly<Record<SnapshotSource, Reading>> = Object.freeze({
  MANIFESTS: {
    source: 'MANIFESTS',
    unknownFields: 'error',
    strictCIDR: true,
    invalidPolicy: 'exclude',
  },
  LIVE: { source: 'LIVE', unknownFields: 'prune', strictCIDR: false, invalidPolicy: 'exclude' },
});

/** `choice`, and where it leaves something open, what `source` says. */
export function readingOf(source: SnapshotSource, choice: ReadingChoice): Reading {
  const { unknownFields, strictCIDR, invalidPolicy } = READING_DEFAULTS[source];
  return {
    source,
    unknownFields: choice.unknownFields ?? unknownFields,
    strictCIDR: choice.strictCIDR ?? strictCIDR,
    invalidPolicy: choice.invalidPolicy ?? invalidPolicy,
  };
}

/** The choice in `options` alone, without what is left open there. */
export function choiceOf({
  unknownFields,
  strictCIDR,
  invalidPolicy,
}: {
  readonly [Name in keyof ReadingChoice]?: ReadingChoice[Name] | undefined;
}): ReadingChoice {
  return {
    ...(unknownFields === undefined ? {} : { unknownFields }),
    ...(strictCIDR === undefined ? {} : { strictCIDR }),
    ...(invalidPolicy === undefined ? {} : { invalidPolicy }),
  };
}

/**
 * The assumptions that a snapshot carries because it was read other than its source says.
 *
 * `invalidPolicy` makes none: what is not refused is read as it would be without it.
 */
export function readingAssumptions({ source, unknownFields, strictCIDR }: Reading): string[] {
  const usual = READING_DEFAULTS[source];
  return [
    ...(unknownFields === usual.unknownFields
      ? []
      : [unknownFields === 'prune' ? 'UNKNOWN_FIELDS_PRUNED' : 'UNKNOWN_FIELDS_REFUSED']),
    ...(strictCIDR === usual.strictCIDR
      ? []
      : [strictCIDR ? 'STRICT_CIDRS_REQUIRED' : 'LENIENT_CIDRS_ACCEPTED']),
  ];
}
