/** What a tar header says, before long names and pax records are applied. */
export interface TarHeader {
  /** Bytes of the name, prefix included; cut off when the true name stands in a record before it. */
  readonly name: string;
  /** Bytes of content that follow the header. */
  readonly size: number;
  /** The type flag, `0` for the flag NUL of old archives. */
  readonly type: string;
}

/** What extended headers say of the next entry. */
export interface TarRecords {
  readonly path?: string;
  readonly size?: number;
  /** The content is stored with its holes left out: it cannot be read as it stands. */
  readonly isSparse?: boolean;
}

/** Tar is made of blocks of this size, in bytes. */
export const TAR_BLOCK_BYTES = 512;

const NAME_BYTES = 100;
const SIZE_AT = 124;
const CHECKSUM_AT = 148;
const TYPE_AT = 156;
const MAGIC_AT = 257;
const PREFIX_AT = 345;
const PREFIX_BYTES = 155;
const SPACE = 0x20;
/** First byte of a number that is binary and not octal digits. */
const BINARY_NUMBER = 0x80;

/**
 * Whether a text starts as a tar archive does: with a header whose checksum is right, or with the
 * magic of one, or with the empty block that ends an archive.
 *
 * @param head - the first {@link TAR_BLOCK_BYTES} bytes; fewer are no archive
 */
export function startsTar(head: Buffer): boolean {
  if (head.length < TAR_BLOCK_BYTES) return false;
  const block = head.subarray(0, TAR_BLOCK_BYTES);
  if (isZero(block)) return true;
  if (block.toString('latin1', MAGIC_AT, MAGIC_AT + 5) === 'ustar') return true;
  // Archives from before POSIX have no magic; no text has a NUL and the right sum by accident.
  return block.includes(0) && hasRightChecksum(block);
}

/** Whether all of `bytes` are zero, as the blocks at the end of an archive are. */
export function isZero(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0);
}

/**
 * The header in one block; undefined when it is damaged.
 *
 * @see https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html
 */
export function parseTarHeader(block: Buffer): TarHeader | undefined {
  if (!hasRightChecksum(block)) return undefined;
  const size = readNumber(block.subarray(SIZE_AT, SIZE_AT + 12));
  if (size === undefined) return undefined;
  const name = readText(block.subarray(0, NAME_BYTES));
  // Only POSIX archives have a prefix; GNU archives keep times in its place.
  const isPosix = block.toString('latin1', MAGIC_AT, MAGIC_AT + 6) === 'ustar\0';
  const prefix = isPosix ? readText(block.subarray(PREFIX_AT, PREFIX_AT + PREFIX_BYTES)) : '';
  const flag = block[TYPE_AT] ?? 0;
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    size,
    type: flag === 0 ? '0' : String.fromCharCode(flag),
  };
}

/** The records of a pax header, `length key=value`; undefined when they are damaged. */
export function parsePaxRecords(bytes: Buffer): TarRecords | undefined {
  let records: TarRecords = {};
  let at = 0;
  while (at < bytes.length) {
    const space = bytes.indexOf(SPACE, at);
    const digits = space === -1 ? '' : bytes.toString('latin1', at, space);
    const end = /^[1-9]\d{0,8}$/.test(digits) ? at + Number(digits) : 0;
    const equals = bytes.indexOf('=', space + 1);
    const isWhole = space + 1 < end && end <= bytes.length && space < equals && equals < end;
    if (!isWhole || bytes[end - 1] !== 0x0a) return undefined;
    const key = bytes.toString('utf8', space + 1, equals);
    const value = bytes.toString('utf8', equals + 1, end - 1);
    if (key === 'path' || key === 'GNU.sparse.name') records = { ...records, path: value };
    if (key.startsWith('GNU.sparse.')) records = { ...records, isSparse: true };
    if (key === 'size') {
      const size = Number(value);
      if (!/^\d+$/.test(value) || !Number.isSafeInteger(size)) return undefined;
      records = { ...records, size };
    }
    at = end;
  }
  return records;
}

/** The text before the first NUL. */
export function readText(field: Buffer): string {
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end === -1 ? field.length : end);
}

/** The sum of all bytes, with the checksum itself as spaces; old archives add up signed bytes. */
function hasRightChecksum(block: Buffer): boolean {
  const stored = readNumber(block.subarray(CHECKSUM_AT, CHECKSUM_AT + 8));
  if (stored === undefined) return false;
  let unsigned = 0;
  let signed = 0;
  for (let at = 0; at < TAR_BLOCK_BYTES; at += 1) {
    const isChecksum = CHECKSUM_AT <= at && at < CHECKSUM_AT + 8;
    const byte = isChecksum ? SPACE : (block[at] ?? 0);
    unsigned += byte;
    signed += byte < 0x80 ? byte : byte - 0x100;
  }
  return stored === unsigned || stored === signed;
}

/** Octal digits between blanks and NULs, or the big-endian binary form of GNU; at most 2^53 - 1. */
function readNumber(field: Buffer): number | undefined {
  const first = field[0] ?? 0;
  if (first === BINARY_NUMBER) {
    let value = 0;
    for (const byte of field.subarray(1)) value = value * 256 + byte;
    return Number.isSafeInteger(value) ? value : undefined;
  }
  const digits = field.toString('latin1').replace(/^[ ]+|[ \0]+$/g, '');
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : undefined;
}
