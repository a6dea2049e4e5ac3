import type { FastifyBaseLogger } from 'fastify';
import type { Server } from 'graphql-ws';
import type { RawData, WebSocket } from 'ws';
import { PodreachError } from '../../model/errors.ts';
import type { ErrorCode } from '../../model/errors.ts';
import { EVERYONE } from '../../service/viewer.ts';
import type { Viewer } from '../../service/viewer.ts';
import type { CredentialChecks } from './credential-checks.ts';
import type { Credited } from './credential.ts';
import type { LiveLimits } from './live-limits.ts';
import type { Place } from './places.ts';

/** What is known of a socket wherever its operations are looked at. */
export interface SocketExtra {
  readonly connection: SocketConnection;
  readonly upgrade: {
    /** What came with the headers of the upgrade. */
    readonly credential: string | undefined;
    readonly requestId: string;
  };
}

/** Codes of closing; from 4000 on those of `graphql-transport-ws`. */
const CLOSE = {
  goingAway: 1001,
  unsupported: 1003,
  policy: 1008,
  internal: 1011,
  tryLater: 1013,
  badRequest: 4400,
  forbidden: 4403,
} as const;

const CLOSE_OF: Partial<Record<ErrorCode, number>> = {
  unauthorized: CLOSE.forbidden,
  forbidden: CLOSE.forbidden,
  busy: CLOSE.tryLater,
  'too-many-requests': CLOSE.tryLater,
  'bad-query': CLOSE.badRequest,
};

/** A reason is sent in one small frame. */
const REASON_BYTES_MAX = 120;

/** One WebSocket with its limits. */
export class SocketConnection {
  readonly log: FastifyBaseLogger;
  readonly #socket: WebSocket;
  readonly #limits: LiveLimits;
  readonly #place: Place;
  #viewer: Viewer = EVERYONE;
  #isAlive = true;
  #second = 0;
  #messages = 0;
  #uncheck: (() => void) | undefined;

  constructor(
    socket: WebSocket,
    parts: { readonly limits: LiveLimits; readonly log: FastifyBaseLogger; readonly place: Place },
  ) {
    this.#socket = socket;
    this.#limits = parts.limits;
    this.#place = parts.place;
    this.log = parts.log;
  }

  /** Who subscribes; known before the first operation. */
  get viewer(): Viewer {
    return this.#viewer;
  }

  /** Serves operations until the socket is closed. */
  serve(protocol: Server<SocketExtra>, upgrade: SocketExtra['upgrade']): void {
    const socket = this.#socket;
    const closed = protocol.opened(
      {
        protocol: socket.protocol,
        send: (text) => this.#send(text),
        close: (code, reason) => {
          this.#close(code ?? CLOSE.internal, reason ?? '');
        },
        onMessage: (take) => {
          socket.on('message', (data, isBinary) => {
            if (this.#isWithinRate() && this.#isText(isBinary)) void this.#take(take, data);
          });
        },
      },
      { connection: this, upgrade },
    );
    socket.on('ping', () => this.#isWithinRate());
    socket.on('pong', () => {
      this.#isAlive = true;
    });
    // What is wrong with a frame, or with the connection: the library closes it.
    socket.on('error', () => undefined);
    socket.once('close', (code, reason) => {
      this.#place.leave();
      this.#uncheck?.();
      void Promise.resolve(closed(code, reason.toString())).catch((error: unknown) => {
        this.log.error({ err: error }, 'a WebSocket did not end well');
      });
    });
  }

  /** It is now known who is there. @throws `too-many-requests` */
  identify(credited: Credited, checks: CredentialChecks): void {
    if (!this.#isOpen()) return;
    this.#place.claim(credited.viewer);
    this.#viewer = credited.viewer;
    this.#uncheck = checks.add(credited, () => {
      this.#close(CLOSE.forbidden, 'the credential is not valid any more');
    });
  }

  /** Asks whether anybody is there; cuts it off when the last time nobody was. */
  ping(): void {
    if (!this.#isOpen()) return;
    if (!this.#isAlive) this.#socket.terminate();
    else this.#socket.ping();
    this.#isAlive = false;
  }

  /** Says goodbye; resolves when it is closed, cut off if need be. */
  goAway(): Promise<void> {
    return new Promise((resolve) => {
      const socket = this.#socket;
      if (socket.readyState === socket.CLOSED) {
        resolve();
        return;
      }
      const cut = setTimeout(() => {
        socket.terminate();
      }, this.#limits.socketClosingMs);
      socket.once('close', () => {
        clearTimeout(cut);
        resolve();
      });
      this.#close(CLOSE.goingAway, 'this server is stopping');
    });
  }

  async #take(take: (text: string) => Promise<void>, data: RawData): Promise<void> {
    try {
      // Messages of one frame or several come as one buffer.
      await take((data as Buffer).toString('utf8'));
    } catch (error) {
      const code = error instanceof PodreachError ? CLOSE_OF[error.code] : undefined;
      if (error instanceof PodreachError && code !== undefined) this.#close(code, error.message);
      else {
        this.log.error({ err: error }, 'a message over a WebSocket failed');
        this.#close(CLOSE.internal, 'internal error');
      }
    }
  }

  /** Resolves when the text is on its way, so that the next event is not made before. */
  #send(text: string): Promise<void> {
    if (!this.#isOpen()) return Promise.resolve();
    if (this.#limits.socketBufferBytesMax < this.#socket.bufferedAmount) {
      this.#cutSlow();
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const cut = setTimeout(() => {
        this.#cutSlow();
      }, this.#limits.eventStallMs);
      cut.unref();
      // When it cannot be sent the socket is closed, and everybody learns of that.
      this.#socket.send(text, () => {
        clearTimeout(cut);
        resolve();
      });
    });
  }

  #cutSlow(): void {
    this.log.info('a reader of a WebSocket is too slow');
    // Tried first: it may be read after all, when the reader goes on.
    this.#close(CLOSE.tryLater, 'the reader is too slow');
    this.#socket.terminate();
  }

  #isWithinRate(): boolean {
    const second = Math.floor(performance.now() / 1000);
    if (second !== this.#second) this.#messages = 0;
    this.#second = second;
    this.#messages += 1;
    const { socketMessagesPerSecondMax } = this.#limits;
    if (this.#messages <= socketMessagesPerSecondMax) return true;
    this.#close(CLOSE.policy, `more than ${socketMessagesPerSecondMax} messages in a second`);
    return false;
  }

  #isText(isBinary: boolean): boolean {
    if (isBinary) this.#close(CLOSE.unsupported, 'messages are text');
    return !isBinary;
  }

  #isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  #close(code: number, reason: string): void {
    const bytes = Buffer.from(reason).subarray(0, REASON_BYTES_MAX);
    this.#socket.close(code, bytes.toString('utf8').replace(/\ufffd+$/, ''));
  }
}
