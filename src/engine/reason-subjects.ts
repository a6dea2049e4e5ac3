import type { Reason } from '../model/answer.ts';

const SUBJECTS = new WeakMap<Reason, string>();

/**
 * Remembers that `reason` names `namespace`, or something in it, so that it can be told without to a
 * reader who may not see that; undefined: it names nothing.
 */
export function aboutNamespace(reason: Reason, namespace: string | undefined): Reason {
  if (namespace !== undefined) SUBJECTS.set(reason, namespace);
  return reason;
}

/** The namespace that `reason` says something of; undefined: none. */
export function namespaceAbout(reason: Reason): string | undefined {
  return SUBJECTS.get(reason);
}
