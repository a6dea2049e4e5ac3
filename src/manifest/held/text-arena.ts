import { NumberList } from './number-list.ts';

/** Not one byte for each character. */
const WIDE = /[^\0-\u00ff]/;

/**
 * Texts as bytes one after the other, as many as come: unlike strings they are no objects, of which a
 * collector of garbage would have to look at each.
 */
export class TextArena {
  #bytes = Buffer.allocUnsafeSlow(64 * 1024);
  /** By text: where it ends. */
  readonly #ends = new NumberList();
  /** Texts that are not of single bytes, which have no bytes here. */
  readonly #wide = new Map<number, string>();

  /** Appends `text`. @returns its number */
  add(text: string): number {
    const start = this.#startOf(this.#ends.length);
    if (WIDE.test(text)) {
      this.#wide.set(this.#ends.length, text);
      return this.#ends.push(start);
    }
    const end = start + text.length;
    if (this.#bytes.length < end) this.#grow(end);
    this.#bytes.write(text, start, 'latin1');
    return this.#ends.push(end);
  }

  /** The text of a number that was given out. */
  at(number: number): string {
    const wide = this.#wide.get(number);
    return wide ?? this.#bytes.toString('latin1', this.#startOf(number), this.#ends.at(number));
  }

  #startOf(number: number): number {
    return number === 0 ? 0 : this.#ends.at(number - 1);
  }

  #grow(needed: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, Math.ceil(this.#bytes.length * 1.5)));
    this.#bytes.copy(larger);
    this.#bytes = larger;
  }
}
