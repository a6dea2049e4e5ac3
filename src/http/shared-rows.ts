import { LRUCache } from 'lru-cache';
import type { PeerTable, Reach, ReasonShare, SharedRows, VerdictShare } from '../model/answer.ts';
import type { Peer } from '../model/peer.ts';
import { HTTP_LIMITS } from './http-limits.ts';

/** What a row says besides naming its peer. */
export interface RowShare extends VerdictShare, Partial<ReasonShare> {
  readonly podPairs?: number;
}

/** How the rows of a list are written: each is text, its peer, and text. */
export interface RowForm {
  /** Names how a peer is written: equal names, equal texts. */
  readonly name: string;
  readonly peerText: (peer: Peer) => string;
  /** The text before and after the peer; rows that say the same are asked for once. */
  readonly around: (share: RowShare) => readonly [before: string, after: string];
  /** A row that shares nothing. */
  readonly rowText: (row: Reach) => string;
  /** Whether the rules and reasons of a row are written. */
  readonly hasReasons: boolean;
  readonly hasPodPairs: boolean;
  /** Whether parts of rows are written, where they differ. */
  readonly hasParts: boolean;
}

/** Rows of a table that are encoded together. */
const BLOCK_ROWS = 128;
const BLOCK_SHIFT = 7;

interface Block {
  readonly bytes: Buffer;
  /** Peer `i` of the block is `bytes` from `starts[i]` to before `starts[i + 1]`. */
  readonly starts: Uint32Array;
}

/**
 * Peers and rows as bytes, by table and form: lists name the same peers again and again, and say the
 * same of most of them.
 */
const blocks = new LRUCache<string, Block>({
  maxSize: HTTP_LIMITS.rowBytesKept,
  sizeCalculation: ({ bytes, starts }) => bytes.length + starts.byteLength,
});

/** A number for each table: blocks of one that is gone are only ever evicted. */
const tableNumbers = new WeakMap<PeerTable, number>();
let tables = 0;

function numberOf(table: PeerTable): number {
  const number = tableNumbers.get(table) ?? (tables += 1);
  tableNumbers.set(table, number);
  return number;
}

/** Text around a peer as bytes. */
interface Around {
  readonly before: Buffer;
  readonly after: Buffer;
  /** Names both. */
  readonly name: string;
}

/**
 * Writes the rows of one list: bytes that were made before are copied, or passed on as they are where
 * a whole block of peers says the same.
 */
export class SharedRowWriter {
  readonly #rows: SharedRows;
  readonly #form: RowForm;
  readonly #table: number;
  readonly #arounds = new Map<VerdictShare, Map<ReasonShare | undefined, Map<number, Around>>>();
  #lastShare: VerdictShare | undefined;
  #lastAround: Around | undefined;

  constructor(rows: SharedRows, form: RowForm) {
    this.#rows = rows;
    this.#form = form;
    this.#table = numberOf(rows.peers);
  }

