import { PodreachError } from '../../model/errors.ts';
import { EVERYONE } from '../../service/viewer.ts';
import type { Viewer } from '../../service/viewer.ts';

/** One of the connections that may be open at the same time. */
export interface Place {
  /**
   * Counts it as one of `viewer`, once. Without authentication everybody is the same viewer, and only
   * the number of all is limited.
   *
   * @throws `too-many-requests`
   */
  claim(viewer: Viewer): void;
  /** Makes room; more than once does nothing. */
  leave(): void;
}

/** Counts open connections, of all and of each viewer. */
export class Places {
  readonly #what: string;
  readonly #totalMax: number;
  readonly #perViewerMax: number;
  readonly #byViewer = new Map<string, number>();
  #taken = 0;

  /** @param what names them in messages, in the plural */
  constructor(what: string, totalMax: number, perViewerMax: number) {
    this.#what = what;
    this.#totalMax = totalMax;
    this.#perViewerMax = perViewerMax;
  }

  /** @throws `busy` */
  enter(): Place {
    if (this.#totalMax <= this.#taken) {
      const message = `${this.#totalMax} ${this.#what} are open, which is all this server has`;
      throw new PodreachError('busy', message, { retryAfterSeconds: RETRY_SECONDS });
    }
    this.#taken += 1;
    let name: string | undefined;
    let isOpen = true;
    return {
      claim: (viewer) => {
        if (viewer === EVERYONE || name !== undefined || !isOpen) return;
        this.#count(viewer.name, 1);
        ({ name } = viewer);
      },
      leave: () => {
        if (!isOpen) return;
        isOpen = false;
        this.#taken -= 1;
        if (name !== undefined) this.#count(name, -1);
      },
    };
  }

  #count(name: string, change: 1 | -1): void {
    const count = (this.#byViewer.get(name) ?? 0) + change;
    if (this.#perViewerMax < count) {
      const message = `${this.#perViewerMax} ${this.#what} of \`${name}\` are open; close one first`;
      throw new PodreachError('too-many-requests', message, { retryAfterSeconds: RETRY_SECONDS });
    }
    if (count === 0) this.#byViewer.delete(name);
    else this.#byViewer.set(name, count);
  }
}

const RETRY_SECONDS = 5;
