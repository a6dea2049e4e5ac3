import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { Static } from 'typebox';
import { memberBehind, path, pathFor } from '../../engine/queries/path.ts';
import { paths } from '../../engine/queries/paths.ts';
import type { PathsArgs } from '../../engine/queries/paths.ts';
import type { PathArgs, Query } from '../../engine/query.ts';
import type { Path } from '../../model/answer.ts';
import { PodreachError } from '../../model/errors.ts';
import { onceOn } from '../../service/once-per.ts';
import { problemOf } from '../errors.ts';
import { HTTP_LIMITS } from '../http-limits.ts';
import { answerOne } from './answer.ts';
import type { AskedOne } from './answer.ts';
import { PATH } from './model-schemas.ts';
import {
  ANSWER_VIEW,
  DETAIL,
  PORT,
  QUESTIONS,
  questionString,
  refParameter,
} from './parameters.ts';
import { SNAPSHOT_PARAMS } from './path-parameters.ts';
import type { SnapshotParams } from './path-parameters.ts';
import { answerResponses } from './response-schemas.ts';
import type { RouteService } from './route-service.ts';
import type { View } from './view.ts';

const PATH_QUERY = questionString({
  from: refParameter('source'),
  to: refParameter('destination'),
  port: PORT,
  ...ANSWER_VIEW,
});

const BATCH_VIEW = { detail: DETAIL, format: ANSWER_VIEW.format };
const BATCH_GET = questionString({ q: QUESTIONS, ...BATCH_VIEW });
const BATCH_POST = questionString(BATCH_VIEW);

const BATCH_BODY = Type.Object(
  {
    questions: Type.Array(
      Type.Object(
        {
          from: Type.Optional(Type.Unknown({ description: 'the source, a ref; required' })),
          to: Type.Optional(Type.Unknown({ description: 'the destination, a ref; required' })),
          port: Type.Optional(
            Type.Unknown({ description: 'in the port grammar; `any` when absent or null' }),
          ),
        },
        { description: 'one that cannot be asked is answered by its error, in its place' },
      ),
      { maxItems: HTTP_LIMITS.questionsPerPost, description: 'answered in this order' },
    ),
  },
  { additionalProperties: false },
);

/** Can A reach B, and why: one question, or many. */
export function addPathRoutes(app: FastifyInstance, service: RouteService): void {
  app.get<{ Params: SnapshotParams; Querystring: Static<typeof PATH_QUERY> }>(
    '/snapshots/:ref/path',
    {
      schema: {
        summary: 'can A reach B, and why (not)',
        description: '`fields=verdict` gives the verdict alone, without working out why.',
        tags: ['questions'],
        params: SNAPSHOT_PARAMS,
        querystring: PATH_QUERY,
        response: answerResponses('Path'),
      },
    },
    (request, reply) =>
      answerOne(request, reply, service, request.params.ref, askedPath(request.query)),
  );
  app.get<{ Params: SnapshotParams; Querystring: Static<typeof BATCH_GET> }>(
    '/snapshots/:ref/paths',
    {
      schema: {
        summary: `up to ${HTTP_LIMITS.questionsPerGet} questions at once`,
        tags: ['questions'],
        params: SNAPSHOT_PARAMS,
        querystring: BATCH_GET,
        response: answerResponses('Paths'),
      },
    },
    (request, reply) =>
      answerPaths(request, reply, service, {
        ...request.query,
        ref: request.params.ref,
        questions: request.query.q.map(parseQuestion),
      }),
  );
  app.post<{
    Params: SnapshotParams;
    Querystring: Static<typeof BATCH_POST>;
    Body: Static<typeof BATCH_BODY>;
  }>(
    '/snapshots/:ref/paths',
    {
      bodyLimit: HTTP_LIMITS.batchBodyBytesMax,
      schema: {
        summary: `up to ${HTTP_LIMITS.questionsPerPost} questions at once`,
        tags: ['questions'],
        params: SNAPSHOT_PARAMS,
        querystring: BATCH_POST,
        body: BATCH_BODY,
        response: answerResponses('Paths'),
      },
    },
    (request, reply) =>
      answerPaths(request, reply, service, {
        ...request.query,
        ref: request.params.ref,
        questions: request.body.questions.map(readQuestion),
      }),
  );
}

/** A question of a batch, or why it cannot be asked. */
function readQuestion(
  question: Static<typeof BATCH_BODY>['questions'][number],
  i: number,
): PathArgs | PodreachError {
  const { from, to, port, ...others } = question;
  const [unknown] = Object.keys(others);
  const wrong = (parameter: string, message: string): PodreachError =>
    new PodreachError('bad-query', `\`questions[${i}].${parameter}\` ${message}`, { parameter });
  if (unknown !== undefined) {
    return wrong(unknown.slice(0, 64), 'is not known; a question has `from`, `to`, `port`');
  }
  if (typeof from !== 'string') return wrong('from', 'must be a ref');
  if (typeof to !== 'string') return wrong('to', 'must be a ref');
  if (port === undefined || port === null) return { from, to, port: 'any' };
  return typeof port === 'string' ? { from, to, port } : wrong('port', 'must be text: `tcp/443`');
}

/** Asked for some members alone, only these are explained. */
function readingOf(fields: string | undefined): Query<PathArgs, Path> {
  if (fields === undefined) return path;
  const members = fields.split(',').flatMap((field) => memberBehind(field.trim()) ?? []);
  return pathFor(new Set(members));
}

type PathParameters = Static<typeof PATH_QUERY>;

const askedPath = onceOn((view: PathParameters): AskedOne<PathArgs, Path> => {
  const { from, to, port, fields } = view;
  return {
    name: 'path',
    kind: 'path',
    query: readingOf(fields),
    args: { from, to, port },
    schema: PATH,
    view,
    toBody: (answer) => answer,
  };
});

function answerPaths(
  request: FastifyRequest,
  reply: FastifyReply,
  service: RouteService,
  asked: PathsArgs & View & { readonly ref: string },
): Promise<FastifyReply> {
  const { ref, questions, detail, ...view } = asked;
  return answerOne(request, reply, service, ref, {
    name: 'paths',
    kind: 'paths',
    query: paths,
    args: { questions, detail },
    schema: PATH,
    view,
    // An error names the request it was told to.
    isShared: (answers) => !answers.some((answer) => answer instanceof PodreachError),
    toBody: (answers) => ({
      answers: answers.map((answer, i) =>
        answer instanceof PodreachError
          ? { ...asAsked(questions[i]), error: problemOf(answer, request.id) }
          : answer,
      ),
    }),
  });
}

/** A question in the place of its answer; what cannot be read has none. */
function asAsked(question: PathsArgs['questions'][number] | undefined): object {
  return question === undefined || question instanceof PodreachError ? {} : { question };
}

/** `from~to~port`, `from~to`. @throws `bad-query` */
function parseQuestion(text: string): PathArgs {
  const [from = '', to = '', port = 'any', ...rest] = text.split('~');
  if (from !== '' && to !== '' && port !== '' && rest.length === 0) return { from, to, port };
  throw new PodreachError(
    'bad-query',
    `\`${text.slice(0, 200)}\` is no question; write \`from~to~port\` or \`from~to\``,
    { parameter: 'q' },
  );
}
