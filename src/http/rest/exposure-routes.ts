import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { Static } from 'typebox';
import { effective } from '../../engine/queries/effective.ts';
import { exposure } from '../../engine/queries/exposure.ts';
import { EFFECTIVE_ROW, EXPOSURE_ROW } from './exposure-schemas.ts';
import { addListRoute } from './list-route.ts';
import {
  ANSWER_VIEW,
  DIRECTION,
  DIRECTION_PARAMETER,
  GROUP_BY,
  GROUP_BY_PARAMETER,
  LIST_VIEW,
  questionString,
  refParameter,
} from './parameters.ts';
import type { RouteService } from './route-service.ts';

const EXPOSURE = questionString({
  of: Type.Unsafe<string>({ ...refParameter('whose exposure'), default: '*/*' }),
  groupBy: GROUP_BY_PARAMETER,
  ...LIST_VIEW,
  ...ANSWER_VIEW,
});

const EFFECTIVE = questionString({
  of: refParameter('whose rules'),
  direction: Type.Optional(DIRECTION_PARAMETER),
  ...LIST_VIEW,
  ...ANSWER_VIEW,
});

/** What holds for pods: exposure, effective. */
export function addExposureRoutes(app: FastifyInstance, service: RouteService): void {
  addListRoute(app, service, {
    name: 'exposure',
    kind: 'exposure-list',
    summary: 'who is exposed to the internet and to the cluster, the most exposed first',
    page: 'ExposurePage',
    schema: EXPOSURE_ROW,
    parameters: EXPOSURE,
    query: exposure,
    toArgs: ({ of, groupBy }: Static<typeof EXPOSURE>) => ({ of, groupBy: GROUP_BY[groupBy] }),
    toListing: (list) => ({ list, more: { levels: list.levels } }),
  });
  addListRoute(app, service, {
    name: 'effective',
    kind: 'effective-list',
    summary: 'the rules that hold for pods, merged, in the order they are asked',
    page: 'EffectivePage',
    schema: EFFECTIVE_ROW,
    parameters: EFFECTIVE,
    query: effective,
    toArgs: ({ of, direction }: Static<typeof EFFECTIVE>) => ({
      of,
      ...(direction === undefined ? {} : { direction: DIRECTION[direction] }),
    }),
    toListing: (list) => {
      const { peer, parts, partCount } = list;
      return { list, more: { peer, parts, partCount } };
    },
  });
}
