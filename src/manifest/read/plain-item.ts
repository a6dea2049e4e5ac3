import type { RawObject } from '../read-item.ts';

/** What says of an object what it is. */
export interface ItemType {
  readonly apiVersion: string;
  readonly kind: string;
}

/** An object that was read in one pass over its bytes. */
export interface PlainItem extends ItemType {
  /** Of a kind that is not kept: only what names it. */
  readonly value: RawObject;
  readonly isKept: boolean;
  /** Whether it has `apiVersion` and `kind` of its own. */
  readonly saysType: boolean;
  /** Its text. */
  readonly bytes: Buffer;
  /** Behind its last byte. */
  readonly end: number;
  /** Line feeds in it. */
  readonly lines: number;
}

/**
 * What came of an attempt: `cut` where more bytes must come first; `other` where the object is
 * anything but plain: the general reader then takes it from its first byte, and has the last word.
 */
export type ItemResult = PlainItem | 'cut' | 'other';

/** A text as far as it is there. */
export interface AvailableText {
  readonly bytes: Buffer;
  readonly length: number;
  /** No more will come. */
  readonly isLast: boolean;
}
