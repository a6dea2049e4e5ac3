import type { FastifyInstance } from 'fastify';
import type { TObject } from 'typebox';
import type { Query } from '../../engine/query.ts';
import type { ListParts } from '../../engine/queries/list-parts.ts';
import { onceOn } from '../../service/once-per.ts';
import { answerList } from './answer.ts';
import type { Asked } from './answer.ts';
import type { Listing } from './body.ts';
import { SNAPSHOT_PARAMS } from './path-parameters.ts';
import type { SnapshotParams } from './path-parameters.ts';
import { answerResponses } from './response-schemas.ts';
import type { RouteService } from './route-service.ts';
import type { ListView } from './view.ts';

/** A question whose answer is a list. */
export interface ListRoute<
  Parameters extends ListView,
  Args extends object,
  Result,
  Row extends object,
> extends Omit<Asked<Args, Result>, 'args'> {
  readonly summary: string;
  readonly parameters: TObject;
  /** Name of the schema of a page. */
  readonly page: string;
  readonly toArgs: (parameters: Parameters) => Args;
  /** Finds the list in the result. */
  readonly toListing: (result: Result) => Listing<Row>;
  /** @see AskedList */
  readonly inParts?: Query<Args, ListParts | undefined>;
}

/** Adds `GET /snapshots/{ref}/{name}`. */
export function addListRoute<
  Parameters extends ListView,
  Args extends object,
  Result,
  Row extends object,
>(
  app: FastifyInstance,
  service: RouteService,
  route: ListRoute<Parameters, Args, Result, Row>,
): void {
  const askedOf = onceOn((parameters: Parameters) => ({
    ...route,
    args: route.toArgs(parameters),
    view: parameters,
  }));
  app.get<{ Params: SnapshotParams }>(
    `/snapshots/:ref/${route.name}`,
    {
      schema: {
        summary: route.summary,
        tags: ['questions'],
        params: SNAPSHOT_PARAMS,
        querystring: route.parameters,
        response: answerResponses(route.page),
      },
    },
    (request, reply) => {
      // A library border: the query string was read by this very schema.
      const asked = askedOf(request.query as Parameters);
      return answerList(request, reply, service, request.params.ref, asked);
    },
  );
}
