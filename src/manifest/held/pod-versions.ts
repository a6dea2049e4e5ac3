import { NumberList } from './number-list.ts';
import { Numbered } from './numbered.ts';
import { TextArena } from './text-arena.ts';
import type { PodObject } from '../kinds/pod.ts';
import type { ReadFrom } from '../read-item.ts';
import { settleVersions } from '../versions.ts';
import type { Faulty, Settled, Version } from '../versions.ts';
import type { ObjectRef } from '../../model/policy.ts';
import { POD_PHASES } from '../../model/snapshot.ts';
import type { Problem } from '../../model/snapshot.ts';

/** A pod as it was found once. */
export type PodVersion = Version<PodObject & Faulty>;
/** What the versions of one pod come to. */
export type SettledPod = Settled<PodObject & Faulty>;

/** What pods of one workload share. */
type Common = Pick<PodObject, 'labels' | 'hostNetwork' | 'ports' | 'owner'>;

const READY = 8;
const TERMINATING = 16;
const FAULTY = 32;
const PHASE = 7;
/** Of each pod in `#texts`. */
const TEXTS = 3;
/** No address has one. */
const SEPARATOR = ' ';

/** All pods of an input with duplicates resolved. */
export interface SettledPods {
  /** Distinct ones. */
  readonly count: number;
  /** Of all of them. */
  readonly problems: readonly Problem[];
  readonly namespaces: readonly string[];
  /** Whether there are pods that `of` leaves out: see {@link isAdrift}. */
  readonly lost: boolean;
  /** Those of a namespace, sorted by name; made anew each time. */
  of(namespace: string): readonly SettledPod[];
}

/**
 * All versions of the pods of an input, as columns: a dump has a hundred thousand, and nothing of them
 * is looked at until the last one is there.
 */
export class PodVersions {
  readonly #namespaces = new Numbered<string>();
  /** By pod: namespace, common part, node, file and line (0: not known). */
  readonly #namespace = new NumberList();
  readonly #common = new NumberList();
  readonly #node = new NumberList();
  readonly #file = new NumberList();
  readonly #line = new NumberList();
  /** Position in `POD_PHASES` and bits of what is true. */
  readonly #flags = new NumberList();
  readonly #names = new TextArena();
  /** Three texts a pod: uid and resource version (empty: none), and addresses. */
  readonly #texts = new TextArena();
  readonly #commons: Common[] = [];
  readonly #nodes = new Numbered<string>();
  readonly #files = new Numbered<string | undefined>();
  /** By pod, of the few that have any. */
  readonly #problems = new Map<number, readonly Problem[]>();

  /** Adds a version of the pod that its reference names. */
  add({ ref, resourceVersion = '', content, problems, from }: PodVersion): void {
    this.#namespace.push(this.#namespaces.numberOf(ref.namespace ?? ''));
    this.#common.push(this.#commonOf(content));
    this.#node.push(this.#nodes.numberOf(content.node));
    this.#file.push(this.#files.numberOf(from.file));
    this.#line.push(from.line ?? 0);
    this.#flags.push(flagsOf(content));
    this.#texts.add(ref.uid ?? '');
    this.#texts.add(resourceVersion);
    this.#texts.add(content.addresses.join(SEPARATOR));
    const pod = this.#names.add(ref.name);
    if (problems.length !== 0) this.#problems.set(pod, problems);
  }

