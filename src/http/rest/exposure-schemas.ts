import { Type } from 'typebox';
import type { TObject, TProperties, TSchema } from 'typebox';
import { EXPOSURE_LEVELS } from '../../model/exposure.ts';
import { WAY_IN_TYPES } from '../../model/way-in.ts';
import { schemaRef as ref } from './model-schemas.ts';

/* The JSON form of exposure and effective rules, for the OpenAPI document: see `model-schemas.ts`. */

const text = (description: string): TSchema => Type.String({ description });
const count = (description: string): TSchema => Type.Integer({ minimum: 0, description });
const words = (values: readonly string[], description: string): TSchema =>
  Type.Unsafe({ type: 'string', enum: [...values], description });
const list = (item: TSchema, description: string): TSchema => Type.Array(item, { description });
const orNull = (schema: TSchema, description: string): TSchema =>
  Type.Union([schema, Type.Null()], { description });
const object = (id: string, description: string, properties: TProperties): TObject =>
  Type.Object(properties, { $id: id, description });
const labels = (description: string): TSchema =>
  Type.Record(Type.String(), Type.String(), { description });

const LEVEL = words(EXPOSURE_LEVELS, 'from where it can be reached at most');
const EFFECTIVE = words(['YES', 'CONDITIONAL', 'NO'], 'whether outside traffic gets in');
const PORTS = list(ref('PortRange'), 'allowed, canonical');
const UNDETERMINED = list(ref('PortRange'), 'of which it is not known');
const PORT_SETS = { ports: PORTS, undetermined: UNDETERMINED };

/** How many rows are at a level. */
const EXPOSURE_LEVEL_COUNT = object('ExposureLevelCount', 'how many rows are at a level', {
  level: LEVEL,
  count: count('rows'),
});

const PERMITTED = object('Permitted', 'what policies permit between pods and the internet', {
  class: words(
    ['OPEN', 'PORTS', 'RANGES', 'NONE', 'UNPOLICED', 'UNDETERMINED'],
    'of the most open pod',
  ),
  ...PORT_SETS,
  ranges: list(
    Type.Object({ peer: ref('Peer'), ...PORT_SETS }),
    'internet addresses with equal rights, at most 10; those without any are left out',
  ),
  rangeCount: count('how many such ranges there are'),
});

const ENTRY_PATH = object('EntryPath', 'something that brings outside traffic', {
  kind: words(WAY_IN_TYPES, 'how the traffic comes in'),
  via: Type.Object(
    {
      kind: text(
        '`Ingress`, `HTTPRoute`, `Route`, `Service`, or what owns the pods of a host port',
      ),
      namespace: text('its namespace'),
      name: text('its name'),
      host: Type.Optional(text('a leading `*.` for what ends so; absent: every host')),
    },
    { description: 'the object that brings it' },
  ),
  targets: list(ref('PortRange'), 'ports of the pod that it leads to'),
  ports: list(ref('PortRange'), 'those that are let in'),
  undetermined: UNDETERMINED,
  effective: EFFECTIVE,
  reasons: list(ref('Reason'), 'why it is not certain'),
});

const HYPOTHETICAL_REACH = object('HypotheticalReach', 'a pod that could be created', {
  namespace: orNull(Type.String(), 'where it has to be; null for any new namespace'),
  namespaceLabels: labels('labels the namespace needs besides its name'),
  podLabels: labels('its labels, and no others'),
  text: text('the same in a phrase'),
  admitted: list(ref('PortRange'), 'ports on which it is let in, or may be'),
  ports: list(ref('PortRange'), 'those that its own policies let out as well'),
  undetermined: UNDETERMINED,
});

const CLUSTER_EXPOSURE = object('ClusterExposure', 'from where inside the cluster', {
  entireCluster: list(ref('PortRange'), 'open to literally every pod there is or will be'),
  otherNamespaces: Type.Object(PORT_SETS, { description: 'for pods of other namespaces, today' }),
  ownNamespace: Type.Object(PORT_SETS, { description: 'for other pods of its namespace, today' }),
  hypothetical: list(ref('HypotheticalReach'), 'pods that could be created, at most 20'),
  hypotheticalCount: count('how many such pods there are'),
});

