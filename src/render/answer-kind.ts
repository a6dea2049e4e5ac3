import type { Json } from './wire.ts';

/** What an answer is, for renderers: its JSON form decides what can be printed of it. */
export type AnswerKind =
  | 'path'
  | 'paths'
  | 'reach-list'
  | 'isolation-list'
  | 'exposure-list'
  | 'effective-list'
  | 'policy-list'
  | 'way-list'
  | 'resolution'
  | 'snapshot'
  | 'snapshot-list'
  | 'cluster-list';

/** One output format. */
export interface Renderer {
  /** With its charset, as in a `Content-Type` header. */
  readonly mediaType: string;
  /** The kinds of answers that it can print. Default: all. */
  readonly fits?: ReadonlySet<AnswerKind>;
  /** The whole text, the last line ended. */
  render(kind: AnswerKind, answer: Json): string;
}
