/*
 * Three answers, because a `maybe` must never turn into either of the others.
 */

/** Certainly not. */
export const NO = 0;
/** Certainly. */
export const YES = 1;
/** It is not known from here. */
export const MAYBE = 2;

/** What the flat index says of something. */
export type Answer = typeof NO | typeof YES | typeof MAYBE;
