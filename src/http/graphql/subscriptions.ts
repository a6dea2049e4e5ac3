import {
  GraphQLError,
  OperationTypeNode,
  createSourceEventStream,
  execute,
  getOperationAST,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import type {
  DocumentNode,
  ExecutionArgs,
  ExecutionResult,
  GraphQLFormattedError,
  GraphQLSchema,
  ValidationRule,
} from 'graphql';
import type { ServerOptions } from 'graphql-ws';
import { PodreachError } from '../../model/errors.ts';
import type { AuditLog } from '../../service/audit.ts';
import type { Podreach } from '../../service/podreach.ts';
import type { Viewer } from '../../service/viewer.ts';
import type { SocketExtra } from '../live/socket-connection.ts';
import { noteOutcome } from '../audit-notes.ts';
import type { AuditNotes } from '../audit-notes.ts';
import { HTTP_LIMITS } from '../http-limits.ts';
import { contextOf } from './context.ts';
import type { GraphqlContext } from './context.ts';
import { shownError, shownResult } from './graphql-errors.ts';
import type { Asker } from './graphql-errors.ts';
import { readBody } from './graphql-request.ts';
import type { GraphqlRequest } from './graphql-request.ts';
import { PARSE_OPTIONS } from './known-operations.ts';
import { mapEvents } from './map-events.ts';
import type { AskedQuery } from './persisted-queries.ts';
import { queryDepth } from './query-depth.ts';
import { codeOf, subscriptionNotes } from './subscription-audit.ts';
import { subscriptionResolvers } from './subscription-resolvers.ts';

/** What subscriptions are answered with. */
export interface SubscriptionParts {
  readonly podreach: Podreach;
  readonly schema: GraphQLSchema;
  /** What a query must keep besides the rules of GraphQL. */
  readonly rules: readonly ValidationRule[];
  /** The text of a query that may be asked by its hash; may refuse one. */
  readonly textOf: (viewer: Viewer, asked: AskedQuery) => string | undefined;
  /** Whether what is wrong with a query may name what the schema has instead. */
  readonly hidesSchema: boolean;
  readonly subscriptionsMax: number;
  /** Deadline of what one event asks. */
  readonly questionTimeoutMs: number;
  /** Where it is written who subscribed to what; undefined: nowhere. */
  readonly audit: AuditLog | undefined;
}

/** What is known of a subscription that is valid. */
interface Begun {
  readonly extra: SocketExtra;
  /** Null where nobody keeps an audit log. */
  readonly notes: AuditNotes | null;
}

type Options = ServerOptions<Record<string, unknown>, SocketExtra>;

/**
 * What is done with operations that come over a socket: subscriptions are validated as queries are
 * over HTTP, and each event is answered as a request of its own. Nothing else is answered there, so that
 * questions have one entrance with one set of limits.
 */
export function subscriptionHandlers(
  parts: SubscriptionParts,
): Pick<Options, 'onSubscribe' | 'subscribe' | 'onNext' | 'onError'> {
  return {
    onSubscribe: ({ subscriptions, extra }, _id, payload) => {
      const refuse = (errors: readonly GraphQLError[], asked?: GraphqlRequest): typeof errors => {
        tellRefused(notesOf(parts, extra, asked), errors);
        return errors;
      };
      let asked: GraphqlRequest | undefined;
      try {
        // This one is among them.
        checkCount(Object.keys(subscriptions).length, parts.subscriptionsMax);
        const { viewer } = extra.connection;
        asked = readBody(payload, (query) => parts.textOf(viewer, query));
        const document = parse(asked.query, PARSE_OPTIONS);
        const errors = validationErrors(document, parts);
        if (0 < errors.length) return refuse(errors, asked);
        checkOperation(document, asked.operationName);
        return {
          schema: parts.schema,
          document,
          operationName: asked.operationName,
          variableValues: asked.variables,
          contextValue: { extra, notes: notesOf(parts, extra, asked) } satisfies Begun,
        };
      } catch (error) {
        return refuse([toGraphqlError(error)], asked);
      }
    },
    // A library border: the context is what onSubscribe gave.
    subscribe: (args) => subscribe(args, args.contextValue as Begun, parts),
    onNext: ({ extra }, _id, _payload, _args, { data, errors = [] }) =>
      shownResult({ ...(data !== undefined && { data }), errors }, askerOf(extra, parts)),
    onError: ({ extra }, _id, _payload, errors) =>
      // A library border: the shape of an error is that of the library.
      errors.map(
        (error) => shownError(error, askerOf(extra, parts)) as unknown as GraphQLFormattedError,
      ),
  };
}

function validationErrors(
  document: DocumentNode,
  { schema, rules }: SubscriptionParts,
): readonly GraphQLError[] {
  const all = [...specifiedRules, queryDepth, ...rules];
  return validate(schema, document, all, { maxErrors: HTTP_LIMITS.graphqlErrorsMax });
}

function checkCount(count: number, most: number): void {
  if (count <= most) return;
  const message = `${most} subscriptions are open on this socket; complete one first`;
  throw new PodreachError('too-many-requests', message);
}

function checkOperation(document: DocumentNode, operationName: string | undefined): void {
  const operation = getOperationAST(document, operationName)?.operation;
  if (operation === OperationTypeNode.SUBSCRIPTION) return;
  throw operation === undefined
    ? new PodreachError('bad-query', 'the request does not say which of its operations is meant')
    : new PodreachError(
        'method-not-allowed',
        `a ${operation} is not answered over a socket; send it with POST`,
      );
}

/**
 * The events of a subscription, each answered in a context of its own: what a name stands for is
 * asked anew for each.
 */
async function subscribe(
  args: ExecutionArgs,
  { extra, notes }: Begun,
  parts: SubscriptionParts,
): Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult> {
  const context = (): GraphqlContext => {
    const { connection, upgrade } = extra;
    return contextOf(parts.podreach, {
      id: upgrade.requestId,
      viewer: connection.viewer,
      // What its events ask was asked when it began.
      auditNotes: notes,
    });
  };
  const source = await createSourceEventStream({
    ...args,
    contextValue: context(),
    subscribeFieldResolver: (root: object, given: object, asked: GraphqlContext, { fieldName }) =>
      // A library border: a validated operation has a field of this type, with its arguments.
      subscriptionResolvers[fieldName as keyof typeof subscriptionResolvers].subscribe(
        root,
        given,
        asked,
      ),
  });
  if (isRefusal(source)) {
    tellRefused(notes, source.errors ?? []);
    return source;
  }
  notes?.tell();
  return mapEvents(source[Symbol.asyncIterator](), (event) =>
    inTime(
      execute({ ...args, rootValue: event, contextValue: context() }),
      parts.questionTimeoutMs,
    ),
  );
}

function notesOf(
  { audit }: SubscriptionParts,
  extra: SocketExtra,
  asked: GraphqlRequest | undefined,
): AuditNotes | null {
  return audit === undefined ? null : subscriptionNotes(audit, extra, asked);
}

function tellRefused(notes: AuditNotes | null, errors: readonly GraphQLError[]): void {
  const [first] = errors;
  if (first !== undefined) noteOutcome({ auditNotes: notes }, codeOf(first));
  notes?.tell();
}

function isRefusal(source: AsyncIterable<unknown> | ExecutionResult): source is ExecutionResult {
  return Object.hasOwn(source, 'errors');
}

/** What comes too late is an error in the place of its event. */
async function inTime(
  result: ExecutionResult | Promise<ExecutionResult>,
  timeoutMs: number,
): Promise<ExecutionResult> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<ExecutionResult>((resolve) => {
    timer = setTimeout(() => {
      const message = 'the questions of this event took too long; ask for less';
      resolve({ errors: [toGraphqlError(new PodreachError('busy', message))] });
    }, timeoutMs);
    timer.unref();
  });
  try {
    return await Promise.race([result, late]);
  } finally {
    clearTimeout(timer);
  }
}

function toGraphqlError(error: unknown): GraphQLError {
  if (error instanceof GraphQLError) return error;
  if (!(error instanceof Error)) return new GraphQLError('internal error');
  return new GraphQLError(error.message, { originalError: error });
}

function askerOf({ connection, upgrade }: SocketExtra, { hidesSchema }: SubscriptionParts): Asker {
  return { requestId: upgrade.requestId, log: connection.log, hidesSchema };
}
