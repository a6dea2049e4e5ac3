import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { startsTar } from '../manifest/read/archive/tar-header.ts';
import { PodreachError } from '../model/errors.ts';
import type { ManifestFile } from './manifest-files.ts';
import { packTar } from './pack-tar.ts';

/** Where a line of an upload came from. */
export interface Place {
  readonly file: string;
  /** 1-based; absent where the line of the file is not known. */
  readonly line?: number;
}

/** Files as one request body. */
export interface UploadBody {
  readonly bytes: AsyncIterable<Uint8Array>;
  /** The file and line of a line of the body, for messages of the server; after it was sent. */
  readonly placeOf: (line: number) => Place | undefined;
}

const LINE_FEED = 0x0a;
const encoder = new TextEncoder();

/**
 * One file is sent as it is. The files of directories are sent as a tar archive, for where they lie
 * may say what they have. Other files are sent one after the other, unpacked: JSON as the sequence of
 * documents it is, and with YAML among them all as the documents of one YAML stream, which JSON
 * documents are too.
 *
 * @throws `bad-input`, `bad-encoding`
 */
export async function uploadBody(files: readonly ManifestFile[]): Promise<UploadBody> {
  const [first] = files;
  if (files.some(({ tree }) => tree !== undefined)) {
    // The server says itself which file of the archive it means.
    return { bytes: packTar(files), placeOf: () => undefined };
  }
  if (first !== undefined && files.length === 1) {
    const { name } = first;
    return {
      bytes: first.open(),
      placeOf: (line) => (name === undefined ? undefined : { file: name, line }),
    };
  }
  const parts: { file: string; firstLine: number; isExact: boolean }[] = [];
  const opened: OpenedFile[] = [];
  for (const file of files) opened.push(await peek(file));
  const isYaml = opened.some(({ isJson }) => !isJson);

  async function* bytes(): AsyncGenerator<Uint8Array> {
    let line = 1;
    for (const { name, isJson, text } of opened) {
      yield encoder.encode(isYaml ? '\n---\n' : '\n');
      line += isYaml ? 2 : 1;
      const isExact = !isYaml || !isJson;
      parts.push({ file: name, firstLine: line, isExact });
      for await (const chunk of isExact ? text() : separateDocuments(text())) {
        line += count(chunk, LINE_FEED);
        yield chunk;
      }
    }
  }
  return {
    bytes: bytes(),
    placeOf: (line) => {
      const part = parts.findLast(({ firstLine }) => firstLine <= line);
      if (part === undefined) return undefined;
      const { file, firstLine, isExact } = part;
      return isExact ? { file, line: line - firstLine + 1 } : { file };
    },
  };
}

interface OpenedFile {
  readonly name: string;
  readonly isJson: boolean;
  /** Unpacked, without a byte order mark. */
  readonly text: () => AsyncIterable<Uint8Array>;
}

/** Looks at the start of a file; what can be read only once is kept. */
async function peek({ name = 'stdin', size, open }: ManifestFile): Promise<OpenedFile> {
  const isRepeatable = size !== 0;
  const text = unpack(name, open());
  const start: Uint8Array[] = [];
  let isJson: boolean | undefined;
  while (isJson === undefined) {
    const { done, value } = await text.next();
    if (done === true) break;
    if (start.length === 0 && startsTar(Buffer.from(value))) {
      await text.return(undefined);
      throw new PodreachError(
        'bad-input',
        `cannot send \`${name}\` with other files: it is an archive; send it by itself`,
      );
    }
    start.push(value);
    const character = value.find((byte) => !isSpace(byte));
    // An object or a list; everything else is YAML.
    if (character !== undefined) isJson = character === 0x7b || character === 0x5b;
  }
  if (isRepeatable) {
    await text.return(undefined);
    return { name, isJson: isJson ?? true, text: () => unpack(name, open()) };
  }
  async function* whole(): AsyncGenerator<Uint8Array> {
    yield* start;
    yield* text;
  }
  return { name, isJson: isJson ?? true, text: whole };
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || (0x09 <= byte && byte <= 0x0d);
}

/** `bytes` decompressed where they are gzip, without a byte order mark. */
async function* unpack(
  name: string,
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  let isFirst = true;
  for await (const chunk of gunzipped(name, bytes)) {
    const hasMark = isFirst && chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf;
    isFirst = false;
    yield hasMark ? chunk.subarray(3) : chunk;
  }
}

async function* gunzipped(
  name: string,
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const iterator = bytes[Symbol.asyncIterator]();
  const first = await iterator.next();
  if (first.done === true) return;
  async function* all(start: Uint8Array): AsyncGenerator<Uint8Array> {
    try {
      yield start;
      for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
        yield next.value;
      }
    } finally {
      await iterator.return?.();
    }
  }
  const isGzip = first.value[0] === 0x1f && first.value[1] === 0x8b;
  if (!isGzip) {
    yield* all(first.value);
    return;
  }
  const gunzip = createGunzip();
  const source = pipeline(Readable.from(all(first.value)), gunzip);
  // The error also ends the loop below, where it is told.
  source.catch(() => undefined);
  try {
    for await (const chunk of gunzip) yield chunk as Uint8Array;
  } catch (error) {
    if (error instanceof PodreachError) throw error;
    throw new PodreachError(
      'bad-encoding',
      `\`${name}\` is damaged: it cannot be unpacked`,
      {},
      error,
    );
  }
}

/** JSON documents with a YAML separator after each; between them JSON needs none. */
async function* separateDocuments(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const separator = encoder.encode('\n---\n');
  let depth = 0;
  let isText = false;
  let isEscaped = false;
  for await (const chunk of bytes) {
    let start = 0;
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i];
      if (isText) {
        if (isEscaped) isEscaped = false;
        else if (byte === 0x5c) isEscaped = true;
        else if (byte === 0x22) isText = false;
      } else if (byte === 0x22) {
        isText = true;
      } else if (byte === 0x7b || byte === 0x5b) {
        depth++;
      } else if (byte === 0x7d || byte === 0x5d) {
        depth--;
        if (depth === 0) {
          yield chunk.subarray(start, i + 1);
          yield separator;
          start = i + 1;
        }
      }
    }
    if (start < chunk.length) yield chunk.subarray(start);
  }
}

function count(bytes: Uint8Array, wanted: number): number {
  let found = 0;
  for (const byte of bytes) if (byte === wanted) found++;
  return found;
}
