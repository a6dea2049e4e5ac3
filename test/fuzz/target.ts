import type fc from 'fast-check';

/** A decoder or a grammar, with what is sent to it and how it is judged. */
export interface FuzzTarget<Input> {
  readonly name: string;
  /** Its part of all inputs. */
  readonly weight: number;
  readonly inputs: fc.Arbitrary<Input>;
  /** What an input may take is in proportion to this. */
  readonly bytesOf: (input: Input) => number;
  /**
   * What came of the input, as text that is the same whenever it is asked; what is wrong with it, if
   * anything is, as an error.
   *
   * A PodreachError that it throws is an outcome as well; any other error is a failure.
   */
  readonly outcomeOf: (input: Input) => Promise<string> | string;
}

/** A target whose inputs nobody needs to know. */
export type AnyTarget = FuzzTarget<unknown>;

/** Hides the type of the inputs: generator and judge of one target only ever meet each other. */
export function targetOf<Input>(target: FuzzTarget<Input>): AnyTarget {
  return target as unknown as AnyTarget;
}

/** Says that an outcome is wrong. */
export function demand(isSo: boolean, what: string): void {
  if (!isSo) throw new Error(what);
}