const EXPOSURE = object('Exposure', 'who is exposed, to what', {
  peer: ref('Peer'),
  rank: Type.Integer({
    minimum: 1,
    description: '1 is the most exposed of all that were asked for',
  }),
  level: LEVEL,
  policed: Type.Boolean({ description: 'false for hostNetwork pods: no policy applies to them' }),
  ingress: ref('Permitted'),
  egress: ref('Permitted'),
  entryPaths: list(ref('EntryPath'), 'what brings outside traffic'),
  effective: EFFECTIVE,
  cluster: ref('ClusterExposure'),
  reasons: list(ref('Reason'), 'what is not certain'),
  parts: Type.Optional(
    list(
      Type.Object({
        members: ref('OutcomeMembers'),
        level: LEVEL,
        ingress: ref('Permitted'),
        egress: ref('Permitted'),
        effective: EFFECTIVE,
      }),
      'only where pods differ, at most 10',
    ),
  ),
});

const SHADOW = object('Shadow', 'what decides a row before it is asked', {
  rules: list(ref('RuleRef'), 'earlier rules of admin and baseline policies'),
  policies: list(ref('ObjectRef'), 'NetworkPolicies that isolate'),
});

const EFFECTIVE_DEFAULT = object('EffectiveDefault', 'what becomes of what no rule speaks of', {
  isolated: orNull(Type.Boolean(), 'true: it is denied; null where it is not known'),
  policies: list(ref('ObjectRef'), 'NetworkPolicies that isolate'),
});

const EFFECTIVE_RULE = object('EffectiveRule', 'one row of the rules that hold for pods', {
  direction: words(['INGRESS', 'EGRESS'], 'direction of traffic'),
  position: Type.Integer({ minimum: 1, description: 'order in its direction and part' }),
  part: count('position of its pods in `parts`'),
  subject: ref('OutcomeMembers'),
  kind: words(
    ['SELF', 'RULE', 'LOCAL_NODE', 'UNDECIDABLE', 'ISOLATION', 'DEFAULT'],
    'what the row stands for',
  ),
  tier: orNull(
    words(['ADMIN', 'NETWORK_POLICY', 'BASELINE'], 'tier'),
    'null for what no tier says',
  ),
  action: words(['ALLOW', 'DENY', 'PASS', 'UNDETERMINED'], 'what it does; `PASS` leaves its tier'),
  peers: list(
    Type.Object({
      kind: words(
        ['EVERYONE', 'PODS', 'ADDRESSES', 'NODES', 'ITSELF', 'OWN_NODE', 'UNKNOWN'],
        'what is named',
      ),
      text: text('of `PODS` a ref that can be asked back'),
      negated: Type.Boolean({ description: 'everything but this' }),
      cidr: Type.Optional(text('only of `ADDRESSES`')),
      except: Type.Optional(list(Type.String(), 'cut out of `cidr`')),
    }),
    'any of these',
  ),
  ports: PORTS,
  portNames: list(Type.String(), 'names that are no numbers here: `tcp/http`'),
  contributors: list(ref('RuleRef'), 'every rule behind the row'),
  policies: list(ref('ObjectRef'), 'their policies, or those that isolate or are not known'),
  shadowedBy: orNull(ref('Shadow'), 'null when the row can decide something'),
  reason: orNull(ref('Reason'), 'why it is not certain that the row holds'),
});

const EFFECTIVE_PART = object('EffectivePart', 'pods with the same rows', {
  subject: ref('OutcomeMembers'),
  policed: Type.Boolean({ description: 'false for hostNetwork pods: no policy applies to them' }),
  ingress: Type.Optional(ref('EffectiveDefault')),
  egress: Type.Optional(ref('EffectiveDefault')),
});

/** A row of `exposure`. */
export const EXPOSURE_ROW = EXPOSURE;
/** A row of `effective`. */
export const EFFECTIVE_ROW = EFFECTIVE_RULE;

/** What a page of exposure has besides its rows. */
export const EXPOSURE_PAGE = {
  levels: list(ref('ExposureLevelCount'), 'rows by level, the most exposed first'),
};

/** What a page of effective rules has besides its rows. */
export const EFFECTIVE_PAGE = {
  peer: ref('Peer'),
  parts: list(ref('EffectivePart'), 'pods with the same rows, at most 100'),
  partCount: count('how many such parts there are'),
};

/** Every schema above that others refer to. */
export const EXPOSURE_SCHEMAS: readonly TObject[] = [
  EXPOSURE_LEVEL_COUNT,
  PERMITTED,
  ENTRY_PATH,
  HYPOTHETICAL_REACH,
  CLUSTER_EXPOSURE,
  EXPOSURE,
  SHADOW,
  EFFECTIVE_DEFAULT,
  EFFECTIVE_RULE,
  EFFECTIVE_PART,
];
