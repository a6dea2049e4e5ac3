import { broken } from './sections.ts';
import type { SectionReader, SectionWriter } from './sections.ts';

/*
 * A column of texts: where each ends, and all of them one after the other, a byte for each character
 * while none is above U+00FF, else two. Unlike UTF-8 this holds every text exactly, half characters
 * included, and needs no decoding.
 */

const WIDE = /[^\0-\u00ff]/;

/** Writes a column of texts: two sections. */
export function writeTexts(out: SectionWriter, texts: readonly string[]): void {
  const ends = new Int32Array(texts.length);
  let end = 0;
  for (const [i, { length }] of texts.entries()) ends[i] = end += length;
  const all = texts.join('');
  out.addColumn(ends);
  out.add(Buffer.from(all, WIDE.test(all) ? 'utf16le' : 'latin1'));
}

/** A column of texts, each of which can be had without the others. */
export interface TextColumn {
  readonly length: number;
  /** All of them, frozen. */
  readonly all: () => readonly string[];
}

/** Reads the column of {@link writeTexts}. @throws `snapshot-corrupt` */
export function readTexts(sections: SectionReader): TextColumn {
  const ends = sections.nextColumn();
  const bytes = sections.next();
  const units = ends.at(-1) ?? 0;
  const isWide = bytes.length !== units;
  if (isWide && bytes.length !== 2 * units) throw broken('texts are cut off');
  const { buffer, byteOffset, length } = bytes;
  const all = (): readonly string[] => {
    const text = Buffer.from(buffer, byteOffset, length).toString(isWide ? 'utf16le' : 'latin1');
    const texts = new Array<string>(ends.length);
    let start = 0;
    for (const [i, end] of ends.entries()) {
      if (end < start) throw broken('texts end before they begin');
      texts[i] = text.slice(start, end);
      start = end;
    }
    return Object.freeze(texts);
  };
  return { length: ends.length, all };
}

/** Writes a column of few distinct texts: those, in the order of their first row, and a number for each row. */
export function writeInterned(out: SectionWriter, texts: readonly string[]): void {
  const ids = new Map<string, number>();
  const rows = new Int32Array(texts.length);
  for (const [row, text] of texts.entries()) {
    const id = ids.get(text) ?? ids.size;
    if (id === ids.size) ids.set(text, id);
    rows[row] = id;
  }
  out.addColumn(rows);
  writeTexts(out, [...ids.keys()]);
}

/** A column of texts in which the same ones come again and again. */
export interface InternedColumn {
  /** By row: position in `texts`. */
  readonly ids: Int32Array;
  readonly texts: () => readonly string[];
}

/** Reads the column of {@link writeInterned}. @throws `snapshot-corrupt` */
export function readInterned(sections: SectionReader): InternedColumn {
  const ids = sections.nextColumn();
  const { length, all } = readTexts(sections);
  if (ids.some((id) => id < 0 || length <= id)) throw broken('a text is missing');
  return { ids, texts: all };
}
