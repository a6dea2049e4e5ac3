import { clusterObjects, objectsOfKind } from './cluster-objects.ts';
import { KINDS } from './kube-object.ts';
import type { Kind } from './kube-object.ts';
import type { ClusterPlan } from './plan/cluster-plan.ts';
import { ADMIN_KINDS, adminObjects } from './policies/admin-objects.ts';
import { prettyList, rawList } from './text/json-text.ts';
import { yamlList } from './text/yaml-text.ts';

/**
 * The texts a cluster can be dumped as: `json` and `yaml` as kubectl prints them, without managed
 * fields; `raw`, the lists of an API server one after the other.
 */
export const DUMP_FORMATS = ['json', 'raw', 'yaml'] as const;
/** One of {@link DUMP_FORMATS}. */
export type DumpFormat = (typeof DUMP_FORMATS)[number];

/** How a dump is written. */
export interface DumpOptions {
  readonly format: DumpFormat;
  /** Default: in `raw` only. */
  readonly managedFields?: boolean;
  /** Default: all. */
  readonly kinds?: readonly Kind[];
  /** With policies of administrators at the end; default: without. */
  readonly adminPolicies?: boolean;
}

/** Bytes that are handed on at once, about. */
const PIECE_BYTES = 256 * 1024;

/** The dump of a cluster as pieces of text, in the memory of one namespace. */
export function* dumpText(plan: ClusterPlan, options: DumpOptions): Generator<string> {
  const { format, managedFields = format === 'raw', kinds = KINDS } = options;
  const adminKinds = options.adminPolicies === true ? ADMIN_KINDS : [];
  const { seed } = plan.spec;
  const detail = managedFields ? 'managed' : 'full';
  if (format === 'raw') {
    for (const kind of kinds) yield* rawList(objectsOfKind(plan, kind, detail));
    for (const kind of adminKinds) yield* rawList(adminObjects(kind, seed));
    return;
  }
  const objects = concat(
    clusterObjects(plan, detail, kinds),
    adminKinds.flatMap((kind) => adminObjects(kind, seed)),
  );
  yield* format === 'json' ? prettyList(objects) : yamlList(objects);
}

function* concat<Item>(...parts: readonly Iterable<Item>[]): Generator<Item> {
  for (const part of parts) yield* part;
}

/** The same as bytes, in pieces of a quarter of a MiB or a little more. */
export function* dumpBytes(plan: ClusterPlan, options: DumpOptions): Generator<Buffer> {
  let held: string[] = [];
  let length = 0;
  for (const text of dumpText(plan, options)) {
    held.push(text);
    length += text.length;
    if (length < PIECE_BYTES) continue;
    yield Buffer.from(held.join(''));
    held = [];
    length = 0;
  }
  if (length !== 0) yield Buffer.from(held.join(''));
}
