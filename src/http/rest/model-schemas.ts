import { Type } from 'typebox';
import type { TObject, TProperties, TRef, TSchema } from 'typebox';

/*
 * The JSON form of answers, for the OpenAPI document. Members that may be absent are optional; what
 * is null when it is not known says so. Answers are written by `render/wire.ts` and never filtered
 * by these schemas.
 */

const text = (description: string): TSchema => Type.String({ description });
const time = (description: string): TSchema => Type.String({ format: 'date-time', description });
const count = (description: string): TSchema => Type.Integer({ minimum: 0, description });
const flag = (description: string): TSchema => Type.Boolean({ description });
const words = (values: readonly string[], description: string): TSchema =>
  Type.Unsafe({ type: 'string', enum: [...values], description });
const list = (item: TSchema, description: string): TSchema => Type.Array(item, { description });
const orNull = (schema: TSchema, description: string): TSchema =>
  Type.Union([schema, Type.Null()], { description });
const maybe = (schema: TSchema): TSchema => Type.Optional(schema);
const ref = (name: string): TRef => Type.Ref(`${name}#`);
const object = (id: string, description: string, properties: TProperties): TObject =>
  Type.Object(properties, { $id: id, description });

/** Reference to a schema by its name. */
export const schemaRef = ref;

const VERDICT = words(
  ['ALLOWED', 'DENIED', 'PARTIAL', 'UNDETERMINED'],
  'what is said of all cases of the question together',
);
const DIRECTION = words(['INGRESS', 'EGRESS'], 'direction of traffic, seen from the subject');
const EFFECT = words(
  ['ADMITS', 'DOES_NOT_ADMIT', 'ACCEPT', 'DENY', 'PASS', 'NOT_APPLICABLE', 'UNDECIDABLE'],
  'what it did with the connection',
);
const TIER = words(['ADMIN', 'NETWORK_POLICY', 'BASELINE'], 'tier of the policy');
const STATUS = words(['COMPLETE', 'PARTIAL', 'ABSENT', 'FORBIDDEN'], 'how much of it there is');
const PORTS = list(ref('PortRange'), 'canonical: sorted and merged');
const REASONS = list(ref('Reason'), 'why, by stable codes');

const PEER = object('Peer', 'one end of an answer', {
  key: text('unique in the snapshot'),
  ref: text('can be asked back as it is'),
  kind: text('Pod, Deployment, Service, Namespace, Node, PodSet, AddressRange, or any owner kind'),
  namespace: maybe(text('absent for what is in no namespace')),
  name: maybe(text('absent for sets of pods and addresses')),
  uid: maybe(text('uid of the object, when the input had one')),
  labels: maybe(
    Type.Record(Type.String(), Type.String(), { description: 'labels that all its pods share' }),
  ),
  podCount: maybe(count('pods it stands for; absent when that is not known')),
  cidrs: maybe(list(Type.String(), 'CIDRs of an address range, the fewest')),
});

const PORT_RANGE = object('PortRange', 'ports from one number to another, both included', {
  protocol: words(['TCP', 'UDP', 'SCTP'], 'protocol'),
  from: Type.Integer({ minimum: 1, maximum: 65_535, description: 'first port' }),
  to: Type.Integer({ minimum: 1, maximum: 65_535, description: 'last port' }),
});

const OBJECT_REF = object('ObjectRef', 'a Kubernetes object', {
  apiVersion: text('API version'),
  kind: text('kind'),
  namespace: maybe(text('absent for cluster-scoped objects')),
  name: text('name'),
  uid: maybe(text('uid, when the input had one')),
});

const RULE_REF = object('RuleRef', 'a rule in the manifest of its author', {
  policy: ref('ObjectRef'),
  direction: DIRECTION,
  pointer: text('JSON pointer into the policy: `/spec/ingress/0/from/1`'),
  index: count('zero-based index of the rule in its direction'),
  file: maybe(text('file it was read from')),
  line: maybe(Type.Integer({ minimum: 1, description: 'line in the file' })),
});

