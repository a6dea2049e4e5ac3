import type { Json, JsonObject } from './wire.ts';

/*
 * Reading answers in their JSON form. Answers come from files and from servers of other versions, so
 * a member that is absent or of another type reads as empty and nothing here throws.
 */

/** Whether `json` is an object (not an array, not null). */
export function isObject(json: Json | undefined): json is JsonObject {
  return typeof json === 'object' && json !== null && !isList(json);
}

/** Member `name` of `json`; undefined when it has none, or is no object. */
export function member(json: Json | undefined, name: string): Json | undefined {
  return isObject(json) && Object.hasOwn(json, name) ? json[name] : undefined;
}

/** Member `name` as an object; undefined when it is none. */
export function objectAt(json: Json | undefined, name: string): JsonObject | undefined {
  const value = member(json, name);
  return isObject(value) ? value : undefined;
}

/** The elements of member `name`; none when it is no array. */
export function listAt(json: Json | undefined, name: string): readonly Json[] {
  const value = member(json, name);
  return isList(value) ? value : [];
}

/** Member `name` as text, numbers and booleans included; `''` when it is absent or null. */
export function textAt(json: Json | undefined, name: string): string {
  return textOf(member(json, name));
}

/** Member `name` as a number; 0 when it is none. */
export function numberAt(json: Json | undefined, name: string): number {
  const value = member(json, name);
  return typeof value === 'number' ? value : 0;
}

/** A scalar as text; `''` for everything else. */
export function textOf(json: Json | undefined): string {
  if (typeof json === 'string') return json;
  return typeof json === 'number' || typeof json === 'boolean' ? String(json) : '';
}

function isList(json: Json | undefined): json is readonly Json[] {
  return Array.isArray(json);
}
