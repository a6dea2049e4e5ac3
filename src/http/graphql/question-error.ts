import type { PodreachError } from '../../model/errors.ts';
import type { Peer } from '../../model/peer.ts';

/** Why a question of a batch could not be asked. */
export interface QuestionErrorModel {
  readonly code: string;
  readonly detail: string;
  readonly parameter: string | null;
  readonly candidates: readonly Peer[];
  readonly suggestions: readonly string[];
}

/** `error` as an answer: returned as it is, GraphQL would take it for one that was thrown. */
export function questionErrorOf({ code, message, details }: PodreachError): QuestionErrorModel {
  const { parameter = null, candidates = [], suggestions = [] } = details;
  return { code, detail: message, parameter, candidates, suggestions };
}
