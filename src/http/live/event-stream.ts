import type { ServerResponse } from 'node:http';

/** One event; a text never has line breaks. */
export interface StreamEvent {
  readonly event?: string;
  /** Empty: a client forgets the position it has. */
  readonly id?: string;
  readonly data?: string;
}

/** Headers of a stream of events: no cache, no proxy may hold it back or change it. */
export const EVENT_STREAM_HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no',
} as const;

/**
 * Writes server-sent events to a response, no faster than they are read, and comments while there are
 * none. A reader that takes nothing for long is cut off.
 */
export class EventStream {
  readonly #response: ServerResponse;
  readonly #stallMs: number;
  readonly #heartbeat: NodeJS.Timeout;
  /** Resolves when the reader has taken what was written, or is gone. */
  #drained: Promise<void> | undefined;

  constructor(
    response: ServerResponse,
    times: { readonly heartbeatMs: number; readonly retryMs: number; readonly stallMs: number },
  ) {
    this.#response = response;
    this.#stallMs = times.stallMs;
    this.#heartbeat = setInterval(() => {
      if (this.#drained === undefined) this.#write(':\n\n');
    }, times.heartbeatMs);
    this.#heartbeat.unref();
    response.once('close', () => {
      clearInterval(this.#heartbeat);
    });
    this.#write(`retry: ${times.retryMs}\n\n`);
  }

  /** Whether nobody reads any more. */
  get isClosed(): boolean {
    return this.#response.destroyed || this.#response.writableEnded;
  }

  /** Resolves when the next event may be written. */
  async send(event: StreamEvent): Promise<void> {
    const lines = (['event', 'id', 'data'] as const).flatMap((name) =>
      event[name] === undefined ? [] : [`${name}: ${event[name]}\n`],
    );
    this.#write(`${lines.join('')}\n`);
    await this.#drained;
  }

  end(): void {
    clearInterval(this.#heartbeat);
    if (this.isClosed) return;
    this.#response.end();
    // What was written may never be read.
    if (this.#drained === undefined) this.#cutWhenStalled();
  }

  #write(text: string): void {
    if (this.isClosed || this.#response.write(text) || this.#drained !== undefined) return;
    const isRead = this.#cutWhenStalled();
    this.#drained = new Promise((resolve) => {
      const settle = (): void => {
        isRead();
        this.#response.off('drain', settle).off('close', settle);
        this.#drained = undefined;
        resolve();
      };
      this.#response.once('drain', settle).once('close', settle);
    });
  }

  /** @returns what to call when the reader goes on: a long stream waits many times */
  #cutWhenStalled(): () => void {
    const timer = setTimeout(() => {
      this.#response.destroy();
    }, this.#stallMs);
    timer.unref();
    const stop = (): void => {
      clearTimeout(timer);
      this.#response.off('close', stop);
    };
    this.#response.once('close', stop);
    return stop;
  }
}
