import { PodreachError } from './errors.ts';

/*
 * A list of byte strings as one: each is written as its length (four bytes, lowest first, and four of
 * zero), its bytes, and zeros up to a multiple of eight. So a column of numbers is read where it is.
 */

const ALIGNMENT = 8;
const HEADER_BYTES = 8;

/** Puts sections together. INVARIANT: equal sections, equal bytes. */
export class SectionWriter {
  readonly #sections: Uint8Array[] = [];
  #length = 0;

  /** Appends a section. */
  add(bytes: Uint8Array): void {
    this.#sections.push(bytes);
    this.#length += HEADER_BYTES + padded(bytes.length);
  }

  /** Appends the memory of a column of numbers. */
  addColumn({ buffer, byteOffset, byteLength }: Int32Array | Uint32Array): void {
    this.add(new Uint8Array(buffer, byteOffset, byteLength));
  }

  /** Appends a JSON value as text. */
  addJson(value: unknown): void {
    this.add(Buffer.from(JSON.stringify(value), 'utf8'));
  }

  /** All sections. */
  finish(): Uint8Array {
    const all = new Uint8Array(this.#length);
    const view = new DataView(all.buffer);
    let at = 0;
    for (const section of this.#sections) {
      view.setUint32(at, section.length, true);
      all.set(section, at + HEADER_BYTES);
      at += HEADER_BYTES + padded(section.length);
    }
    return all;
  }
}

/** Takes the sections of a {@link SectionWriter} apart again, in their order, as views. */
export class SectionReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    // Numbers can only be read in place where they are aligned.
    const own = bytes.byteOffset % ALIGNMENT === 0 ? bytes : Uint8Array.from(bytes);
    this.#bytes = new Uint8Array(own.buffer, own.byteOffset, own.length);
    this.#view = new DataView(own.buffer, own.byteOffset, own.length);
  }

  /** The next section. @throws `snapshot-corrupt` when there is none */
  next(): Uint8Array {
    const start = this.#at + HEADER_BYTES;
    const length = start <= this.#bytes.length ? this.#view.getUint32(this.#at, true) : Infinity;
    if (this.#bytes.length < start + length) throw broken('a section is missing');
    this.#at = start + padded(length);
    return this.#bytes.subarray(start, start + length);
  }

  /** The next section as numbers. @throws `snapshot-corrupt` */
  nextColumn(): Int32Array {
    const { buffer, byteOffset, length } = this.next();
    if (length % 4 !== 0) throw broken('a column is cut off');
    return new Int32Array(buffer, byteOffset, length / 4);
  }

  /** @throws `snapshot-corrupt` when there are more sections, or anything else */
  end(): void {
    if (this.#at !== this.#bytes.length) throw broken('there is more than belongs to it');
  }
}

/** The error for a stored chunk whose parts do not fit together. */
export function broken(what: string): PodreachError {
  return new PodreachError('snapshot-corrupt', `a stored chunk cannot be read: ${what}`);
}

const DECODER = new TextDecoder('utf-8', { fatal: true });

/** The value of a section of {@link SectionWriter.addJson}. @throws `snapshot-corrupt` */
export function jsonOf(section: Uint8Array): unknown {
  try {
    return JSON.parse(DECODER.decode(section));
  } catch (cause) {
    throw new PodreachError('snapshot-corrupt', 'a stored chunk is not JSON', {}, cause);
  }
}

function padded(length: number): number {
  return Math.ceil(length / ALIGNMENT) * ALIGNMENT;
}