const MISSING_FACT = object('MissingFact', 'a kind that the snapshot lacks', {
  apiVersion: text('API version'),
  kind: text('kind'),
  namespace: maybe(text('absent: everywhere')),
  status: STATUS,
});

const REASON = object('Reason', 'a stable code and what it means here', {
  code: text('upper snake case; documented one by one'),
  message: text('for people'),
  docs: maybe(text('page about the code, relative to the base path; not in rows of lists')),
  missing: maybe(list(ref('MissingFact'), 'only with `MISSING_KIND`')),
});

const ASSUMPTION = object('Assumption', 'taken for granted, or what would change the verdict', {
  code: text('upper snake case; documented one by one'),
  message: text('for people'),
  docs: text('page about the code, relative to the base path'),
  option: maybe(text('option of the dialect that would change the verdict')),
  value: maybe(
    Type.Union([Type.String(), Type.Boolean(), Type.Null()], {
      description: 'the value with which it would',
    }),
  ),
  verdict: maybe(VERDICT),
});

const KIND_COVERAGE = object('KindCoverage', 'how much of one kind the snapshot has', {
  apiVersion: text('API version'),
  kind: text('kind'),
  status: STATUS,
  count: count('objects of this kind'),
  namespaces: list(Type.String(), 'with `PARTIAL`: the namespaces that are covered'),
});

const SNAPSHOT_HEADER = object('SnapshotHeader', 'the snapshot that an answer is about', {
  id: text('id of the snapshot'),
  digest: text('of its content: equal digests, equal answers'),
  cluster: text('name of the cluster'),
  takenAt: time('when the objects were read'),
  engine: text('version and options of the engine that answered'),
  coverage: list(ref('KindCoverage'), 'what the snapshot has of each kind'),
});

const INPUT_PROBLEM = object('InputProblem', 'something of the input that readers must know', {
  severity: words(['error', 'warning', 'info'], 'how bad it is'),
  code: text('upper snake case'),
  object: text('`NetworkPolicy shop/allow-web`'),
  namespace: maybe(text('whose verdicts it could change; absent: the whole cluster')),
  path: text('field of the object; empty for the whole object'),
  message: text('for people'),
  affectsVerdicts: flag('whether repairing it could change a verdict'),
  file: maybe(text('file')),
  line: maybe(Type.Integer({ minimum: 1, description: 'line in the file' })),
});

const DECIDED_BY = object('DecidedBy', 'what decided a leg', {
  kind: words(
    [
      'RULE',
      'ISOLATION',
      'DEFAULT',
      'SELF',
      'LOCAL_NODE',
      'EXTERNAL',
      'AMBIGUOUS',
      'UNDETERMINED',
      'HIDDEN',
    ],
    'what it was',
  ),
  short: text('in a few words'),
  rule: maybe(ref('RuleRef')),
  tier: maybe(TIER),
  action: maybe(text('what the rule does')),
  policies: maybe(list(ref('ObjectRef'), 'policies that isolate')),
});

const MATCH = words(['YES', 'NO', 'MAYBE'], 'whether it holds what was asked');

const PEER_ENTRY = object('PeerEntry', 'one entry of the peers of a rule', {
  pointer: text('JSON pointer in the policy'),
  match: MATCH,
  reason: ref('Reason'),
});

const PORT_ENTRY = object('PortEntry', 'one entry of the ports of a rule', {
  pointer: text('JSON pointer in the policy'),
  match: MATCH,
  ports: list(ref('PortRange'), 'all it stands for on the destination, asked or not'),
  reason: ref('Reason'),
});

const PASSED_BY = object('PassedBy', 'a rule that handed ports on to the next tier', {
  rule: ref('RuleRef'),
  tier: TIER,
  ports: list(ref('PortRange'), 'asked ports that it passed'),
});

const RULE_EFFECT = object('RuleEffect', 'one rule and what it did', {
  rule: ref('RuleRef'),
  effect: EFFECT,
  ports: list(ref('PortRange'), 'asked ports that it admits, or would if the peer matched'),
  reason: ref('Reason'),
  peerEntries: orNull(list(ref('PeerEntry'), 'each peer'), 'null: no list, it is about everyone'),
  portEntries: orNull(list(ref('PortEntry'), 'each port'), 'null: no list, it is about all ports'),
});

