import type { SettingKind } from './setting-kinds.ts';

/** One setting: how it is read, what it is when nobody says, and what it does. */
export interface Setting<Value> {
  readonly kind: SettingKind<Value>;
  readonly fallback: Value;
  readonly description: string;
}

/** A row of a table of settings. */
export const setting = <Value>(
  kind: SettingKind<Value>,
  fallback: Value,
  description: string,
): Setting<Value> => ({ kind, fallback, description });
