/**
 * A cluster under other names: what is in namespaces that a reader may not see is called something
 * else, at random, and has labels that nothing reads.
 */
import { createHash } from 'node:crypto';
import type { KubeObject } from '../support/kube-objects.ts';

/** In every name that {@link disguise} gives. */
export const CANARY = 'canary';

/** Another name for `name`; it sorts anywhere. */
export function alias(name: string, salt: number): string {
  const hash = createHash('sha256').update(`${salt} ${name}`).digest('hex');
  return `${'abcdefghijklmnopqrstuvwxyz'.charAt(parseInt(hash.slice(0, 6), 16) % 26)}${CANARY}-${hash.slice(0, 12)}`;
}

/** `objects` with other names for namespaces but `told`, and for all that is in them. */
export function disguise(
  objects: readonly KubeObject[],
  told: readonly string[],
  salt: number,
): KubeObject[] {
  return objects.map((object) => {
    const { kind, metadata } = object;
    const home = kind === 'Namespace' ? metadata.name : metadata.namespace;
    if (home === undefined || told.includes(home)) return object;
    const labels = { ...metadata.labels, [`${CANARY}.example/unread`]: alias('label', salt) };
    const name = alias(metadata.name, salt);
    if (kind === 'Namespace') return { ...object, metadata: { ...metadata, name, labels } };
    // Names of things in one namespace do not tell those of another.
    const own = alias(`${home}/${metadata.name}`, salt);
    const renamed = { ...metadata, namespace: alias(home, salt), name: own, labels };
    return { ...object, metadata: renamed };
  });
}
