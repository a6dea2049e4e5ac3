import { PairTable } from './pair-table.ts';

/*
 * Sets of blocks as canonical binary trees: equal sets are one number.
 *
 * A tree over the block numbers, 32 to a leaf. Nodes are interned as pairs, a leaf as (its word, 0), an
 * inner node as (left, right), and node 0 is the empty set at every height. So two sets are equal
 * exactly when their roots are the same number, one more block costs one path (log2(blocks / 32) new
 * nodes), and `n` borders of address blocks cost n·log n numbers, where a list for each would be n²
 * (think of ten thousand blocks "everything but this one").
 */

/** Nodes by number, and the height of every root. */
export interface BlockSetArenas {
  readonly height: number;
  /** Inner nodes: number of the left and right child. */
  readonly left: Int32Array;
  readonly right: Int32Array;
  /** Leaves: 32 blocks each. */
  readonly words: Int32Array;
}

/** The set without blocks. */
export const NO_BLOCKS = 0;

/** Interns sets while the address space is cut. */
export class BlockSets {
  readonly #inner = new PairTable(256);
  readonly #leaves = new PairTable(256);
  readonly #height: number;

  /** Sets over block numbers `0` to `blocks - 1`. */
  constructor(blocks: number) {
    let height = 0;
    while (32 << height < blocks) height += 1;
    this.#height = height;
    this.#inner.idOf(0, 0);
    this.#leaves.idOf(0, 0);
  }

  /** `set` with `block` if it was without, else without it. */
  flip(set: number, block: number): number {
    return this.#flip(set, block, this.#height);
  }

  /** Blocks in both sets. */
  intersectionOf(a: number, b: number): number {
    return this.#combine(a, b, this.#height, (x, y) => x & y);
  }

  /** Blocks in either set. */
  unionOf(a: number, b: number): number {
    return this.#combine(a, b, this.#height, (x, y) => x | y);
  }

  /** Blocks in `a` that are not in `b`. */
  differenceOf(a: number, b: number): number {
    return this.#combine(a, b, this.#height, (x, y) => x & ~y);
  }

  build(): BlockSetArenas {
    return {
      height: this.#height,
      left: this.#inner.firsts(),
      right: this.#inner.seconds(),
      words: this.#leaves.firsts(),
    };
  }

  #flip(node: number, block: number, height: number): number {
    if (height === 0) return this.#leaf(this.#leaves.firstOf(node) ^ (1 << (block & 31)));
    const [left, right] = [this.#inner.firstOf(node), this.#inner.secondOf(node)];
    return ((block >> (4 + height)) & 1) === 0
      ? this.#node(this.#flip(left, block, height - 1), right)
      : this.#node(left, this.#flip(right, block, height - 1));
  }

  #combine(a: number, b: number, height: number, op: (x: number, y: number) => number): number {
    if (a === NO_BLOCKS && b === NO_BLOCKS) return NO_BLOCKS;
    if (height === 0) {
      return this.#leaf(op(this.#leaves.firstOf(a), this.#leaves.firstOf(b)));
    }
    return this.#node(
      this.#combine(this.#inner.firstOf(a), this.#inner.firstOf(b), height - 1, op),
      this.#combine(this.#inner.secondOf(a), this.#inner.secondOf(b), height - 1, op),
    );
  }

  #leaf(word: number): number {
    return this.#leaves.idOf(word, 0);
  }

  #node(left: number, right: number): number {
    return this.#inner.idOf(left, right);
  }
}

/** Whether `set` holds `block`. */
export function hasBlock(arenas: BlockSetArenas, set: number, block: number): boolean {
  return (wordOf(arenas, set, block >> 5) & (1 << (block & 31))) !== 0;
}

/** Bits of the 32 blocks from `32 * word` on. */
export function wordOf(arenas: BlockSetArenas, set: number, word: number): number {
  let node = set;
  for (let height = arenas.height - 1; 0 <= height; height -= 1) {
    if (node === NO_BLOCKS) return 0;
    node = ((word >> height) & 1) === 0 ? arenas.left[node]! : arenas.right[node]!;
  }
  return arenas.words[node]!;
}

/** Calls `visit` with each block of `set`, ascending. */
export function eachBlock(
  arenas: BlockSetArenas,
  set: number,
  visit: (block: number) => void,
): void {
  descend(arenas, set, arenas.height, 0, visit);
}

function descend(
  arenas: BlockSetArenas,
  node: number,
  height: number,
  first: number,
  visit: (block: number) => void,
): void {
  if (node === NO_BLOCKS) return;
  if (height === 0) {
    for (let word = arenas.words[node]!; word !== 0; word &= word - 1) {
      visit(first + 31 - Math.clz32(word & -word));
    }
    return;
  }
  descend(arenas, arenas.left[node]!, height - 1, first, visit);
  descend(arenas, arenas.right[node]!, height - 1, first + (16 << height), visit);
}
