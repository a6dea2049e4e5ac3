import { readFileSync } from 'node:fs';

/** The version of the package that this is part of. */
export function readVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  // Our own file, shipped next to this one.
  return (JSON.parse(text) as { readonly version: string }).version;
}
