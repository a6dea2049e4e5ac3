/*
 * Sections: a JSON header and named typed arrays in one run of bytes, so that a compiled index can be
 * stored as one blob and come back as views, without parsing or copying (performance C, "Storage").
 *
 *   offset  bytes
 *   0       8      magic and version of this layout
 *   8       4      length of the directory in bytes, little-endian
 *   12      4      zero
 *   16      n      directory: JSON {header, sections: [[name, type, offset, length], ...]}
 *   ...            sections, each at a multiple of 8 bytes from the start, in the machine's byte order
 *
 * `length` counts elements. Offsets are from the start of the bytes. There is no checksum here:
 * whoever stores the bytes verifies them. What this layer promises is that no input makes it throw or
 * read outside of what it was given.
 */

/** The element types a section can have. */
export type TypedArray =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float64Array
  | BigUint64Array;

/** What JSON can say. */
export type Json =
  null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** A decoded blob: its header, and views on its arrays. */
export interface Sections {
  readonly header: Json;
  readonly arrays: ReadonlyMap<string, TypedArray>;
}

/** `podreach` in bytes; the last one is the version of the layout and the byte order. */
const MAGIC = [0x70, 0x6f, 0x64, 0x72, 0x65, 0x61, 0x63, isLittleEndian() ? 0x01 : 0x81];
const HEAD_BYTES = 16;
const ALIGNMENT = 8;

const TYPES = {
  Uint8: Uint8Array,
  Int8: Int8Array,
  Uint16: Uint16Array,
  Int16: Int16Array,
  Uint32: Uint32Array,
  Int32: Int32Array,
  Float64: Float64Array,
  BigUint64: BigUint64Array,
} as const;
type TypeName = keyof typeof TYPES;

/** One blob of `header` and `arrays`; equal input gives equal bytes. */
export function encodeSections(header: Json, arrays: ReadonlyMap<string, TypedArray>): Uint8Array {
  const list = [...arrays];
  // The directory holds offsets, and offsets depend on its length: measure it with the widest ones.
  const widest = directoryOf(header, list, Number.MAX_SAFE_INTEGER);
  const start = align(HEAD_BYTES + widest.length);
  const directory = directoryOf(header, list, start);
  const total = list.reduce((end, [, array]) => align(end) + array.byteLength, start);
  const bytes = new Uint8Array(align(total));
  bytes.set(MAGIC);
  new DataView(bytes.buffer).setUint32(8, directory.length, true);
  bytes.set(directory, HEAD_BYTES);
  let offset = start;
  for (const [, array] of list) {
    bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), offset);
    offset = align(offset + array.byteLength);
  }
  return bytes;
}

/**
 * The header and arrays of `bytes`: views on them, or copies where they do not lie at a multiple of
 * 8 in their buffer. Undefined when the bytes are not such a blob or end too early; never throws.
 */
export function decodeSections(bytes: Uint8Array): Sections | undefined {
  if (bytes.length < HEAD_BYTES || MAGIC.some((byte, i) => bytes[i] !== byte)) return undefined;
  const size = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(8, true);
  if (bytes.length < HEAD_BYTES + size) return undefined;
  const directory = parseDirectory(bytes.slice(HEAD_BYTES, HEAD_BYTES + size));
  if (directory === undefined) return undefined;
  const aligned = bytes.byteOffset % ALIGNMENT === 0 ? bytes : bytes.slice();
  const arrays = new Map<string, TypedArray>();
  for (const entry of directory.sections) {
    const array = viewOf(aligned, entry);
    if (array === undefined || arrays.has(array.name)) return undefined;
    arrays.set(array.name, array.view);
  }
  return { header: directory.header, arrays };
}

function directoryOf(
  header: Json,
  list: readonly (readonly [string, TypedArray])[],
  start: number,
): Uint8Array {
  let offset = start;
  const sections = list.map(([name, array]): Json => {
    const entry = [name, typeOf(array), Math.min(offset, Number.MAX_SAFE_INTEGER), array.length];
    offset = align(offset + array.byteLength);
    return entry;
  });
  return new TextEncoder().encode(JSON.stringify({ header, sections }));
}

function typeOf(array: TypedArray): TypeName {
  const found = (Object.keys(TYPES) as TypeName[]).find((name) => array instanceof TYPES[name]);
  if (found === undefined) throw new TypeError('not a typed array that sections can hold');
  return found;
}

function parseDirectory(
  bytes: Uint8Array,
): { header: Json; sections: readonly Json[] } | undefined {
  // TextDecoder refuses shared memory; `slice` above made a copy of its own, shared or not.
  const own = new Uint8Array(bytes.length);
  own.set(bytes);
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(own);
    const value = JSON.parse(text) as { header?: Json; sections?: Json } | null;
    if (value === null || typeof value !== 'object') return undefined;
    const { header, sections } = value;
    if (header === undefined || !Array.isArray(sections)) return undefined;
    return { header, sections };
  } catch {
    return undefined;
  }
}

function viewOf(bytes: Uint8Array, entry: Json): { name: string; view: TypedArray } | undefined {
  if (!Array.isArray(entry)) return undefined;
  const [name, type, offset, length] = entry as readonly (Json | undefined)[];
  if (typeof name !== 'string' || typeof type !== 'string' || !Object.hasOwn(TYPES, type)) {
    return undefined;
  }
  if (!isCount(offset) || !isCount(length) || offset % ALIGNMENT !== 0) return undefined;
  const make = TYPES[type as TypeName];
  if (bytes.length < offset + length * make.BYTES_PER_ELEMENT) return undefined;
  // Shared memory is as good: nobody transfers these views.
  const buffer = bytes.buffer as ArrayBuffer;
  return { name, view: new make(buffer, bytes.byteOffset + offset, length) };
}

function isCount(value: Json | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && 0 <= value;
}

function align(offset: number): number {
  return Math.ceil(offset / ALIGNMENT) * ALIGNMENT;
}

function isLittleEndian(): boolean {
  return new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
}
