import type { FastifyReply } from 'fastify';
import type { Json } from '../../render/wire.ts';
import type { AnswerBytes } from '../../service/answer-cache.ts';
import { JSON_TYPE } from './body.ts';

/** Sends an answer as it is. */
export function sendBytes(reply: FastifyReply, { body, mediaType }: AnswerBytes): FastifyReply {
  return reply.header('content-type', mediaType).send(body);
}

/** Sends JSON as it is: what a schema says never drops or changes a member. */
export function sendJson(reply: FastifyReply, answer: Json): FastifyReply {
  return reply.type(JSON_TYPE).send(JSON.stringify(answer));
}
