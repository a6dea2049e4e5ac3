import { findKind } from './kinds.ts';
import type { PolicyContent } from './kinds/policy-object.ts';
import { decodeUnevaluatedPolicy } from './kinds/unevaluated-policy.ts';
import { problemsOf } from './problems.ts';
import type { ReadFrom } from './read-item.ts';
import type { Settled, Version } from './versions.ts';
import { rulePointer, rulesOf } from '../model/policy.ts';
import type { Direction, ObjectRef, Policy } from '../model/policy.ts';
import type { Reading } from '../model/reading.ts';
import { MATCH_ALL } from '../model/selector.ts';
import type { Problem, Provenance } from '../model/snapshot.ts';

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
  /** Those for which the API server would refuse it. */
  readonly refusals: readonly Problem[];
}

/**
 * Decodes a policy once the source of the snapshot is known.
 *
 * One that is not valid does not exist in manifests; in a live dump it does, and its effect is
 * unknown (decisions 5). One with conflicting versions may be any of them.
 */
export function settlePolicy(settled: Settled<PolicyContent>, reading: Reading): SettledPolicy {
  const { ref, from } = settled;
  if (settled.conflict) {
    const decoded = settled.versions.map((version) => decodeVersion(version, reading));
    const policy = conflicting(
      ref,
      decoded.map((each) => each.policy),
    );
    const problems = decoded.flatMap((each) => each.problems);
    return {
      placed: { policy, from },
      problems: [...settled.problems, ...problems],
      refusals: decoded.flatMap(refusalsOf),
    };
  }
  const decoded = decodeVersion(settled, reading);
  const { policy, problems, refused } = decoded;
  return {
    placed: refused && reading.source === 'MANIFESTS' ? undefined : { policy, from },
    problems: [...settled.problems, ...problems],
    refusals: refusalsOf(decoded),
  };
}

function refusalsOf({ problems, refused }: DecodedVersion): readonly Problem[] {
  return refused ? problems.filter(({ severity }) => severity === 'error') : [];
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
    const list = policy.ref.kind === 'ClusterNetworkPolicy' ? 'protocols' : 'ports';
    if (ports !== 'every') for (const port of ports) yield `${rule}/${list}/${port.index}`;
  }
}

interface DecodedVersion {
  readonly policy: Policy;
  readonly problems: readonly Problem[];
  readonly refused: boolean;
}

function decodeVersion(
  { ref, content, from }: Version<PolicyContent>,
  reading: Reading,
): DecodedVersion {
  const role = findKind(ref.apiVersion, ref.kind)?.role;
  if (role?.type !== 'policy') {
    // Its metadata may be in any state; what counts is that it is there.
    return { policy: decodeUnevaluatedPolicy(ref, content.value), problems: [], refused: false };
  }
  const { policy, faults, refused } = role.decode(ref, content, reading);
  return { policy, problems: problemsOf({ ref, from }, faults, 'INVALID_POLICY'), refused };
}

/** A policy that may be any of `versions`: about every pod that one of them is about. */
function conflicting(ref: ObjectRef, versions: readonly Policy[]): Policy {
  const tiers = new Set(versions.map(({ tier }) => tier));
  const [tier = 'admin'] = tiers.size === 1 ? tiers : [];
  const scope = onlyOne(versions.map(({ subject }) => subject.namespaces));
  return {
    ref,
    tier,
    order: 0,
    subject: {
      namespaces: scope ?? { kind: 'selected', selector: MATCH_ALL },
      pods: onlyOne(versions.map(({ subject }) => subject.pods)) ?? MATCH_ALL,
    },
    applies: {
      ingress: versions.some(({ applies }) => applies.ingress),
      egress: versions.some(({ applies }) => applies.egress),
    },
    ingress: [],
    egress: [],
    opaque: {
      code: 'CONFLICTING_OBJECTS',
      message: 'the input holds different versions of it; remove all but one',
    },
    spec: 'null',
  };
}

/** What all of `values` say; undefined where they differ. */
function onlyOne<Value>(values: readonly Value[]): Value | undefined {
  const distinct = new Set(values.map((value) => JSON.stringify(value)));
  return distinct.size === 1 ? values[0] : undefined;
}
