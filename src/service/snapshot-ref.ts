import { PodreachError } from '../model/errors.ts';

/** What a snapshot ref names (contract 2). */
export type SnapshotRef =
  | { readonly kind: 'id'; readonly id: string }
  | { readonly kind: 'cluster'; readonly cluster: string; readonly at?: Date };

const CLUSTER_NAME = /^(?!s_)[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

/** Reads a snapshot id, a cluster name, or `cluster@time`. @throws `bad-query`, `bad-cluster-name` */
export function parseSnapshotRef(text: string): SnapshotRef {
  if (/^s_[A-Za-z0-9]+$/.test(text)) return { kind: 'id', id: text };
  const at = text.indexOf('@');
  if (at === -1) return { kind: 'cluster', cluster: checkClusterName(text) };
  return {
    kind: 'cluster',
    cluster: checkClusterName(text.slice(0, at)),
    at: parseTime(text.slice(at + 1), 'ref'),
  };
}

/** `name` if clusters can be called that. @throws `bad-cluster-name` with a slug that would do */
export function checkClusterName(name: string): string {
  if (CLUSTER_NAME.test(name)) return name;
  const slug = name
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^(s_)?[^A-Za-z0-9]*/, '')
    .slice(0, 128);
  const suggestion = slug === '' || slug.startsWith('s_') ? 'my-cluster' : slug;
  throw new PodreachError(
    'bad-cluster-name',
    'a cluster name has 1 to 128 letters, digits, `.`, `_` and `-`, starts with a letter or digit ' +
      `and not with \`s_\`; \`${suggestion}\` would do`,
    { parameter: 'cluster', suggestions: [suggestion] },
  );
}

/** An ISO 8601 time with a zone. @throws `bad-query` */
export function parseTime(text: string, parameter: string): Date {
  const isoTime = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/;
  const time = isoTime.test(text) ? new Date(text) : undefined;
  if (time === undefined || Number.isNaN(time.getTime())) {
    throw new PodreachError(
      'bad-query',
      `\`${text.slice(0, 64)}\` is not a time; write it like 2026-08-01T00:00:00Z`,
      { parameter },
    );
  }
  return time;
}
