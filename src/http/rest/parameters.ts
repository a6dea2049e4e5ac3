import { Type } from 'typebox';
import type { TOptional, TProperties, TUnsafe } from 'typebox';
import type { GroupBy } from '../../model/answer.ts';
import type { Direction } from '../../model/policy.ts';
import { formats } from '../../render/formats.ts';
import { HTTP_LIMITS } from '../http-limits.ts';
import { DIALECT_NAMES } from '../../model/dialect.ts';
import type { DialectName } from '../../model/dialect.ts';

/** One of several words as a query parameter. */
const word = <Word extends string>(
  words: readonly Word[],
  options: { readonly default?: Word; readonly description: string },
): TUnsafe<Word> => Type.Unsafe<Word>({ type: 'string', enum: [...words], ...options });

/** Several values by repetition. */
const many = (description: string, maxItems?: number): TUnsafe<readonly string[]> =>
  Type.Unsafe<readonly string[]>({
    type: 'array',
    items: { type: 'string' },
    description,
    ...(maxItems === undefined ? {} : { maxItems }),
  });

/** A reference to pods, nodes, Services or addresses. */
export const refParameter = (what: string): ReturnType<typeof Type.String> =>
  Type.String({
    description:
      `${what}: \`shop/api\`, \`shop/deploy/api\`, \`shop/*\`, \`shop?app=api\`, ` +
      '`node/worker-1`, `10.0.0.0/8`, `internet`',
    examples: ['shop/api'],
  });

const ENGINE = Type.Optional(
  Type.String({
    description:
      'the engine that must answer, as `snapshot.engine` gives it; another one is `bad-query`. ' +
      'With a snapshot id in the URL the answer may then be cached for ever',
  }),
);

/** Ports to ask for. */
export const PORT = Type.String({
  default: 'any',
  description:
    'ports: `any`, `443` (TCP), `tcp`, `udp/53`, `tcp/8000-8100`, `tcp/http`; several by comma',
});

/** How rows are grouped. */
export const GROUP_BY_PARAMETER = word(['workload', 'pod', 'namespace'], {
  default: 'workload',
  description: 'one row for each workload, pod or namespace',
});

/** Values of {@link GROUP_BY_PARAMETER}. */
export const GROUP_BY: Readonly<Record<'workload' | 'pod' | 'namespace', GroupBy>> = {
  workload: 'WORKLOAD',
  pod: 'POD',
  namespace: 'NAMESPACE',
};

/** One direction of traffic. */
export const DIRECTION_PARAMETER = word(['ingress', 'egress'], {
  description: 'look at one direction only',
});

/** Values of {@link DIRECTION_PARAMETER}. */
export const DIRECTION: Readonly<Record<'ingress' | 'egress', Direction>> = {
  ingress: 'INGRESS',
  egress: 'EGRESS',
};

/** Refs that are left out. */
export const EXCLUDE = Type.Unsafe<readonly string[]>({
  ...many('refs whose pods, nodes and addresses are left out; repeat it for several'),
  default: [],
});

/** Whether rows allowed only by self or own-node traffic are listed. */
export const IMPLICIT = Type.Boolean({
  default: false,
  description: 'also list rows that only self or own-node traffic allows',
});

/** Questions of a batch in a URL. */
export const QUESTIONS = many(
  'a question as `from~to~port` or `from~to`; repeat it for several',
  HTTP_LIMITS.questionsPerGet,
);

/** How much of each answer of a batch. */
export const DETAIL = word(['verdict', 'full'], {
  default: 'verdict',
  description: 'the verdict alone, or the full explanation of each question',
});

/** What the objects of an upload are. */
export const SOURCE_PARAMETER = word(['live', 'manifests'], {
  description:
    '`live`: a dump of a running cluster, a kind that does not occur is unknown; `manifests`: ' +
    'what is given is all there is. Default: detected, and the answer says so',
});

/** What may be assumed of an upload. */
export const ASSUME = word(['no-policies'], {
  description: 'a live dump without NetworkPolicies means that there are none',
});

/** Formats a reader can ask for by name. */
const FORMAT = word([...formats.keys()], {
  default: 'json',
  description:
    '`ndjson` and `csv` stream a whole list; `dot` and `mermaid` draw what has ends; `text` and `md` are for people and not stable',
});

const FIELDS = Type.Optional(
  Type.String({ description: 'members to keep, comma separated; of a list, those of its items' }),
);

/** Parameters of a list. */
export const LIST_VIEW = {
  limit: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: HTTP_LIMITS.pageRowsMax,
      description: `rows of the page, ${HTTP_LIMITS.pageRowsDefault} unless told; 0 gives the counts alone`,
    }),
  ),
  cursor: Type.Optional(
    Type.String({ description: '`nextCursor` of the page before, with the same parameters' }),
  ),
};

/** Parameters of how an answer is shown. */
export const ANSWER_VIEW = { format: FORMAT, fields: FIELDS };

/** The query string of a route: `properties` and `engine`, nothing else. */
export function queryString<Properties extends TProperties>(
  properties: Properties,
): ReturnType<typeof Type.Object<Properties & { engine: typeof ENGINE }>> {
  return Type.Object({ ...properties, engine: ENGINE }, { additionalProperties: false });
}

/** Parameters of how a question is judged. */
const JUDGING = {
  dialect: Type.Optional(
    word<DialectName>([...DIALECT_NAMES], {
      description:
        'answer as this network plugin does, whatever the server is set to; part of `snapshot.engine`',
    }),
  ),
  'ignore-vendor-policies': Type.Optional(
    Type.Boolean({
      description:
        'answer as if there were no policies of kinds that are not evaluated; `assumptions` name them',
    }),
  ),
};

/** The query string of a question. */
export function questionString<Properties extends TProperties>(
  properties: Properties,
): ReturnType<typeof queryString<Properties & typeof JUDGING>> {
  return queryString({ ...properties, ...JUDGING });
}

/** A parameter that may be left out. */
export const optional = <Schema extends Parameters<typeof Type.Optional>[0]>(
  schema: Schema,
): TOptional<Schema> => Type.Optional(schema) as TOptional<Schema>;