const POLICY_EFFECT = object('PolicyEffect', 'one policy that selects the subject', {
  policy: ref('ObjectRef'),
  tier: TIER,
  effect: EFFECT,
  rules: list(ref('RuleEffect'), 'each rule of this direction'),
  reason: ref('Reason'),
});

const NEAR_MISS = object('NearMiss', 'a rule that nearly matched', {
  rule: ref('RuleRef'),
  peerMatch: flag('whether the peer matches'),
  portMatch: flag('whether the port matches'),
  why: text('the first requirement that failed'),
});

const LEG = object('Leg', 'egress of the source, or ingress of the destination', {
  direction: DIRECTION,
  subject: ref('Peer'),
  isolated: orNull(Type.Boolean(), 'null where policies are not covered'),
  isolatedBy: list(ref('ObjectRef'), 'the policies that isolate it'),
  verdict: VERDICT,
  decidedBy: ref('DecidedBy'),
  alsoAllowedBy: list(ref('RuleRef'), 'further rules that allow it'),
  passed: list(ref('PassedBy'), 'what cluster policies passed, in order'),
  nearest: list(ref('NearMiss'), 'rules that nearly matched, the nearest first'),
  policies: list(ref('PolicyEffect'), 'every policy that selects the subject'),
});

const OUTCOME_MEMBERS = object('OutcomeMembers', 'members of a group that share an outcome', {
  count: count('how many'),
  nodes: list(ref('Peer'), 'at most ten of them'),
});

const OUTCOME = object('Outcome', 'one distinct outcome of a question', {
  verdict: VERDICT,
  family: orNull(words(['IPV4', 'IPV6'], 'address family'), 'null where addresses are not known'),
  from: ref('OutcomeMembers'),
  to: ref('OutcomeMembers'),
  allowed: PORTS,
  denied: PORTS,
  undetermined: PORTS,
  legs: maybe(
    list(ref('Leg'), 'egress of the source, then ingress of the destination; not in lists'),
  ),
  reasons: REASONS,
});

const SERVICE_RESOLUTION = object('ServiceResolution', 'how ports of a Service are translated', {
  service: ref('Peer'),
  ports: list(
    Type.Object({
      name: maybe(text('name of the port')),
      protocol: text('protocol'),
      port: count('port of the Service'),
      targets: list(
        Type.Object({ port: count('port of the pods'), podCount: count('pods behind it') }),
        'ports of the pods behind it',
      ),
    }),
    'ports of the Service',
  ),
});

const VERDICT_COUNTS = object('VerdictCounts', 'rows by verdict; denied pairs are never rows', {
  allowed: count('rows that are allowed'),
  partial: count('rows that are allowed in part'),
  undetermined: count('rows that may be allowed'),
});

const REACH = object('Reach', 'one pair that is or may be allowed', {
  from: ref('Peer'),
  to: ref('Peer'),
  verdict: VERDICT,
  ports: list(ref('PortRange'), 'ports on which it is allowed'),
  undetermined: list(ref('PortRange'), 'ports on which it may be allowed'),
  implicit: orNull(
    words(['SELF', 'LOCAL_NODE'], 'why'),
    'set when only self or own-node traffic allows it',
  ),
  because: list(ref('RuleRef'), 'rules that allow it, at most ten'),
  becauseCount: count('all rules that allow it'),
  reasons: REASONS,
  parts: maybe(list(ref('Outcome'), 'where pods of a group differ, at most ten')),
  splitBy: maybe(
    Type.Object(
      { label: text('key of the label') },
      { description: 'the label that tells the parts apart' },
    ),
  ),
  podPairs: count('pairs of pods behind the row'),
  hops: maybe(count('connections in a row; only with `maxHops` over 1')),
  via: maybe(
    list(
      ref('WayInVia'),
      'only in `who-can-reach`, where the source brings outside traffic to the target: what for, at most ten',
    ),
  ),
});

