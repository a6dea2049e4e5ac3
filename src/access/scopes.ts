import type { Scope } from '../service/viewer.ts';

/** Every scope, the weakest first. */
export const SCOPES: readonly Scope[] = ['read', 'ingest', 'admin'];

/** Whether `text` is a scope. */
export function isScope(text: string): text is Scope {
  return SCOPES.some((scope) => scope === text);
}
