import { dialectOptions } from '../engine/dialects.ts';
import type { EngineOptions } from '../engine/options.ts';
import { PodreachError } from '../model/errors.ts';
import { DIALECT_NAMES, findDialect } from '../model/dialect.ts';
import type { DialectName } from '../model/dialect.ts';

/** What the setting `dialect` names. */
export interface DialectSettings {
  /** For every cluster that is not named. */
  readonly base: DialectName;
  readonly ofClusters: ReadonlyMap<string, DialectName>;
}

/** Reads `cilium` and `prod=calico`. @throws `bad-query` for what is no dialect, or a second default */
export function readDialects(entries: readonly string[]): DialectSettings {
  const ofClusters = new Map<string, DialectName>();
  let base: DialectName | undefined;
  for (const entry of entries) {
    const at = entry.lastIndexOf('=');
    const name = dialectCalled(entry.slice(at + 1).trim());
    if (at !== -1) ofClusters.set(entry.slice(0, at).trim(), name);
    else if (base === undefined) base = name;
    else throw bad(`\`dialect\` names two for all clusters: \`${base}\` and \`${name}\``);
  }
  return { base: base ?? 'upstream', ofClusters };
}

/** The dialect `name`. @throws `bad-query` */
export function dialectCalled(name: string): DialectName {
  const found = findDialect(name);
  if (found !== undefined) return found;
  throw bad(`\`${name.slice(0, 100)}\` is no dialect; there are ${DIALECT_NAMES.join(', ')}`);
}

/** Options of the clusters that have a dialect of their own; what `options` change is changed there too. */
export function clusterDialects(
  { base, ofClusters }: DialectSettings,
  options: EngineOptions,
): ReadonlyMap<string, EngineOptions> {
  const preset = dialectOptions(base);
  const names = Object.keys(options) as readonly (keyof EngineOptions)[];
  const changed = Object.fromEntries(
    names.filter((name) => options[name] !== preset[name]).map((name) => [name, options[name]]),
  );
  return new Map(
    [...ofClusters].map(([cluster, name]) => [cluster, { ...dialectOptions(name), ...changed }]),
  );
}

function bad(message: string): PodreachError {
  return new PodreachError('bad-query', message, {
    parameter: 'dialect',
    suggestions: [...DIALECT_NAMES],
  });
}