const DIRECTION_ISOLATION = object('DirectionIsolation', 'isolation in one direction', {
  isolated: orNull(Type.Boolean(), 'true when every pod is isolated; null where it is not known'),
  policies: list(ref('ObjectRef'), 'NetworkPolicies that isolate, and those that may'),
  protected: orNull(
    Type.Boolean(),
    'true when every pod is isolated, or an admin or baseline policy denies it something',
  ),
  clusterPolicies: list(ref('ObjectRef'), 'admin and baseline policies that speak here'),
});

const ISOLATION = object('Isolation', 'whether a peer is isolated', {
  peer: ref('Peer'),
  ingress: ref('DirectionIsolation'),
  egress: ref('DirectionIsolation'),
  policed: flag('false for hostNetwork pods: no policy applies to them'),
});

const PATH_MEMBERS: TProperties = {
  verdict: VERDICT,
  vacuous: flag('no case existed: the verdict is about an empty question'),
  from: ref('Peer'),
  to: ref('Peer'),
  askedText: text('the ports as asked'),
  asked: PORTS,
  allowed: list(ref('PortRange'), 'allowed in at least one case'),
  denied: list(ref('PortRange'), 'denied in at least one case'),
  undetermined: list(ref('PortRange'), 'undetermined in at least one case'),
  outcomes: maybe(list(ref('Outcome'), 'one per distinct outcome, worst first; not with verdicts')),
  legs: maybe(list(ref('Leg'), 'legs of the first outcome')),
  resolution: maybe(ref('ServiceResolution')),
  reasons: REASONS,
  assumptions: maybe(
    list(ref('Assumption'), 'what was assumed, and what other dialects would answer'),
  ),
  problems: maybe(list(ref('InputProblem'), 'problems of the snapshot that could change it')),
  text: maybe(text('a paragraph to paste into a ticket')),
};

/** Members of a path, with the header of its snapshot first. */
export const PATH = object('Path', 'can A reach B, and why (not)', {
  snapshot: ref('SnapshotHeader'),
  ...PATH_MEMBERS,
});

/** The same in a batch, which has one snapshot for all. */
export const PATH_OF_BATCH = object('PathOfBatch', 'can A reach B: one of a batch', PATH_MEMBERS);

/** A row of the reach lists. */
export const REACH_ROW = REACH;
/** A row of `isolation`. */
export const ISOLATION_ROW = ISOLATION;

/** A row of `policies`. */
export const POLICY_ROW = object('PolicySummary', 'a policy and what it selects today', {
  policy: ref('ObjectRef'),
  tier: TIER,
  directions: list(DIRECTION, 'directions in which it speaks'),
  subject: text('the pods it is about, as a ref'),
  selects: Type.Object(
    { podCount: count('pods'), peers: list(ref('Peer'), 'workloads, at most 100') },
    { description: 'what it selects' },
  ),
  ruleCounts: Type.Object(
    { ingress: count('ingress rules'), egress: count('egress rules') },
    { description: 'how many rules it has' },
  ),
  evaluated: flag('false when its effect is not known'),
  reason: maybe(ref('Reason')),
  spec: Type.Unknown({ description: 'its spec, as far as it is kept' }),
  file: maybe(text('file it was read from')),
  line: maybe(Type.Integer({ minimum: 1, description: 'line in the file' })),
});

/** A row of `resolve`. */
export const MEMBER_ROW = PEER;

/** Every schema above that others refer to. */
export const MODEL_SCHEMAS: readonly TObject[] = [
  PEER,
  PORT_RANGE,
  OBJECT_REF,
  RULE_REF,
  MISSING_FACT,
  REASON,
  ASSUMPTION,
  KIND_COVERAGE,
  SNAPSHOT_HEADER,
  INPUT_PROBLEM,
  DECIDED_BY,
  PEER_ENTRY,
  PORT_ENTRY,
  PASSED_BY,
  RULE_EFFECT,
  POLICY_EFFECT,
  NEAR_MISS,
  LEG,
  OUTCOME_MEMBERS,
  OUTCOME,
  SERVICE_RESOLUTION,
  VERDICT_COUNTS,
  REACH,
  DIRECTION_ISOLATION,
  ISOLATION,
  PATH,
  PATH_OF_BATCH,
  POLICY_ROW,
];
