import type { Policy } from '../../model/policy.ts';

/** The namespaces a reader may see, by name. What is in none is the cluster's, and seen by all. */
export class Scope {
  readonly #names: ReadonlySet<string>;

  constructor(names: Iterable<string>) {
    this.#names = new Set(names);
  }

  /** Whether the reader is told of what is in `namespace`; undefined: of what is in none. */
  tells(namespace: string | undefined): boolean {
    return namespace === undefined || this.#names.has(namespace);
  }

  tellsPolicy({ ref }: Policy): boolean {
    return this.tells(ref.namespace);
  }
}
