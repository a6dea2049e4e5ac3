import type { FastifyReply, FastifyRequest } from 'fastify';
import { PodreachError } from '../../model/errors.ts';
import type {
  Podreach,
  SnapshotInfo,
  SnapshotWatch,
  WatchOptions,
} from '../../service/podreach.ts';
import type { Authenticator, Viewer } from '../../service/viewer.ts';
import { noteAction } from '../audit-notes.ts';
import { internalError, problemOf, publicError } from '../errors.ts';
import { credentialOf } from '../authenticate.ts';
import { viewerOf } from '../viewer.ts';
import { CredentialChecks } from './credential-checks.ts';
import type { Credited } from './credential.ts';
import { EVENT_STREAM_HEADERS, EventStream } from './event-stream.ts';
import type { LiveLimits } from './live-limits.ts';
import { Places } from './places.ts';

/** What streams of events need. */
export interface EventParts {
  readonly podreach: Podreach;
  /** Undefined: everybody may listen. */
  readonly authenticator?: Authenticator | undefined;
  readonly limits: LiveLimits;
}

/** What a stream is asked for by. */
export interface EventQuery {
  readonly cluster?: string;
  readonly after?: string;
}

type EventRequest = FastifyRequest<{ Querystring: EventQuery }>;

/** The streams of events that are open. */
export class EventStreams {
  readonly #parts: EventParts;
  readonly #places: Places;
  readonly #checks: CredentialChecks;
  readonly #ends = new Set<() => void>();
  #isClosing = false;

  constructor(parts: EventParts) {
    const { limits, authenticator } = parts;
    const { eventStreamsMax, eventStreamsPerViewerMax } = limits;
    this.#parts = parts;
    this.#places = new Places('streams of events', eventStreamsMax, eventStreamsPerViewerMax);
    this.#checks = new CredentialChecks(authenticator, limits.credentialCheckMs);
  }

  /**
   * Sends events until one side ends.
   *
   * @throws `unauthorized`, `busy`, `too-many-requests`, and what {@link Podreach.watch} throws
   */
  async serve(request: EventRequest, reply: FastifyReply): Promise<FastifyReply> {
    noteAction(request, 'watch', request.query.cluster);
    const credited = listenerOf(request, this.#parts.authenticator);
    if (request.method === 'HEAD') return reply.headers(EVENT_STREAM_HEADERS).send();
    if (this.#isClosing) throw new PodreachError('busy', 'this server is stopping');
    const place = this.#places.enter();
    try {
      place.claim(credited.viewer);
      const begun = await beginWatch(this.#parts.podreach, credited.viewer, optionsOf(request));
      await this.#stream(request, reply, { credited, begun });
    } finally {
      place.leave();
    }
    return reply;
  }

  /** Ends all of them, and begins none any more. */
  close(): void {
    this.#isClosing = true;
    for (const end of [...this.#ends]) end();
  }

  async #stream(
    request: EventRequest,
    reply: FastifyReply,
    { credited, begun }: { readonly credited: Credited; readonly begun: BegunWatch },
  ): Promise<void> {
    const stream = startStream(reply, this.#parts.limits);
    request.auditNotes?.tell();
    const lost: { error?: PodreachError } = {};
    const end = (): void => void begun.watch.return();
    const uncheck = this.#checks.add(credited, () => {
      lost.error = new PodreachError('unauthorized', 'the credential is not valid any more');
      end();
    });
    this.#ends.add(end);
    reply.raw.once('close', end);
    // Either may have come while the watch began.
    if (stream.isClosed || this.#isClosing) end();
    try {
      await sendAll(request, stream, begun, lost);
    } finally {
      uncheck();
      this.#ends.delete(end);
      end();
      stream.end();
    }
  }
}

/** Who asks: as the server has found out for this request, and with authentication by what. */
function listenerOf(request: EventRequest, authenticator: Authenticator | undefined): Credited {
  const credential = authenticator && credentialOf(request.raw.rawHeaders);
  return { viewer: viewerOf(request), credential };
}

function optionsOf({ headers, query }: EventRequest): WatchOptions {
  const { cluster } = query;
  const header = headers['last-event-id'];
  const after = typeof header === 'string' && header !== '' ? header : query.after;
  return { ...(cluster !== undefined && { cluster }), ...(after !== undefined && { after }) };
}

interface BegunWatch {
  readonly watch: SnapshotWatch;
  /** Set when the position that was asked for is not known. */
  readonly missed: PodreachError | undefined;
}

async function beginWatch(
  podreach: Podreach,
  viewer: Viewer,
  options: WatchOptions,
): Promise<BegunWatch> {
  try {
    return { watch: await podreach.watch(viewer, options), missed: undefined };
  } catch (error) {
    if (!(error instanceof PodreachError) || error.code !== 'events-missed') throw error;
    const { cluster } = options;
    const watch = await podreach.watch(viewer, cluster === undefined ? {} : { cluster });
    return { watch, missed: error };
  }
}

/** From here on the stream is its own: it has no deadline but that of a reader who stands still. */
function startStream(reply: FastifyReply, limits: LiveLimits): EventStream {
  reply.headers(EVENT_STREAM_HEADERS).hijack();
  // When it ends nothing else comes: the connection must not keep a server that stops.
  reply.raw.shouldKeepAlive = false;
  // A library border: what a handler set is what node takes.
  reply.raw.writeHead(200, reply.getHeaders() as Record<string, string>);
  return new EventStream(reply.raw, {
    heartbeatMs: limits.eventHeartbeatMs,
    retryMs: limits.eventRetryMs,
    stallMs: limits.eventStallMs,
  });
}

async function sendAll(
  request: EventRequest,
  stream: EventStream,
  { watch, missed }: BegunWatch,
  lost: { readonly error?: PodreachError },
): Promise<void> {
  try {
    if (missed !== undefined) {
      const data = JSON.stringify({ code: missed.code, detail: missed.message });
      await stream.send({ event: 'reset', id: watch.after ?? '', data });
    } else if (watch.after !== undefined) {
      // Without data it is no event: the client only learns where it is.
      await stream.send({ id: watch.after });
    }
    for await (const snapshot of watch) await stream.send(eventOf(snapshot));
    if (lost.error !== undefined) throw lost.error;
  } catch (error) {
    const shown = publicError(error) ?? internalError();
    if (shown.code !== 'unauthorized')
      request.log.error({ err: error }, 'a stream of events broke');
    const data = JSON.stringify(problemOf(shown, request.id));
    await stream.send({ event: 'problem', data });
  }
}

function eventOf({ id, digest, cluster, takenAt }: SnapshotInfo): {
  readonly event: string;
  readonly id: string;
  readonly data: string;
} {
  return { event: 'snapshot', id, data: JSON.stringify({ id, digest, cluster, takenAt }) };
}
