import type { EngineOptions } from '../../engine/options.ts';
import type { IngestLimits } from '../../model/input.ts';
import type { StoreOptions } from '../../store/snapshot-store.ts';

/** What a process or thread beside the server works with; plain data. */
export interface JobSettings {
  /** URL of a database that more than one process can open. */
  readonly database: string;
  readonly storeOptions: Omit<StoreOptions, 'chunkCache' | 'ballast'>;
  readonly limits: IngestLimits;
  readonly engineOptions: EngineOptions;
  /** Decoded namespaces kept from one snapshot to the next. */
  readonly chunkMemoryBytesMax: number;
}

/** A module to start beside this one, and the arguments Node needs for it. */
export interface JobEntry {
  readonly url: URL;
  /** Arguments of Node for a process. */
  readonly execArgv: readonly string[];
  /** Modules among those arguments that have to be imported first. */
  readonly loaders: readonly string[];
}

/**
 * The entry `name` in the folder of the module `url`: `.js` where that was built, `.ts` where it runs
 * from its sources. The compiler rewrites imports but no text, so the ending has to be found out; and
 * only sources need the loader that this process was started with.
 */
export function jobEntry(name: string, url: string): JobEntry {
  const isSource = url.endsWith('.ts');
  const entry = new URL(`./${name}${isSource ? '.ts' : '.js'}`, url);
  const execArgv = isSource ? process.execArgv : [];
  const loaders = execArgv.flatMap((one, i) => {
    if (one === '--import') return execArgv.slice(i + 1, i + 2);
    return one.startsWith('--import=') ? [one.slice('--import='.length)] : [];
  });
  return { url: entry, execArgv, loaders };
}
