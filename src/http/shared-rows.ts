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

/**
 * Rows that follow each other are taken from a block of rows when there are as many. A block is made
 * whole: where many different things are said of rows, it has to be worth it by itself.
 */
const RUN_ROWS_MIN = 8;
const RUN_ROWS_MIN_OF_MANY = BLOCK_ROWS / 2;
/** They are passed on without a copy when they have as many bytes. */
const PIECE_BYTES_MIN = 4096;

interface Block {
  readonly bytes: Buffer;
  /** Text `i` of the block is `bytes` from `starts[i]` to before `starts[i + 1]`. */
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
 * many rows that follow each other say the same.
 */
export class SharedRowWriter {
  readonly #rows: SharedRows;
  readonly #form: RowForm;
  readonly #table: number;
  readonly #runRowsMin: number;
  readonly #arounds = new Map<VerdictShare, Map<ReasonShare | undefined, Map<number, Around>>>();
  #lastShare: VerdictShare | undefined;
  #lastAround: Around | undefined;

  constructor(rows: SharedRows, form: RowForm) {
    this.#rows = rows;
    this.#form = form;
    this.#table = numberOf(rows.peers);
    const saysMany = form.hasReasons || form.hasPodPairs;
    this.#runRowsMin = saysMany ? RUN_ROWS_MIN_OF_MANY : RUN_ROWS_MIN;
  }

  /** Rows `start` to `start + count - 1`, one after the other. */
  write(start: number, count: number): Buffer[] {
    const numbers = this.#rows.numbers(start, count);
    const pieces: Buffer[] = [];
    let small: Uint8Array[] = [];
    const flush = (): void => {
      if (small.length !== 0) pieces.push(Buffer.concat(small));
      small = [];
    };
    for (let i = 0; i < numbers.length;) {
      const number = numbers[i] ?? -1;
      const around = 0 <= number ? this.#aroundOf(number) : undefined;
      if (around === undefined) {
        small.push(Buffer.from(this.#form.rowText(this.#rows.rowOf(number))));
        i += 1;
        continue;
      }
      const run = this.#runAt(numbers, i, around);
      const at = number % BLOCK_ROWS;
      if (run < this.#runRowsMin) {
        const { bytes, starts } = this.#peerBlock(number >> BLOCK_SHIFT);
        for (let k = at; k < at + run; k += 1) {
          small.push(around.before, bytes.subarray(starts[k], starts[k + 1]), around.after);
        }
      } else {
        const { bytes, starts } = this.#rowBlock(number >> BLOCK_SHIFT, around);
        const rows = bytes.subarray(starts[at], starts[at + run]);
        if (rows.length < PIECE_BYTES_MIN) {
          small.push(rows);
        } else {
          flush();
          pieces.push(rows);
        }
      }
      i += run;
    }
    flush();
    return pieces;
  }

  /** How many rows from `i` on follow each other within a block and say the same. */
  #runAt(numbers: Int32Array, i: number, around: Around): number {
    const first = numbers[i] ?? -1;
    const most = Math.min(numbers.length - i, BLOCK_ROWS - (first % BLOCK_ROWS));
    let run = 1;
    while (run < most && numbers[i + run] === first + run) {
      if (this.#aroundOf(first + run) !== around) break;
      run += 1;
    }
    return run;
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
    const { peers } = this.#rows;
    return this.#blockOf(`${this.#table} ${block} ${this.#form.name}`, () => {
      const first = block * BLOCK_ROWS;
      const count = Math.min(BLOCK_ROWS, peers.count - first);
      return Array.from({ length: count }, (_, at) =>
        Buffer.from(this.#form.peerText(peers.peerAt(first + at))),
      );
    });
  }

  /** The peers of a block as rows that say all the same. */
  #rowBlock(block: number, { before, after, name }: Around): Block {
    return this.#blockOf(`${this.#table} ${block} ${this.#form.name}\n${name}`, () => {
      const { bytes, starts } = this.#peerBlock(block);
      return Array.from({ length: starts.length - 1 }, (_, at) =>
        Buffer.concat([before, bytes.subarray(starts[at], starts[at + 1]), after]),
      );
    });
  }

  #blockOf(key: string, make: () => readonly Buffer[]): Block {
    const known = blocks.get(key);
    if (known !== undefined) return known;
    const texts = make();
    const starts = new Uint32Array(texts.length + 1);
    for (const [at, { length }] of texts.entries()) starts[at + 1] = (starts[at] ?? 0) + length;
    const made = { bytes: Buffer.concat(texts), starts };
    blocks.set(key, made);
    return made;
  }
}
