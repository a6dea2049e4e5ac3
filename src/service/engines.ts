import { judgedBy } from '../engine/dialects.ts';
import { engineId } from '../engine/options.ts';
import type { EngineOptions } from '../engine/options.ts';
import type { Judging } from '../model/dialect.ts';

/** One way to judge. */
export interface Engine {
  /** Equal ids, equal answers. */
  readonly id: string;
  readonly options: EngineOptions;
}

/** How questions are judged: as is set for a server, for a cluster, or as the question says. */
export class Engines {
  /** As is set for the server. */
  readonly base: Engine;
  readonly #ofClusters: ReadonlyMap<string, Engine>;
  /** Equal ids are one object. */
  readonly #byId = new Map<string, Engine>();

  constructor(base: EngineOptions, ofClusters: ReadonlyMap<string, EngineOptions> = new Map()) {
    this.base = this.#engineOf(base);
    this.#ofClusters = new Map(
      [...ofClusters].map(([cluster, options]) => [cluster, this.#engineOf(options)]),
    );
  }

  /** How a question about a snapshot of `cluster` is judged. */
  of(cluster: string, judging?: Judging): Engine {
    const set = this.#ofClusters.get(cluster) ?? this.base;
    return judging === undefined ? set : this.#engineOf(judgedBy(set.options, judging));
  }

  #engineOf(options: EngineOptions): Engine {
    const id = engineId(options);
    const known = this.#byId.get(id) ?? { id, options };
    this.#byId.set(id, known);
    return known;
  }
}
