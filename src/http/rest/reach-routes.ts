import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { Static } from 'typebox';
import { connectivity, connectivityInParts } from '../../engine/queries/connectivity.ts';
import { reachableFrom } from '../../engine/queries/reachable-from.ts';
import { whoCanReach } from '../../engine/queries/who-can-reach.ts';
import type { ConnectivityArgs } from '../../engine/query.ts';
import type { Reach, ReachList } from '../../model/answer.ts';
import type { Listing } from './body.ts';
import { addListRoute } from './list-route.ts';
import { REACH_ROW } from './model-schemas.ts';
import {
  ANSWER_VIEW,
  EXCLUDE,
  GROUP_BY,
  GROUP_BY_PARAMETER,
  IMPLICIT,
  LIST_VIEW,
  PORT,
  questionString,
  refParameter,
} from './parameters.ts';
import type { RouteService } from './route-service.ts';

const REACH_VIEW = { port: PORT, groupBy: GROUP_BY_PARAMETER, ...LIST_VIEW, ...ANSWER_VIEW };

const WHO_CAN_REACH = questionString({
  target: refParameter('who is reached'),
  exclude: EXCLUDE,
  implicit: IMPLICIT,
  ...REACH_VIEW,
});

const REACHABLE_FROM = questionString({
  source: refParameter('who reaches'),
  to: Type.Optional(refParameter('only these destinations')),
  exclude: EXCLUDE,
  implicit: IMPLICIT,
  maxHops: Type.Integer({
    default: 1,
    minimum: 1,
    maximum: 10,
    description: 'connections in a row that may be made to get there',
  }),
  ...REACH_VIEW,
});

/** What `connectivity` asks for. */
export const CONNECTIVITY_PARAMETERS = {
  of: Type.Optional(refParameter('either end; excludes `from` and `to`')),
  from: Type.Optional(refParameter('only these sources')),
  to: Type.Optional(refParameter('only these destinations')),
  external: Type.Boolean({
    default: true,
    description: 'add address ranges to an end that is not named',
  }),
  nodes: Type.Boolean({ default: false, description: 'add nodes to an end that is not named' }),
  port: PORT,
  groupBy: GROUP_BY_PARAMETER,
};

const CONNECTIVITY = questionString({ ...CONNECTIVITY_PARAMETERS, ...LIST_VIEW, ...ANSWER_VIEW });

const REACH = { kind: 'reach-list', schema: REACH_ROW, page: 'ReachPage' } as const;

/** Lists of pairs: who-can-reach, reachable-from, connectivity. */
export function addReachRoutes(app: FastifyInstance, service: RouteService): void {
  addListRoute(app, service, {
    ...REACH,
    name: 'who-can-reach',
    summary: 'who may open a connection to a target',
    parameters: WHO_CAN_REACH,
    query: whoCanReach,
    toArgs: (parameters: Static<typeof WHO_CAN_REACH>) => {
      const { target, port, groupBy, exclude, implicit } = parameters;
      return { target, port, groupBy: GROUP_BY[groupBy], exclude, implicit };
    },
    toListing,
  });
  addListRoute(app, service, {
    ...REACH,
    name: 'reachable-from',
    summary: 'where a source may open a connection to',
    parameters: REACHABLE_FROM,
    query: reachableFrom,
    toArgs: (parameters: Static<typeof REACHABLE_FROM>) => {
      const { source, to, port, groupBy, exclude, implicit, maxHops } = parameters;
      const named = to === undefined ? {} : { to };
      return { source, ...named, port, groupBy: GROUP_BY[groupBy], exclude, implicit, maxHops };
    },
    toListing,
  });
  addListRoute(app, service, {
    ...REACH,
    name: 'connectivity',
    summary: 'every pair that is or may be allowed, each once',
    parameters: CONNECTIVITY,
    query: connectivity,
    inParts: connectivityInParts,
    toArgs: (parameters: Static<typeof CONNECTIVITY>) => connectivityArgs(parameters),
    toListing,
  });
}

/** The question, out of the query string. */
export function connectivityArgs(
  parameters: Pick<Static<typeof CONNECTIVITY>, keyof typeof CONNECTIVITY_PARAMETERS>,
): ConnectivityArgs {
  const { of, from, to, port, groupBy, external, nodes } = parameters;
  return {
    ...(of === undefined ? {} : { of }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...{ port, groupBy: GROUP_BY[groupBy], external, nodes },
  };
}

function toListing(list: ReachList): Listing<Reach> {
  return { list };
}
