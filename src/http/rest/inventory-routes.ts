import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { Static } from 'typebox';
import { isolation } from '../../engine/queries/isolation.ts';
import { policies } from '../../engine/queries/policies.ts';
import { resolve } from '../../engine/queries/resolve.ts';
import { waysIn } from '../../engine/queries/ways-in.ts';
import type { LazyList, PolicySummary } from '../../model/answer.ts';
import { PodreachError } from '../../model/errors.ts';
import type { Query } from '../../engine/query.ts';
import { HTTP_LIMITS } from '../http-limits.ts';
import { answerOne } from './answer.ts';
import { addListRoute } from './list-route.ts';
import { ISOLATION_ROW, MEMBER_ROW, POLICY_ROW } from './model-schemas.ts';
import { WAY_IN_ROW } from './way-in-schemas.ts';
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
import { POLICY_PARAMS } from './path-parameters.ts';
import type { PolicyParams } from './path-parameters.ts';
import { answerResponses } from './response-schemas.ts';
import type { RouteService } from './route-service.ts';

const ISOLATION = questionString({
  of: Type.Unsafe<string>({ ...refParameter('whose isolation'), default: '*/*' }),
  direction: Type.Optional(DIRECTION_PARAMETER),
  isolated: Type.Optional(
    Type.Boolean({ description: 'only those that are (or are not) isolated, or may be' }),
  ),
  protected: Type.Optional(
    Type.Boolean({
      description: 'only those that a policy of any tier protects (or none), or may',
    }),
  ),
  groupBy: GROUP_BY_PARAMETER,
  ...LIST_VIEW,
  ...ANSWER_VIEW,
});

const POLICIES = questionString({
  selecting: Type.Optional(refParameter('only policies that select one of these pods')),
  ...LIST_VIEW,
  ...ANSWER_VIEW,
});

const WAYS_IN = questionString({
  of: Type.Optional(refParameter('only ways that lead to one of these pods')),
  ...LIST_VIEW,
  ...ANSWER_VIEW,
});

const RESOLVE = questionString({
  ref: refParameter('what to look up'),
  ...LIST_VIEW,
  ...ANSWER_VIEW,
});

const POLICY = questionString({ ...ANSWER_VIEW });

/** What is there: isolation, policies, ways in, resolve. */
export function addInventoryRoutes(app: FastifyInstance, service: RouteService): void {
  addListRoute(app, service, {
    name: 'isolation',
    kind: 'isolation-list',
    summary: 'who is isolated in which direction, and by which policies',
    page: 'IsolationPage',
    schema: ISOLATION_ROW,
    parameters: ISOLATION,
    query: isolation,
    toArgs: (parameters: Static<typeof ISOLATION>) => {
      const { of, direction, isolated, protected: shielded, groupBy } = parameters;
      return {
        of,
        ...(direction === undefined ? {} : { direction: DIRECTION[direction] }),
        ...(isolated === undefined ? {} : { isolated }),
        ...(shielded === undefined ? {} : { protected: shielded }),
        groupBy: GROUP_BY[groupBy],
      };
    },
    toListing: (list) => ({ list }),
  });
  addListRoute(app, service, {
    name: 'policies',
    kind: 'policy-list',
    summary: 'the policies and what each selects',
    page: 'PolicyPage',
    schema: POLICY_ROW,
    parameters: POLICIES,
    query: policies,
    toArgs: ({ selecting }: Static<typeof POLICIES>) =>
      selecting === undefined ? {} : { selecting },
    toListing: (list) => ({ list }),
  });
  addListRoute(app, service, {
    name: 'ways-in',
    kind: 'way-list',
    summary: 'every way in from outside, and whether it reaches its pods',
    page: 'WayInPage',
    schema: WAY_IN_ROW,
    parameters: WAYS_IN,
    query: waysIn,
    toArgs: ({ of }: Static<typeof WAYS_IN>) => (of === undefined ? {} : { of }),
    toListing: (list) => ({ list }),
  });
  addListRoute(app, service, {
    name: 'resolve',
    kind: 'resolution',
    summary: 'what a ref stands for',
    page: 'Resolution',
    schema: MEMBER_ROW,
    parameters: RESOLVE,
    query: resolve,
    toArgs: ({ ref }: Static<typeof RESOLVE>) => ({ ref }),
    toListing: ({ members, reasons, ...more }) => ({
      list: {
        totalCount: members.totalCount,
        complete: members.complete,
        reasons: [...reasons, ...members.reasons],
        problems: members.problems,
        slice: (start: number, count: number) => members.slice(start, count),
      },
      more,
    }),
  });
  addPolicyRoute(app, service);
}

function addPolicyRoute(app: FastifyInstance, service: RouteService): void {
  app.get<{ Params: PolicyParams; Querystring: Static<typeof POLICY> }>(
    '/snapshots/:ref/policies/:kind/:namespace/:name',
    {
      schema: {
        summary: 'one policy and what it selects',
        tags: ['questions'],
        params: POLICY_PARAMS,
        querystring: POLICY,
        response: answerResponses('PolicySummary'),
      },
    },
    (request, reply) => {
      const { ref, kind, namespace, name } = request.params;
      return answerOne(request, reply, service, ref, {
        name: 'policy',
        kind: 'policy-list',
        query: onePolicy,
        args: { kind: kind.toLowerCase(), namespace, name },
        schema: POLICY_ROW,
        view: request.query,
        toBody: (policy) => policy,
      });
    },
  );
}

interface PolicyArgs {
  /** In lower case. */
  readonly kind: string;
  /** `-` for none. */
  readonly namespace: string;
  readonly name: string;
}

/** @throws `ref-not-found` */
const onePolicy: Query<PolicyArgs, PolicySummary> = (index, args) => {
  const list = policies(index, {});
  const found = findRow(list, ({ policy }) => {
    const { kind, namespace = '-', name } = policy;
    return name === args.name && namespace === args.namespace && kind.toLowerCase() === args.kind;
  });
  if (found !== undefined) return found;
  const { kind, namespace, name } = args;
  throw new PodreachError(
    'ref-not-found',
    `no policy \`${kind}/${namespace}/${name}\`; the list of policies has all of them`,
    { parameter: 'name' },
  );
};

function findRow<Row>(list: LazyList<Row>, test: (row: Row) => boolean): Row | undefined {
  for (let start = 0; start < list.totalCount; start += HTTP_LIMITS.sliceRowsMax) {
    const found = list.slice(start, HTTP_LIMITS.sliceRowsMax).find(test);
    if (found !== undefined) return found;
  }
  return undefined;
}
