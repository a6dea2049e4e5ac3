import { closeSync, openSync, readSync } from 'node:fs';

/** What the first bytes of a file of SQLite say. */
export interface FileHeader {
  readonly pageBytes: number;
  /** Pages of the database; without a log beside it, of the file. */
  readonly pages: number;
  /** Whether what was written last may stand in a log beside it. */
  readonly hasLog: boolean;
  readonly applicationId: number;
}

/** Of https://www.sqlite.org/fileformat2.html, section 1.3. */
const HEADER_BYTES = 100;
const MAGIC = 'SQLite format 3\0';
const PAGE_SIZE_AT = 16;
const WRITE_VERSION_AT = 18;
const PAGE_COUNT_AT = 28;
const APPLICATION_ID_AT = 68;
const WRITE_VERSION_LOG = 2;

/** The header of `file`; undefined when it is not one of SQLite. Opens nothing but the file. */
export function readHeader(file: string): FileHeader | undefined {
  const header = Buffer.alloc(HEADER_BYTES);
  const opened = openSync(file, 'r');
  let read: number;
  try {
    read = readSync(opened, header, 0, HEADER_BYTES, 0);
  } finally {
    closeSync(opened);
  }
  if (read < HEADER_BYTES || !header.toString('latin1').startsWith(MAGIC)) return undefined;
  const pageBytes = header.readUInt16BE(PAGE_SIZE_AT);
  return {
    // A page of 64 KiB does not fit into two bytes and is written as 1.
    pageBytes: pageBytes === 1 ? 65_536 : pageBytes,
    pages: header.readUInt32BE(PAGE_COUNT_AT),
    hasLog: header.readUInt8(WRITE_VERSION_AT) === WRITE_VERSION_LOG,
    applicationId: header.readUInt32BE(APPLICATION_ID_AT),
  };
}
