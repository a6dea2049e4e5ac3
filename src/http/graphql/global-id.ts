import { PodreachError } from '../../model/errors.ts';

/** What can be found by a global id. */
export type GlobalType = 'Snapshot' | 'Cluster';

/** The global id of a thing: base64 of `Snapshot:s_…` or `Cluster:prod`. */
export function globalId(type: GlobalType, name: string): string {
  return Buffer.from(`${type}:${name}`).toString('base64');
}

/** @throws `bad-query` when `id` is no global id */
export function parseGlobalId(id: string): { readonly type: GlobalType; readonly name: string } {
  const [, type, name] =
    /^(Snapshot|Cluster):(.+)$/.exec(Buffer.from(id, 'base64').toString()) ?? [];
  if ((type === 'Snapshot' || type === 'Cluster') && name !== undefined) return { type, name };
  throw new PodreachError('bad-query', `\`${id.slice(0, 100)}\` is no global id`, {
    parameter: 'id',
  });
}
