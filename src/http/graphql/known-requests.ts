import type { GraphQLSchema } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Podreach } from '../../service/podreach.ts';
import { tagOf } from '../caching.ts';
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
    const operation = this.#operations.find(asked);
    if (operation === undefined) return undefined;
    const { query, operationName = null, variables = {} } = asked;
    const request = {
      podreach: this.podreach,
      asked,
      operation,
      refs: this.#operations.refsOf(operation, variables),
      tag: tagOf(['graphql', query, operationName, variables]),
    };
    this.#requests.set(text, request);
    return request;
  }

  /** Remembers that the query of `asked` is valid. */
  accept(asked: GraphqlRequest): void {
    this.#operations.accept(asked);
  }
}
