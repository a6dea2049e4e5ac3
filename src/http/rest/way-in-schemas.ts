import { Type } from 'typebox';
import type { TObject, TSchema } from 'typebox';
import { WAY_IN_TYPES } from '../../model/way-in.ts';
import { schemaRef } from './model-schemas.ts';

/*
 * The JSON form of ways in, for the OpenAPI document; see `model-schemas.ts`.
 */

const text = (description: string): TSchema => Type.String({ description });
const count = (description: string): TSchema => Type.Integer({ minimum: 0, description });
const list = (item: TSchema, description: string): TSchema => Type.Array(item, { description });
const words = (values: readonly string[], description: string): TSchema =>
  Type.Unsafe({ type: 'string', enum: [...values], description });
const orNull = (schema: TSchema, description: string): TSchema =>
  Type.Union([schema, Type.Null()], { description });

const VERDICT = words(
  ['ALLOWED', 'DENIED', 'PARTIAL', 'UNDETERMINED'],
  'whether what enters reaches its pods',
);

const VIA = Type.Object(
  {
    type: words(WAY_IN_TYPES, 'how the traffic comes in'),
    kind: text('Ingress, HTTPRoute, Route, Service, or what owns the pods of a host port'),
    namespace: text('its namespace'),
    name: text('its name'),
    host: Type.Optional(text('host name, `*.` for what ends so; absent: every host')),
    path: Type.Optional(
      text('`/api` and below, `=/api` for exactly this, `~…` a pattern; absent: every path'),
    ),
    port: orNull(
      Type.Integer({ minimum: 1, maximum: 65_535 }),
      'where it is listened on; null where the cluster has not decided yet',
    ),
    protocol: words(['TCP', 'UDP', 'SCTP'], 'protocol'),
    gateway: Type.Optional(
      Type.Object(
        {
          namespace: text('namespace of the Gateway'),
          name: text('its name'),
          listener: text('the listener; empty where none takes the route'),
        },
        { description: 'the Gateway that a route is attached to, or asks for' },
      ),
    ),
  },
  { $id: 'WayInVia', description: 'what brings traffic in, and which of its traffic' },
);

const CONTROLLER = Type.Object(
  {
    found: words(
      ['CONFIGURED', 'GATEWAY_LABEL', 'KNOWN_NAME', 'OUTSIDE', 'ASSUMED'],
      'how it was found: by a setting, by the label of its Gateway, by what it is known by; ' +
        '`OUTSIDE`: no pod at all; `ASSUMED`: not found, some pod that the snapshot does not have',
    ),
    peers: list(schemaRef('Peer'), 'its pods by workload, at most ten'),
    className: Type.Optional(text('the IngressClass or GatewayClass')),
    controller: Type.Optional(text('what that class says its controller is')),
  },
  { $id: 'WayInController', description: 'who passes the traffic on' },
);

const BACKEND = Type.Object(
  {
    kind: text('Service, another kind with its group, or what owns the pods of a host port'),
    namespace: text('its namespace'),
    name: text('its name'),
    peer: orNull(schemaRef('Peer'), 'null where there is no such thing'),
    port: Type.Optional(
      Type.Union([Type.Integer(), Type.String()], {
        description: 'as the object names it; absent: every port',
      }),
    ),
    targets: list(schemaRef('PortRange'), 'ports of the pods'),
    podCount: count('pods and other endpoints behind it'),
  },
  { $id: 'WayInBackend', description: 'where the traffic goes' },
);

const LEG = Type.Object(
  {
    leg: words(['ENTRY', 'BACKEND'], 'from outside to the controller, or to the pods'),
    from: orNull(schemaRef('Peer'), 'null where the source is not in the snapshot'),
    to: orNull(schemaRef('Peer'), 'null where there is no such thing'),
    verdict: VERDICT,
    ports: list(schemaRef('PortRange'), 'ports on which some of it is allowed'),
    because: list(schemaRef('RuleRef'), 'rules that allow it, at most ten'),
    becauseCount: count('all rules that allow it'),
    blockedBy: list(schemaRef('ObjectRef'), 'policies that stop it or some of it, at most ten'),
    clients: Type.Optional(
      list(
        Type.Object({ from: schemaRef('Peer'), verdict: VERDICT }),
        'where outside addresses differ: those that are or may be let in',
      ),
    ),
    reasons: list(schemaRef('Reason'), 'why, by stable codes'),
  },
  { $id: 'WayInLeg', description: 'one connection of a way in' },
);

const COUNTS = Type.Object(
  {
    allowed: count('ways that reach their pods'),
    denied: count('ways that do not'),
    partial: count('ways that reach some of them, or from some addresses'),
    undetermined: count('ways that may'),
  },
  { $id: 'WayInCounts', description: 'rows by verdict' },
);

/** A row of `ways-in`. */
export const WAY_IN_ROW = Type.Object(
  {
    via: schemaRef('WayInVia'),
    verdict: VERDICT,
    addresses: list(Type.String(), 'addresses and host names as published'),
    controller: orNull(schemaRef('WayInController'), 'null where nobody stands between'),
    backend: orNull(schemaRef('WayInBackend'), 'null where nothing is behind it'),
    legs: list(schemaRef('WayInLeg'), 'connections in their order; none where it is not attached'),
    reasons: list(schemaRef('Reason'), 'why, by stable codes'),
  },
  { $id: 'WayIn', description: 'a way in, and whether it reaches its pods' },
);

/** Every schema above that others refer to. */
export const WAY_IN_SCHEMAS: readonly TObject[] = [
  VIA,
  CONTROLLER,
  BACKEND,
  LEG,
  COUNTS,
  WAY_IN_ROW,
];
