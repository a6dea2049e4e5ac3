import { findKind } from './kinds.ts';
import { decodeNetworkPolicy, opaquePolicy } from './kinds/network-policy.ts';
import type { PolicyContent } from './kinds/network-policy.ts';
import { decodeUnevaluatedPolicy } from './kinds/unevaluated-policy.ts';
import { problemsOf } from './problems.ts';
import type { ReadFrom } from './read-item.ts';
import type { Settled, Version } from './versions.ts';
import { rulePointer, rulesOf } from '../model/policy.ts';
import type { Direction, ObjectRef, PodSelection, Policy } from '../model/policy.ts';
import { MATCH_ALL } from '../model/selector.ts';
import type { Problem, Provenance, SnapshotSource } from '../model/snapshot.ts';

/** A policy of the snapshot with the place it came from. */
export interface PlacedPolicy {
  readonly policy: Policy;
  readonly from: ReadFrom;
}

/** What a policy object comes to. */
export interface SettledPolicy {
  /** Undefined: the API server would refuse the object, so that it does not exist (R1.66). */
  readonly placed: PlacedPolicy | undefined;
  readonly problems: readonly Problem[];
}

/**
 * Decodes a policy once the source of the snapshot is known.
 *
 * One that is not valid does not exist in manifests; in a live dump it does, and its effect is
 * unknown (decisions 5). One with conflicting versions may be any of them.
 */
export function settlePolicy(
  settled: Settled<PolicyContent>,
  source: SnapshotSource,
): SettledPolicy {
  const { ref, from } = settled;
  if (settled.conflict) {
    const decoded = settled.versions.map((version) => decodeVersion(version, source));
    const policy = conflicting(
      ref,
      decoded.map((each) => each.policy),
    );
    const problems = decoded.flatMap((each) => each.problems);
    return { placed: { policy, from }, problems: [...settled.problems, ...problems] };
  }
  const { policy, problems } = decodeVersion(settled, source);
  const refused = policy.opaque?.code === 'INVALID_POLICY' && source === 'MANIFESTS';
  return {
    placed: refused ? undefined : { policy, from },
    problems: [...settled.problems, ...problems],
  };
}

/** Where a policy was written, with the lines of its rules, peers and ports as far as known. */
export function provenanceOf({ policy, from }: PlacedPolicy): Provenance {
  const lines: [string, number][] = [];
  const note = (pointer: string): void => {
    const path = pointer.slice(1).split('/');
    const line = from.lineOf?.(path.map((part) => (/^\d+$/.test(part) ? Number(part) : part)));
    if (line !== undefined) lines.push([pointer, line]);
  };
  for (const direction of ['INGRESS', 'EGRESS'] as const) {
    for (const pointer of pointersOf(policy, direction)) note(pointer);
  }
  return {
    object: policy.ref,
    ...(from.file === undefined ? {} : { file: from.file }),
    ...(from.line === undefined ? {} : { line: from.line }),
    lines,
  };
}

function* pointersOf(policy: Policy, direction: Direction): Iterable<string> {
  for (const { index, peers, ports } of rulesOf(policy, direction)) {
    const rule = rulePointer(direction, index);
    yield rule;
    if (peers !== 'every') {
      for (const peer of peers) yield rulePointer(direction, index, peer.index);
    }
    if (ports !== 'every') for (const port of ports) yield `${rule}/ports/${port.index}`;
  }
}

function decodeVersion(
  { ref, content, from }: Version<PolicyContent>,
  source: SnapshotSource,
): { readonly policy: Policy; readonly problems: readonly Problem[] } {
  const role = findKind(ref.apiVersion, ref.kind)?.role.type;
  if (role === 'unevaluated') {
    // Its metadata may be in any state; what counts is that it is there.
    return { policy: decodeUnevaluatedPolicy(ref, content.value), problems: [] };
  }
  const { policy, faults } = decodeNetworkPolicy(ref, content, source);
  return { policy, problems: problemsOf({ ref, from }, faults, 'INVALID_POLICY') };
}

/** A policy that may be any of `versions`: about every pod that one of them is about. */
function conflicting(ref: ObjectRef, versions: readonly Policy[]): Policy {
  const subjects = new Map(versions.map(({ subject }) => [JSON.stringify(subject), subject]));
  const tiers = new Set(versions.map(({ tier }) => tier));
  const [first] = subjects.values();
  const message = 'the input holds different versions of it; remove all but one';
  const parts = {
    ref,
    subject: subjects.size === 1 ? first?.pods : MATCH_ALL,
    applies: {
      ingress: versions.some(({ applies }) => applies.ingress),
      egress: versions.some(({ applies }) => applies.egress),
    },
    spec: 'null',
  };
  const policy = opaquePolicy(parts, 'CONFLICTING_OBJECTS', message);
  const [tier = 'admin'] = tiers.size === 1 ? tiers : [];
  return { ...policy, tier, subject: { ...policy.subject, ...scopeOf(first) } };
}

/** All versions are in one place; some kinds speak of more than their own namespace. */
function scopeOf(subject: PodSelection | undefined): Partial<PodSelection> {
  return subject === undefined ? {} : { namespaces: subject.namespaces };
}
