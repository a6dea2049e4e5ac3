import type { GraphQLSchema } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Podreach } from '../../service/podreach.ts';
import { tagOf } from '../caching.ts';
import { canonicalText } from '../cursor.ts';
import { HTTP_LIMITS } from '../http-limits.ts';
import type { GraphqlRequest } from './graphql-request.ts';
import { KnownOperations } from './known-operations.ts';
import type { KnownOperation } from './known-operations.ts';

/** A request that can be executed as it is: its query is valid, and so are its variables. */
export interface KnownRequest {
  readonly podreach: Podreach;
  readonly asked: GraphqlRequest;
  readonly operation: KnownOperation;
  /** Refs of the snapshots that its answer follows from; undefined when it follows from more. */
  readonly refs: readonly string[] | undefined;
  /** Names query, operation and variables. */
  readonly tag: string;
}

/** Requests by their text, so that one that comes again is neither read nor checked again. */
export class KnownRequests {
  readonly podreach: Podreach;
  readonly #operations: KnownOperations;
  readonly #requests = new LRUCache<string, KnownRequest>({
    maxSize: HTTP_LIMITS.graphqlRequestCharsKept,
    maxEntrySize: HTTP_LIMITS.graphqlRequestCharsKeptEach,
    // A text is kept twice: as it came, and as what was read from it.
    sizeCalculation: (_request, text) => 2 * text.length,
  });

  constructor(podreach: Podreach, schema: GraphQLSchema) {
    this.podreach = podreach;
    this.#operations = new KnownOperations(schema);
  }

  /** The request that came as `text` before. */
  recall(text: string): KnownRequest | undefined {
    return this.#requests.get(text);
  }

  /** The request `asked`, when its query is known to be valid and takes its variables. */
  recognise(text: string, asked: GraphqlRequest): KnownRequest | undefined {
    const found = this.#operations.find(asked);
    if (found === undefined) return undefined;
    const tag = `${found.operation.tag} ${nameOf(found.operation, asked)}`;
    const request = { podreach: this.podreach, asked, ...found, tag };
    this.#requests.set(text, request);
    return request;
  }

  /** Remembers that the query of `asked` is valid. */
  accept(asked: GraphqlRequest): void {
    this.#operations.accept(asked);
  }
}

/** Variables up to this length are named by their own text, which costs less than a hash of it. */
const NAME_CHARS_MAX = 512;

/** The variables that `operation` declares and takes; others may be anything, however deep. */
function nameOf(
  { definition: { variableDefinitions = [] } }: KnownOperation,
  { variables = {} }: GraphqlRequest,
): string {
  const values = variableDefinitions.map(({ variable: { name } }) =>
    // Absent is not null: it stands for the default.
    Object.hasOwn(variables, name.value) ? [variables[name.value]] : [],
  );
  const text = canonicalText(values);
  return text.length <= NAME_CHARS_MAX ? text : tagOf([text]);
}
