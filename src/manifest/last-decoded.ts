import type { Field } from './fields.ts';

/**
 * What was decoded last, to be used again for the same raw values.
 *
 * Readers share lists and maps between objects that follow each other and are alike, as pods of one
 * workload are; decoding them once also shares what they decode to, which then is told from others
 * by identity. Only what is without any fault is remembered: faults belong to one object.
 */
export class LastDecoded<Decoded> {
  #values: readonly unknown[] | undefined;
  #decoded: Decoded | undefined;

  /** What `decode` makes of `fields`, of nothing else, which are those of one object. */
  of(fields: readonly Field[], decode: () => Decoded): Decoded {
    const known = this.#values;
    const isKnown = known !== undefined && fields.every(({ value }, i) => value === known[i]);
    // What is known is of this type, `undefined` included.
    if (isKnown) return this.#decoded as Decoded;
    const decoded = decode();
    if (fields.every(({ faults }) => faults.length === 0)) {
      this.#values = fields.map(({ value }) => value);
      this.#decoded = decoded;
    }
    return decoded;
  }
}
