/**
 * A small deterministic generator of numbers (mulberry32), one for each thing that is generated, so
 * that any namespace can be made again alone, in any order.
 */
export class Random {
  #state: number;

  /** @param scope - names the thing: the same seed and scope give the same numbers */
  constructor(seed: number, scope: string) {
    this.#state = hashText(scope, seed);
  }

  /** From 0 to before 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  }

  /** A whole number from `from` to `to`, both included. */
  between(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1));
  }

  /** True in `share` of all cases. */
  chance(share: number): boolean {
    return this.next() < share;
  }

  /** One of `choices`, which must not be empty. */
  pick<Choice>(choices: readonly Choice[]): Choice {
    const choice = choices[Math.floor(this.next() * choices.length)];
    if (choice === undefined) throw new RangeError('nothing to pick from');
    return choice;
  }

  /** Up to `count` different ones of `choices`, in their order. */
  some<Choice>(choices: readonly Choice[], count: number): Choice[] {
    let wanted = Math.min(count, choices.length);
    return choices.filter((_, i) => {
      const taken = this.next() * (choices.length - i) < wanted;
      if (taken) wanted -= 1;
      return taken;
    });
  }
}

/** A 32-bit hash of `text`; other seeds give other hashes. */
export function hashText(text: string, seed: number): number {
  let hash = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ text.length;
  for (let i = 0; i < text.length; i += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** The uid of the object that `text` names. */
export function uidOf(text: string, seed: number): string {
  const [a = '', b = '', c = '', d = ''] = [1, 2, 3, 4].map((part) =>
    hashText(text, seed + part * 0x51ed27)
      .toString(16)
      .padStart(8, '0'),
  );
  return `${a}-${b.slice(0, 4)}-4${b.slice(5)}-a${c.slice(1, 4)}-${c.slice(4)}${d}`;
}

/** The letters of generated name parts: no vowels, so that no words arise. */
const SAFE_LETTERS = 'bcdfghjklmnpqrstvwxz2456789';

/** `length` letters that stand for `number`, which must be below 27 to the power of `length`. */
export function safeLetters(number: number, length: number): string {
  let text = '';
  let rest = number;
  for (let i = 0; i < length; i += 1) {
    text += SAFE_LETTERS[rest % 27] ?? '';
    rest = Math.floor(rest / 27);
  }
  return text;
}

/** Pods that a cluster can have at most: all suffixes of five letters. */
export const POD_SUFFIXES = 27 ** 5;

/** The five letters that tell pod `ordinal` from all others of its cluster. */
export function podSuffix(ordinal: number): string {
  // The factor has no divisor in common with 27, so no two ordinals meet.
  return safeLetters((ordinal * 6_700_417 + 2_971) % POD_SUFFIXES, 5);
}
