/** Bytes to read, with the name of the file they came from. */
export interface ManifestInput {
  /** File name for messages, as the user would write it; absent for a request body or stdin. */
  readonly file?: string;
  /** As stored or sent: JSON, YAML, NDJSON or a tar archive, each possibly gzip. */
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Absent for a file that stands alone. The files of one directory follow each other. */
  readonly tree?: TreePlace;
}

/** Where a file lies in the directory that it was given with. */
export interface TreePlace {
  /** The directory, as the user would write it. */
  readonly name: string;
  /** With the directory itself, and `/` between its parts: `dump/shop/pods.json`. */
  readonly path: string;
}

/** How far an ingest has come. */
export interface IngestProgress {
  /** Bytes read, as sent. */
  readonly bytes: number;
  /** Objects seen, skipped ones included. */
  readonly objects: number;
}

/** What an ingest may use; every number has its unit in its name. */
export interface IngestLimits {
  /** As sent. */
  readonly uploadBytesMax: number;
  /** After decompression. */
  readonly decodedBytesMax: number;
  /** Decoded bytes per sent byte, past the first MiB. */
  readonly decompressionRatioMax: number;
  /** One object, or one item of a List. */
  readonly objectBytesMax: number;
  readonly nestingDepthMax: number;
  readonly yamlAliasesMax: number;
  readonly objectsMax: number;
  /** Of one object. */
  readonly labelsMax: number;
  /** One label, key and value. */
  readonly labelBytesMax: number;
  /** Entries of one archive, of whatever type, extended headers included. */
  readonly archiveEntriesMax: number;
  /** One file of an archive, decompressed. */
  readonly archiveEntryBytesMax: number;
  /** The name of one entry, with its folders. */
  readonly archivePathBytesMax: number;
  /** Folders above one entry, and itself. */
  readonly archivePathDepthMax: number;
  /** Problems kept with a snapshot; more are counted, not kept. */
  readonly problemsMax: number;
}

const MIB = 1024 * 1024;

/** The defaults of contract 4 and reliability 8. */
export const DEFAULT_INGEST_LIMITS: IngestLimits = Object.freeze({
  uploadBytesMax: 512 * MIB,
  decodedBytesMax: 4096 * MIB,
  decompressionRatioMax: 100,
  objectBytesMax: 4 * MIB,
  nestingDepthMax: 64,
  yamlAliasesMax: 1000,
  objectsMax: 2_000_000,
  labelsMax: 1000,
  labelBytesMax: 1024,
  archiveEntriesMax: 2_000_000,
  archiveEntryBytesMax: 2048 * MIB,
  archivePathBytesMax: 1024,
  archivePathDepthMax: 32,
  problemsMax: 10_000,
});
