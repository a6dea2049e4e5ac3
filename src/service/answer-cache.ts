import { LRUCache } from 'lru-cache';
import type { CacheUsage } from './usage.ts';
import type { Viewer } from './viewer.ts';

/** A whole answer as it goes over the wire. */
export interface AnswerBytes {
  /** Text where it is short: header and body are then one write to the socket, and not two. */
  readonly body: Buffer | string;
  /** With its charset, as in a `Content-Type` header. */
  readonly mediaType: string;
}

/** An answer that was just made. */
export interface MadeAnswer {
  readonly answer: AnswerBytes;
  /** False when its bytes are only for who asked: they name the request, or tell of an error. */
  readonly keep: boolean;
}

/** One answer may take this part of the cache; a longer one is made anew each time. */
const SHARE_MAX = 1 / 8;
/** What an entry takes besides its bytes and its key, about. */
const ENTRY_BYTES = 256;

/**
 * Answers as bytes, by everything they depend on: never stale, only evicted, least recently used
 * first. REST and GraphQL share its bound.
 *
 * A key begins with the ids of the snapshots that the answer is about, joined by commas, then a
 * space: snapshots never change, so that neither do answers about them. Names that move from one
 * snapshot to the next have no place in a key.
 *
 * INVARIANT: a viewer who may see only a part never gets or leaves bytes here (decisions 15); all who
 * wait for the same key wait for one computation, and a failed one is forgotten.
 */
export class AnswerCache {
  readonly #answers: LRUCache<string, AnswerBytes>;
  readonly #making = new Map<string, Promise<MadeAnswer>>();
  /** Counts what was forgotten: an answer begun before is not kept after. */
  #forgotten = 0;
  #hits = 0;
  #misses = 0;

  /** @param bytesMax 0 keeps nothing */
  constructor(bytesMax: number) {
    this.#answers = new LRUCache({
      maxSize: Math.max(1, bytesMax),
      maxEntrySize: Math.max(1, Math.floor(bytesMax * SHARE_MAX)),
      sizeCalculation: ({ body }, key) => sizeOf(body) + 2 * key.length + ENTRY_BYTES,
    });
  }

  /** The answer of `key`, if it is there. */
  known(viewer: Viewer, key: string): AnswerBytes | undefined {
    if (!seesEverything(viewer)) return undefined;
    const known = this.#answers.get(key);
    if (known !== undefined) this.#hits += 1;
    return known;
  }

  /** The answer of `key`, made by `make` when it is not there. */
  async answer(viewer: Viewer, key: string, make: () => Promise<MadeAnswer>): Promise<AnswerBytes> {
    if (!seesEverything(viewer)) return (await make()).answer;
    const known = this.#answers.get(key);
    if (known !== undefined) {
      this.#hits += 1;
      return known;
    }
    this.#misses += 1;
    const running = this.#making.get(key);
    if (running === undefined) return (await this.#make(key, make)).answer;
    const made = await running;
    return made.keep ? made.answer : (await make()).answer;
  }

  /** Forgets every answer about the snapshot `id`, which is no longer there. */
  forget(id: string): void {
    this.#forgotten += 1;
    for (const key of [...this.#answers.keys()]) {
      if (snapshotsOf(key).includes(id)) this.#answers.delete(key);
    }
  }

  /** Forgets everything. */
  clear(): void {
    this.#forgotten += 1;
    this.#answers.clear();
  }

  /** Bytes held, keys included. */
  get bytes(): number {
    return this.#answers.calculatedSize;
  }

  /** Bytes held, and how often an answer that may be kept was there. */
  get usage(): CacheUsage {
    return { bytes: this.bytes, hits: this.#hits, misses: this.#misses };
  }

  async #make(key: string, make: () => Promise<MadeAnswer>): Promise<MadeAnswer> {
    const forgotten = this.#forgotten;
    const started = make();
    this.#making.set(key, started);
    try {
      const made = await started;
      if (made.keep && forgotten === this.#forgotten) this.#answers.set(key, made.answer);
      return made;
    } finally {
      this.#making.delete(key);
    }
  }
}

/** Answers of up to this many characters are kept as text. */
const TEXT_CHARS_MAX = 4096;

/** `text` in the form in which it is sent best. */
export function bodyOf(text: string): AnswerBytes['body'] {
  return text.length <= TEXT_CHARS_MAX ? text : Buffer.from(text);
}

/** The same for text that is there as UTF-8. */
export function bodyOfBytes(bytes: Buffer): AnswerBytes['body'] {
  return bytes.length <= TEXT_CHARS_MAX ? bytes.toString() : bytes;
}

/** At most: a character takes one or two bytes. */
function sizeOf(body: AnswerBytes['body']): number {
  return typeof body === 'string' ? 2 * body.length : body.byteLength;
}

/** Whether what `viewer` is told is what everybody is told. */
export function seesEverything({ clusters, namespaces }: Viewer): boolean {
  return clusters === null && namespaces === null;
}

/** What part `viewer` may see, as text; `''` for everything. Answers to different parts differ. */
export function scopeOf(viewer: Viewer): string {
  if (seesEverything(viewer)) return '';
  return JSON.stringify([viewer.clusters, viewer.namespaces]);
}

function snapshotsOf(key: string): readonly string[] {
  return key.slice(0, key.indexOf(' ')).split(',');
}
