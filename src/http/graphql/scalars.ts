import { GraphQLError, Kind } from 'graphql';
import type { ValueNode } from 'graphql';
import { PodreachError } from '../../model/errors.ts';
import { toJson } from '../../render/wire.ts';
import { parseTime } from '../../service/snapshot-ref.ts';

/** How a scalar is read from variables and from the query, and written. */
interface Scalar {
  readonly serialize: (value: unknown) => unknown;
  readonly parseValue: (value: unknown) => unknown;
  readonly parseLiteral: (node: ValueNode) => unknown;
}

/** Scalars of schema.graphql. */
export const scalars: Readonly<Record<'PeerRef' | 'Port' | 'DateTime' | 'JSON', Scalar>> = {
  PeerRef: textScalar('bad-ref', 'a ref such as `shop/api`', (text) => text),
  Port: textScalar('bad-port', 'a port such as `tcp/443`', (text) => text),
  DateTime: textScalar('bad-query', 'a time such as 2026-08-01T00:00:00Z', (text) =>
    parseTime(text, 'time'),
  ),
  JSON: {
    serialize: toJson,
    parseValue: refuseJson,
    parseLiteral: refuseJson,
  },
};

/** A scalar that is text on the wire. */
function textScalar(
  code: 'bad-ref' | 'bad-port' | 'bad-query',
  example: string,
  read: (text: string) => unknown,
): Scalar {
  const parse = (value: unknown): unknown => {
    if (typeof value === 'string') return readOrRefuse(value, read);
    throw new GraphQLError(`expected text, ${example}`, { extensions: { code } });
  };
  return {
    serialize: (value) => value,
    parseValue: parse,
    parseLiteral: (node) => parse(node.kind === Kind.STRING ? node.value : undefined),
  };
}

function readOrRefuse(text: string, read: (text: string) => unknown): unknown {
  try {
    return read(text);
  } catch (error) {
    if (!(error instanceof PodreachError)) throw error;
    throw new GraphQLError(error.message, { extensions: { code: error.code } });
  }
}

function refuseJson(): never {
  throw new GraphQLError('JSON is only ever an answer', { extensions: { code: 'bad-query' } });
}
