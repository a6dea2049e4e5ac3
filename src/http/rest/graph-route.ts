import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { Static } from 'typebox';
import { connectivity } from '../../engine/queries/connectivity.ts';
import type { Reach, ReachList } from '../../model/answer.ts';
import type { Peer } from '../../model/peer.ts';
import { onceOn } from '../../service/once-per.ts';
import { HTTP_LIMITS } from '../http-limits.ts';
import { answerOne } from './answer.ts';
import { ANSWER_VIEW, questionString } from './parameters.ts';
import { SNAPSHOT_PARAMS } from './path-parameters.ts';
import type { SnapshotParams } from './path-parameters.ts';
import { CONNECTIVITY_PARAMETERS, connectivityArgs } from './reach-routes.ts';
import { answerResponses, GRAPH } from './response-schemas.ts';
import type { RouteService } from './route-service.ts';

const GRAPH_QUERY = questionString({
  ...CONNECTIVITY_PARAMETERS,
  limit: Type.Integer({
    default: HTTP_LIMITS.pageRowsMax,
    minimum: 0,
    maximum: HTTP_LIMITS.pageRowsMax,
    description: 'edges at most, the first in the order of `connectivity`',
  }),
  format: ANSWER_VIEW.format,
});

type GraphParameters = Static<typeof GRAPH_QUERY>;

/** `GET /snapshots/{ref}/graph`: `connectivity` for whoever draws. */
export function addGraphRoute(app: FastifyInstance, service: RouteService): void {
  app.get<{ Params: SnapshotParams; Querystring: GraphParameters }>(
    '/snapshots/:ref/graph',
    {
      schema: {
        summary: 'connectivity as nodes and edges, or as a drawing',
        description: 'As JSON it has `nodes` and `edges`; in other formats it is `connectivity`.',
        tags: ['questions'],
        params: SNAPSHOT_PARAMS,
        querystring: GRAPH_QUERY,
        response: answerResponses('Graph'),
      },
    },
    (request, reply) =>
      answerOne(request, reply, service, request.params.ref, askedGraph(request.query)),
  );
}

const askedGraph = onceOn((view: GraphParameters) => ({
  name: `graph ${view.limit}`,
  kind: 'reach-list' as const,
  query: connectivity,
  args: connectivityArgs(view),
  schema: GRAPH,
  view,
  toBody: (list: ReachList) => {
    const { complete, counts, reasons, problems, totalCount } = list;
    const rows = list.slice(0, view.limit);
    const said = { complete, counts, reasons, problems };
    return view.format === 'json'
      ? { ...said, ...graphOf(rows), totalCount }
      : { ...said, items: rows, totalCount };
  },
}));

function graphOf(rows: readonly Reach[]): { nodes: readonly Peer[]; edges: readonly object[] } {
  const nodes = new Map<string, Peer>();
  const edges = rows.map(({ from, to, verdict, ports, undetermined, implicit }) => {
    for (const end of [from, to]) if (!nodes.has(end.key)) nodes.set(end.key, end);
    return { from: from.key, to: to.key, verdict, ports, undetermined, implicit };
  });
  return { nodes: [...nodes.values()], edges };
}