  /** Rows `start` to `start + count - 1`, one after the other. */
  write(start: number, count: number): Buffer[] {
    const numbers = this.#rows.numbers(start, count);
    const pieces: Buffer[] = [];
    let single: (Buffer | Uint8Array)[] = [];
    let length = 0;
    const flush = (): void => {
      if (length !== 0) pieces.push(joined(single, length));
      single = [];
      length = 0;
    };
    for (let i = 0; i < numbers.length;) {
      const number = numbers[i] ?? -1;
      const around = 0 <= number ? this.#aroundOf(number) : undefined;
      if (around === undefined) {
        const bytes = Buffer.from(this.#form.rowText(this.#rows.rowOf(number)));
        single.push(bytes);
        length += bytes.length;
        i += 1;
      } else if (this.#isBlock(numbers, i, around)) {
        flush();
        pieces.push(this.#rowBlock(number >> BLOCK_SHIFT, around));
        i += BLOCK_ROWS;
      } else {
        const { bytes, starts } = this.#peerBlock(number >> BLOCK_SHIFT);
        const at = number % BLOCK_ROWS;
        const peer = bytes.subarray(starts[at], starts[at + 1]);
        single.push(around.before, peer, around.after);
        length += around.before.length + peer.length + around.after.length;
        i += 1;
      }
    }
    flush();
    return pieces;
  }

  /** Whether a whole block begins at `i` of which every row says the same. */
  #isBlock(numbers: Int32Array, i: number, around: Around): boolean {
    const first = numbers[i] ?? -1;
    if (first % BLOCK_ROWS !== 0 || numbers.length < i + BLOCK_ROWS) return false;
    for (let k = 1; k < BLOCK_ROWS; k += 1) {
      const number = numbers[i + k] ?? -1;
      if (number !== first + k || this.#aroundOf(number) !== around) return false;
    }
    return true;
  }

  /** Undefined for a row that has to be written by itself. */
  #aroundOf(peer: number): Around | undefined {
    const { hasReasons, hasPodPairs, hasParts } = this.#form;
    const share = this.#rows.verdictOf(peer);
    const isSimple = !hasReasons && !hasPodPairs;
    if (isSimple && share === this.#lastShare) return this.#lastAround;
    if (hasParts && share.differs) return undefined;
    const reasons = hasReasons ? this.#rows.reasonsOf(peer) : undefined;
    const podPairs = hasPodPairs ? this.#rows.podPairsOf(peer) : undefined;
    const around = this.#remembered(share, reasons, podPairs);
    this.#lastShare = share;
    this.#lastAround = around;
    return around;
  }

  #remembered(
    share: VerdictShare,
    reasons: ReasonShare | undefined,
    podPairs: number | undefined,
  ): Around {
    const byReasons = this.#arounds.get(share) ?? new Map<ReasonShare | undefined, never>();
    const byPairs = byReasons.get(reasons) ?? new Map<number, Around>();
    const known = byPairs.get(podPairs ?? -1);
    if (known !== undefined) return known;
    this.#arounds.set(share, byReasons);
    byReasons.set(reasons, byPairs);
    const [before, after] = this.#form.around({
      ...share,
      ...reasons,
      ...(podPairs === undefined ? {} : { podPairs }),
    });
    const made = {
      before: Buffer.from(before),
      after: Buffer.from(after),
      name: `${before}\n${after}`,
    };
    byPairs.set(podPairs ?? -1, made);
    return made;
  }

  #peerBlock(block: number): Block {
    const key = `${this.#table} ${block} ${this.#form.name}`;
    const known = blocks.get(key);
    if (known !== undefined) return known;
    const { peers } = this.#rows;
    const first = block * BLOCK_ROWS;
    const last = Math.min(first + BLOCK_ROWS, peers.count);
    const starts = new Uint32Array(BLOCK_ROWS + 1);
    const texts: Buffer[] = [];
    for (let peer = first; peer < last; peer += 1) {
      const bytes = Buffer.from(this.#form.peerText(peers.peerAt(peer)));
      texts.push(bytes);
      starts[peer - first + 1] = (starts[peer - first] ?? 0) + bytes.length;
    }
    const made = { bytes: Buffer.concat(texts), starts };
    blocks.set(key, made);
    return made;
  }

  /** All rows of a block, which say the same. */
  #rowBlock(block: number, around: Around): Buffer {
    const key = `${this.#table} ${block} ${this.#form.name}\n${around.name}`;
    const known = blocks.get(key);
    if (known !== undefined) return known.bytes;
    const { bytes, starts } = this.#peerBlock(block);
    const pieces: Uint8Array[] = [];
    for (let at = 0; at < BLOCK_ROWS; at += 1) {
      pieces.push(around.before, bytes.subarray(starts[at], starts[at + 1]), around.after);
    }
    const made = { bytes: Buffer.concat(pieces), starts: NO_STARTS };
    blocks.set(key, made);
    return made.bytes;
  }
}

const NO_STARTS = new Uint32Array(0);

function joined(pieces: readonly Uint8Array[], length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
