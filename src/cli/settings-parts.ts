import { DEFAULT_OPTIONS } from '../engine/options.ts';
import type { EngineOptions } from '../engine/options.ts';
import type { IngestLimits } from '../model/input.ts';
import type { ReadingChoice } from '../model/reading.ts';
import type { StoreOptions } from '../store/snapshot-store.ts';
import { BY_SOURCE } from './config.ts';
import type { Settings } from './config.ts';
import { clusterDialects, readDialects } from './dialect-settings.ts';
import { JOB_LIMITS } from './fixed-limits.ts';

/** The limits of an ingest, out of all settings. */
export function ingestLimits(settings: Settings): IngestLimits {
  const { uploadBytesMax, decodedBytesMax, decompressionRatioMax, objectBytesMax } = settings;
  const { nestingDepthMax, yamlAliasesMax, objectsMax, problemsMax } = settings;
  const { labelsMax, labelBytesMax, archiveEntriesMax, archiveEntryBytesMax } = settings;
  const { archivePathBytesMax, archivePathDepthMax } = settings;
  return {
    uploadBytesMax,
    decodedBytesMax,
    decompressionRatioMax,
    objectBytesMax,
    nestingDepthMax,
    yamlAliasesMax,
    objectsMax,
    labelsMax,
    labelBytesMax,
    archiveEntriesMax,
    archiveEntryBytesMax,
    archivePathBytesMax,
    archivePathDepthMax,
    problemsMax,
  };
}

/** How what is sent is read unless the upload says, out of all settings. */
export function readingChoice(settings: Settings): ReadingChoice {
  const { unknownFields, strictCIDR, invalidPolicy } = settings;
  return {
    ...(unknownFields === BY_SOURCE ? {} : { unknownFields }),
    ...(strictCIDR === BY_SOURCE ? {} : { strictCIDR: strictCIDR === 'true' }),
    invalidPolicy,
  };
}

/** The limits of what is stored, out of all settings. */
export function storeOptions(settings: Settings): StoreOptions {
  const { snapshotsPerClusterMax, snapshotsAgeMaxMs, indexesPerClusterMax } = settings;
  const { snapshotBytesPerClusterMax } = settings;
  return {
    snapshotsPerClusterMax,
    snapshotBytesPerClusterMax,
    indexesPerClusterMax,
    uploadKeysPerClusterMax: JOB_LIMITS.uploadKeysPerClusterMax,
    ...(snapshotsAgeMaxMs === 'never' ? {} : { snapshotsAgeMaxMs }),
  };
}

/** The options of clusters that have a dialect of their own, out of all settings. */
export function clusterOptions(settings: Settings): ReadonlyMap<string, EngineOptions> {
  return clusterDialects(readDialects(settings.dialect), engineOptions(settings));
}

/** The dialect, out of all settings. */
export function engineOptions(settings: Settings): EngineOptions {
  const names = Object.keys(DEFAULT_OPTIONS) as readonly (keyof EngineOptions)[];
  const { hostNetworkNamespace, ingressControllers } = settings;
  return {
    ...(Object.fromEntries(
      names.map((name) => [name, settings[name]]),
    ) as unknown as EngineOptions),
    hostNetworkNamespace: hostNetworkNamespace === '' ? null : hostNetworkNamespace,
    ingressControllers: ingressControllers === '' ? null : ingressControllers,
  };
}