  /** Resolves duplicates. Nothing can be added afterwards. */
  settle(): SettledPods {
    const podsOf = this.#podsByNamespace();
    const problems: Problem[] = [];
    let count = 0;
    let lost = false;
    for (const pods of podsOf.values()) {
      for (const group of this.#groupsOf(pods)) {
        count += 1;
        const [first = -1] = group;
        if (group.length === 1) {
          problems.push(...(this.#problems.get(first) ?? []));
          continue;
        }
        const settled = this.#settled(group);
        problems.push(...settled.problems);
        lost ||= isAdrift(settled);
      }
    }
    return {
      count,
      problems,
      namespaces: [...podsOf.keys()],
      lost,
      of: (namespace) =>
        this.#groupsOf(podsOf.get(namespace) ?? NO_PODS)
          .map((group) => this.#settled(group))
          .filter((pod) => !isAdrift(pod)),
    };
  }

  /** Numbers of pods by namespace, sorted by name; equal names in the order of the input. */
  #podsByNamespace(): ReadonlyMap<string, Int32Array> {
    const { values } = this.#namespaces;
    const ends = new Int32Array(values.length);
    const total = this.#namespace.length;
    for (let pod = 0; pod < total; pod += 1) bump(ends, this.#namespace.at(pod));
    let end = 0;
    for (const [i, count] of ends.entries()) {
      ends[i] = end;
      end += count;
    }
    const order = new Int32Array(total);
    for (let pod = 0; pod < total; pod += 1) order[bump(ends, this.#namespace.at(pod))] = pod;
    return new Map(
      values.map((name, i) => [name, this.#byName(order.subarray(ends[i - 1] ?? 0, ends[i]))]),
    );
  }

  #byName(pods: Int32Array): Int32Array {
    const names = new Map(Array.from(pods, (pod) => [pod, this.#names.at(pod)]));
    const nameOf = (pod: number): string => names.get(pod) ?? '';
    return pods.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : nameOf(b) < nameOf(a) ? 1 : a - b));
  }

  /** Runs of pods with equal names. */
  #groupsOf(pods: Int32Array): readonly (readonly number[])[] {
    const groups: number[][] = [];
    let before: string | undefined;
    for (const pod of pods) {
      const name = this.#names.at(pod);
      if (name === before) groups.at(-1)?.push(pod);
      else groups.push([pod]);
      before = name;
    }
    return groups;
  }

  #settled(group: readonly number[]): SettledPod {
    return settleVersions(group.map((pod) => this.#versionAt(pod)));
  }

  #versionAt(pod: number): PodVersion {
    const resourceVersion = this.#texts.at(TEXTS * pod + 1);
    return {
      ref: this.#refAt(pod),
      resourceVersion: resourceVersion === '' ? undefined : resourceVersion,
      content: this.#contentAt(pod),
      problems: this.#problems.get(pod) ?? NO_PROBLEMS,
      from: placeAt(this.#files.at(this.#file.at(pod)), this.#line.at(pod)),
    };
  }

  #refAt(pod: number): ObjectRef {
    const namespace = this.#namespaces.at(this.#namespace.at(pod));
    const name = this.#names.at(pod);
    const uid = this.#texts.at(TEXTS * pod);
    const ref = { apiVersion: 'v1', kind: 'Pod', namespace, name };
    return uid === '' ? ref : { apiVersion: 'v1', kind: 'Pod', namespace, name, uid };
  }

  #contentAt(pod: number): PodObject & Faulty {
    const { labels, hostNetwork, ports, owner } = commonAt(this.#commons, this.#common.at(pod));
    const addresses = this.#texts.at(TEXTS * pod + 2);
    const flags = this.#flags.at(pod);
    return {
      labels,
      hostNetwork,
      ports,
      owner,
      node: this.#nodes.at(this.#node.at(pod)),
      addresses: addresses === '' ? [] : addresses.split(SEPARATOR),
      phase: POD_PHASES[flags & PHASE] ?? 'UNKNOWN',
      ready: (flags & READY) !== 0,
      terminating: (flags & TERMINATING) !== 0,
      faulty: (flags & FAULTY) !== 0,
    };
  }

  /** Pods of one workload follow each other, and share what is equal (last-decoded.ts). */
  #commonOf({ labels, hostNetwork, ports, owner }: PodObject): number {
    const last = this.#commons.at(-1);
    const isSame =
      last?.labels === labels &&
      last.hostNetwork === hostNetwork &&
      last.ports === ports &&
      last.owner === owner;
    if (!isSame) this.#commons.push({ labels, hostNetwork, ports, owner });
    return this.#commons.length - 1;
  }
}

/** Versions in conflict of which only some have their node's addresses: it is a pod or its node. */
function isAdrift({ versions }: SettledPod): boolean {
  const [first, ...others] = versions.map(({ content }) => content.hostNetwork);
  return others.some((other) => other !== first);
}

const NO_PODS = new Int32Array();
const NO_PROBLEMS: readonly Problem[] = [];

function flagsOf({ phase, ready, terminating, faulty }: PodObject & Faulty): number {
  return (
    POD_PHASES.indexOf(phase) |
    (ready ? READY : 0) |
    (terminating ? TERMINATING : 0) |
    (faulty ? FAULTY : 0)
  );
}

function commonAt(commons: readonly Common[], number: number): Common {
  const common = commons[number];
  if (common === undefined) throw new RangeError(`no common part ${number}`);
  return common;
}

function placeAt(file: string | undefined, line: number): ReadFrom {
  if (file === undefined) return line === 0 ? {} : { line };
  return line === 0 ? { file } : { file, line };
}

/** Counts up at `i`. @returns the number before */
function bump(numbers: Int32Array, i: number): number {
  const before = numbers[i] ?? 0;
  numbers[i] = before + 1;
  return before;
}
