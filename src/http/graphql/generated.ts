// Generated from schema.graphql by `npm run codegen`: not to be edited.
import type { GraphQLResolveInfo, GraphQLScalarType, GraphQLScalarTypeConfig } from 'graphql';
import type { ClusterInfo, SnapshotInfo } from '../../service/podreach.ts';
import type { Problem as ProblemModel } from '../../model/snapshot.ts';
import type { Peer as PeerModel } from '../../model/peer.ts';
import type { Reason as ReasonModel, Path as PathModel, Assumption as AssumptionModel, Outcome as OutcomeModel, Leg as LegModel, DecidedBy as DecidedByModel, Reach as ReachModel, Isolation as IsolationModel, PolicySummary } from '../../model/answer.ts';
import type { Exposure as ExposureModel, Permitted as PermittedModel, EntryPath as EntryPathModel, EntryVia as EntryViaModel, HypotheticalReach as HypotheticalReachModel, ExposurePart as ExposurePartModel } from '../../model/exposure.ts';
import type { EffectiveRule as EffectiveRuleModel, EffectivePart as EffectivePartModel, EffectivePeer as EffectivePeerModel } from '../../model/effective.ts';
import type { WayIn as WayInModel, WayInVia as WayInViaModel, WayInController as WayInControllerModel, WayInBackend as WayInBackendModel, WayInLeg as WayInLegModel } from '../../model/way-in.ts';
import type { QuestionErrorModel } from './question-error.ts';
import type { ClusterPage, SnapshotPage, ProblemPage, PeerPage, ReachPage, IsolationPage, ExposurePage, EffectivePage, PolicyPage, WayInPage } from './connection.ts';
import type { GraphqlContext } from './context.ts';
export type Maybe<T> = T | null;
export type InputMaybe<T> = Maybe<T>;
export type Omit<T, K extends keyof T> = Pick<T, Exclude<keyof T, K>>;
export type RequireFields<T, K extends keyof T> = Omit<T, K> & { [P in K]-?: T[P] };
/** All built-in and custom scalars, mapped to their actual values */
export type Scalars = {
  ID: { input: string; output: string; }
  String: { input: string; output: string; }
  Boolean: { input: boolean; output: boolean; }
  Int: { input: number; output: number; }
  Float: { input: number; output: number; }
  /**
   * One end of a connection: `shop/api`, `shop/deploy/api`, `shop/svc/api`, `shop/*`, `shop?app=api`,
   * `{team=pay}?app=api`, `node/worker-1`, `10.0.0.0/8`, `internet`.
   */
  PeerRef: { input: string; output: string; }
  /**
   * Ports to ask for: `any`, `443` (TCP), `tcp`, `udp/53`, `tcp/8000-8100`, `tcp/http`; several are
   * separated by commas.
   */
  Port: { input: string; output: string; }
  /** A time in ISO 8601, with its zone. */
  DateTime: { input: Date; output: string; }
  /** Any JSON value. */
  JSON: { input: unknown; output: unknown; }
};

/** What is said of all cases of a question together: every pair of pods, address family and port. */
export type Verdict =
  /** Every case is allowed. */
  | 'ALLOWED'
  /** Every case is denied. */
  | 'DENIED'
  /** At least one case is allowed and one denied. */
  | 'PARTIAL'
  /** A named fact is missing, or the specification leaves it open. */
  | 'UNDETERMINED';

/** What one row of a list stands for. */
export type GroupBy =
  /** One row for each pod. */
  | 'POD'
  /** One row for each workload; a pod without an owner is its own. */
  | 'WORKLOAD'
  /** One row for each namespace. */
  | 'NAMESPACE';

/** Why a row is left out of lists unless it is asked for. */
export type Implicit =
  /** Only because a pod always reaches itself. */
  | 'SELF'
  /** Only because a pod and its own node always reach each other. */
  | 'LOCAL_NODE';

/** Address family. */
export type IpFamily =
  /** IPv4. */
  | 'IPV4'
  /** IPv6. */
  | 'IPV6';

/** Direction of traffic, seen from the subject. */
export type Direction =
  /** Traffic that the subject receives. */
  | 'INGRESS'
  /** Traffic that the subject sends. */
  | 'EGRESS';

/** A network plugin: what it does other than the default of podreach. */
export type Dialect =
  /** What the API and its tests say; the default. */
  | 'UPSTREAM'
  /** Calico. */
  | 'CALICO'
  /** Cilium. */
  | 'CILIUM'
  /** Antrea. */
  | 'ANTREA'
  /** OpenShift, with OVN-Kubernetes. */
  | 'OPENSHIFT'
  /** The VPC CNI of AWS. */
  | 'AWS'
  /** kube-router. */
  | 'KUBE_ROUTER';

/** Where the objects of a snapshot came from. */
export type SnapshotSource =
  /** A dump of a running cluster: a kind that does not occur is unknown. */
  | 'LIVE'
  /** Files somebody wrote: what is given is all there is. */
  | 'MANIFESTS';

/** How much of a kind a snapshot has. */
export type CoverageStatus =
  /** All of it. */
  | 'COMPLETE'
  /** The namespaces that are named. */
  | 'PARTIAL'
  /** Nothing: the kind was not in the dump. */
  | 'ABSENT'
  /** Nothing: whoever made the dump may not read the kind. */
  | 'FORBIDDEN';

/** What a policy or a rule did with a connection. */
export type Effect =
  /** It admits it. */
  | 'ADMITS'
  /** It does not admit it; another policy may. */
  | 'DOES_NOT_ADMIT'
  /** It accepts it, and no later tier is asked. */
  | 'ACCEPT'
  /** It denies it, and no later tier is asked. */
  | 'DENY'
  /** It leaves it to the next tier. */
  | 'PASS'
  /** It says nothing about it. */
  | 'NOT_APPLICABLE'
  /** What it does cannot be known from the snapshot. */
  | 'UNDECIDABLE';

/** Tier of a policy; they are asked in this order. */
export type Tier =
  /** Policies of the cluster's administrators. */
  | 'ADMIN'
  /** NetworkPolicies; they add up. */
  | 'NETWORK_POLICY'
  /** Defaults of the cluster's administrators. */
  | 'BASELINE';

/** What decided a leg. */
export type DecidedByKind =
  /** A rule allowed or denied it. */
  | 'RULE'
  /** The subject is isolated and nothing admits it. */
  | 'ISOLATION'
  /** No policy speaks of it: allowed. */
  | 'DEFAULT'
  /** A pod always reaches itself. */
  | 'SELF'
  /** A pod and its own node always reach each other. */
  | 'LOCAL_NODE'
  /** The end is outside of the cluster: no policy of the cluster applies to it. */
  | 'EXTERNAL'
  /** Equal priorities disagree. */
  | 'AMBIGUOUS'
  /** Nothing that is known decides it. */
  | 'UNDETERMINED'
  /** Policies of namespaces that you may not read; only the verdict is told. */
  | 'HIDDEN';

/** From where pods can be reached at most; the order of the ranked list. */
export type ExposureLevel =
  /** The internet gets in. */
  | 'INTERNET'
  /** The internet may get in: that hangs on something the snapshot cannot say. */
  | 'INTERNET_CONDITIONAL'
  /** Policies would let the internet in, and nothing brings it there. */
  | 'INTERNET_PERMITTED'
  /** Policies may let the internet in. */
  | 'INTERNET_UNDETERMINED'
  /** Rules are open to every pod there is or will be, or nothing closes them. */
  | 'ENTIRE_CLUSTER'
  /** Pods of other namespaces, of today or yet to be created. */
  | 'OTHER_NAMESPACES'
  /** Pods of their own namespace. */
  | 'OWN_NAMESPACE'
  /** Nobody but themselves and their nodes. */
  | 'NONE';

/** How much of the internet policies let in, or let out. */
export type PermittedClass =
  /** Every address, every port. */
  | 'OPEN'
  /** Every address, some ports. */
  | 'PORTS'
  /** Some addresses. */
  | 'RANGES'
  /** No address. */
  | 'NONE'
  /** No policy applies: the pods are their node. */
  | 'UNPOLICED'
  /** A fact that is missing decides. */
  | 'UNDETERMINED';

/** Whether outside traffic gets in. */
export type Effective =
  /** It does, from some address on some port. */
  | 'YES'
  /** That hangs on something the snapshot cannot say. */
  | 'CONDITIONAL'
  /** It does not. */
  | 'NO';

/** What a row of effective rules stands for. */
export type EffectiveKind =
  /** A pod always reaches itself. */
  | 'SELF'
  /** Rules of policies. */
  | 'RULE'
  /** The node of the pod always reaches it. */
  | 'LOCAL_NODE'
  /** Policies that may decide here, and whose effect is not known. */
  | 'UNDECIDABLE'
  /** What NetworkPolicies close. */
  | 'ISOLATION'
  /** Nobody decided. */
  | 'DEFAULT';

/** What a row of effective rules does with what reaches it. */
export type EffectiveAction =
  /** Allows it. */
  | 'ALLOW'
  /** Denies it. */
  | 'DENY'
  /** Leaves it to the next tier. */
  | 'PASS'
  /** Nobody knows. */
  | 'UNDETERMINED';

/** What a row of effective rules names as the other side. */
export type EffectivePeerKind =
  /** Everyone. */
  | 'EVERYONE'
  /** Pods, as a ref. */
  | 'PODS'
  /** Addresses. */
  | 'ADDRESSES'
  /** Nodes, by labels. */
  | 'NODES'
  /** The pod itself. */
  | 'ITSELF'
  /** The node that the pod runs on. */
  | 'OWN_NODE'
  /** What no snapshot can tell, such as host names. */
  | 'UNKNOWN';

/** How much a problem of the input matters. */
export type ProblemSeverity =
  /** Something could not be used. */
  | 'ERROR'
  /** Something may not be meant. */
  | 'WARNING'
  /** Something to know. */
  | 'INFO';

/** Transport protocol. */
export type Protocol =
  /** TCP. */
  | 'TCP'
  /** UDP. */
  | 'UDP'
  /** SCTP. */
  | 'SCTP';

/** Questions; each is answered about one snapshot. */
export type Query = {
  /** Anything with a global id; null when there is none (any more). */
  readonly node?: Maybe<Node>;
  /** All clusters by name. */
  readonly clusters: ClusterConnection;
  /** One cluster; an error `cluster-not-found` when there is none of this name. */
  readonly cluster?: Maybe<Cluster>;
  /** One snapshot; an error `snapshot-not-found` when there is none. */
  readonly snapshot?: Maybe<Snapshot>;
};


/** Questions; each is answered about one snapshot. */
export type QueryNodeArgs = {
  id: Scalars['ID']['input'];
};


/** Questions; each is answered about one snapshot. */
export type QueryClustersArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
};


/** Questions; each is answered about one snapshot. */
export type QueryClusterArgs = {
  name: Scalars['String']['input'];
};


/** Questions; each is answered about one snapshot. */
export type QuerySnapshotArgs = {
  ref: Scalars['String']['input'];
  dialect?: InputMaybe<Dialect>;
  ignoreVendorPolicies?: InputMaybe<Scalars['Boolean']['input']>;
};

/** Changes of what is stored. */
export type Mutation = {
  /** Takes in the objects of a cluster; content that the latest snapshot has already gives that one. */
  readonly ingest: Snapshot;
  /** Deletes a snapshot. True; an error when there is none. */
  readonly deleteSnapshot: Scalars['Boolean']['output'];
};


/** Changes of what is stored. */
export type MutationIngestArgs = {
  cluster: Scalars['String']['input'];
  manifest: Scalars['String']['input'];
  takenAt?: InputMaybe<Scalars['DateTime']['input']>;
  source?: InputMaybe<SnapshotSource>;
  assumeNoPolicies?: InputMaybe<Scalars['Boolean']['input']>;
  strict?: InputMaybe<Scalars['Boolean']['input']>;
  unknownFields?: InputMaybe<UnknownFields>;
  strictCIDR?: InputMaybe<Scalars['Boolean']['input']>;
  invalidPolicy?: InputMaybe<InvalidPolicy>;
};


/** Changes of what is stored. */
export type MutationDeleteSnapshotArgs = {
  id: Scalars['ID']['input'];
};

/** What is told as it happens: over a WebSocket at the same URL, with the protocol `graphql-transport-ws`. */
export type Subscription = {
  /** Each snapshot that is added, whichever way; questions below it are answered about that snapshot. */
  readonly snapshotAdded: Snapshot;
};


/** What is told as it happens: over a WebSocket at the same URL, with the protocol `graphql-transport-ws`. */
export type SubscriptionSnapshotAddedArgs = {
  cluster?: InputMaybe<Scalars['String']['input']>;
};

/** What becomes of fields that NetworkPolicies do not have. */
export type UnknownFields =
  /** They are errors, as for a client that validates strictly. */
  | 'ERROR'
  /** They are dropped with a warning, as by a server that only warns. */
  | 'PRUNE';

/** What becomes of policies that an API server would refuse. */
export type InvalidPolicy =
  /** Those of manifests have no effect, those of a dump an unknown one. */
  | 'EXCLUDE'
  /** The upload is refused. */
  | 'STRICT';

/** Anything with a global id. */
export type Node = {
  /** Global id, for `node(id)`. */
  readonly id: Scalars['ID']['output'];
};

/** A cluster: small, the thing to poll. */
export type Cluster = Node & {
  /** Global id. */
  readonly id: Scalars['ID']['output'];
  /** Its name. */
  readonly name: Scalars['String']['output'];
  /** The snapshot with the greatest `takenAt`. */
  readonly latest?: Maybe<Snapshot>;
  /** When it was last ingested, unchanged content included. */
  readonly lastSeenAt: Scalars['DateTime']['output'];
  /** Its snapshots, the newest first. */
  readonly snapshots: SnapshotConnection;
};


/** A cluster: small, the thing to poll. */
export type ClusterSnapshotsArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
};

/** A page of clusters. */
export type ClusterConnection = {
  /** Rows with their cursors. */
  readonly edges: ReadonlyArray<ClusterEdge>;
  /** Rows. */
  readonly nodes: ReadonlyArray<Cluster>;
  /** Where the page is. */
  readonly pageInfo: PageInfo;
  /** Rows of all pages. */
  readonly totalCount: Scalars['Int']['output'];
};

/** A cluster in a page. */
export type ClusterEdge = {
  /** Place of the row. */
  readonly cursor: Scalars['String']['output'];
  /** The row. */
  readonly node: Cluster;
};

/** Immutable. Every question hangs off it, so one response is one consistent state. */
export type Snapshot = Node & {
  /** Global id. */
  readonly id: Scalars['ID']['output'];
  /** The id that REST, `snapshot(ref)` and the command line use: `s_…`. */
  readonly ref: Scalars['String']['output'];
  /** Of the content: equal digests, equal answers. */
  readonly digest: Scalars['String']['output'];
  /** The cluster it was seen in. */
  readonly cluster: Cluster;
  /** When the objects were read. */
  readonly takenAt: Scalars['DateTime']['output'];
  /** When it was stored. */
  readonly ingestedAt: Scalars['DateTime']['output'];
  /** Where the objects came from. */
  readonly source: SnapshotSource;
  /** Whether `source` was detected rather than told. */
  readonly sourceDetected: Scalars['Boolean']['output'];
  /** What the ingest was told to assume. */
  readonly assumptions: ReadonlyArray<Scalars['String']['output']>;
  /** Version and options of the engine that answers. */
  readonly engine: Scalars['String']['output'];
  /** Whether it is kept. */
  readonly stored: Scalars['Boolean']['output'];
  /** Objects per kind. */
  readonly counts: ReadonlyArray<KindCount>;
  /** What it has of each kind. */
  readonly coverage: ReadonlyArray<KindCoverage>;
  /** What is missing and the command that fixes it. */
  readonly hint?: Maybe<Scalars['String']['output']>;
  /** What readers of its answers must know. */
  readonly problems: ProblemConnection;
  /** What a ref stands for: its members. */
  readonly resolve?: Maybe<PeerConnection>;
  /** Can one end reach the other, and why (not). */
  readonly path?: Maybe<Path>;
  /** Many such questions at once, answered in their order. */
  readonly paths?: Maybe<ReadonlyArray<PathAnswer>>;
  /** Who may open a connection to a target. */
  readonly whoCanReach?: Maybe<ReachConnection>;
  /** Where a source may open a connection to. */
  readonly reachableFrom?: Maybe<ReachConnection>;
  /** Every pair that is or may be allowed, each once. */
  readonly connectivity?: Maybe<ReachConnection>;
  /** Who is isolated in which direction, and by which policies. */
  readonly isolation?: Maybe<IsolationConnection>;
  /** Every way in from outside, and whether it reaches its pods; those that are closed as well. */
  readonly waysIn?: Maybe<WayInConnection>;
  /** Who is exposed to the internet and to the cluster, the most exposed first. */
  readonly exposure?: Maybe<ExposureConnection>;
  /** The rules that hold for pods, merged from all policies, in the order they are asked. */
  readonly effective?: Maybe<EffectiveConnection>;
  /** The policies and what each selects. */
  readonly policies?: Maybe<PolicyConnection>;
};


/** Immutable. Every question hangs off it, so one response is one consistent state. */
export type SnapshotProblemsArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
};


/** Immutable. Every question hangs off it, so one response is one consistent state. */
export type SnapshotResolveArgs = {
  ref: Scalars['PeerRef']['input'];
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
};


/** Immutable. Every question hangs off it, so one response is one consistent state. */
export type SnapshotPathArgs = {
  from: Scalars['PeerRef']['input'];
  to: Scalars['PeerRef']['input'];
  port?: InputMaybe<Scalars['Port']['input']>;
};


/** Immutable. Every question hangs off it, so one response is one consistent state. */
export type SnapshotPathsArgs = {
  questions: ReadonlyArray<PathQuestion>;
};


/** Immutable. Every question hangs off it, so one response is one consistent state. */
export type SnapshotWhoCanReachArgs = {
  target: Scalars['PeerRef']['input'];
  port?: InputMaybe<Scalars['Port']['input']>;
  groupBy?: InputMaybe<GroupBy>;
  exclude?: InputMaybe<ReadonlyArray<Scalars['PeerRef']['input']>>;
  implicit?: InputMaybe<Scalars['Boolean']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
};


/** Immutable. Every question hangs off it, so one response is one consistent state. */
export type SnapshotReachableFromArgs = {
  source: Scalars['PeerRef']['input'];
  to?: InputMaybe<Scalars['PeerRef']['input']>;
  port?: InputMaybe<Scalars['Port']['input']>;
  groupBy?: InputMaybe<GroupBy>;
  maxHops?: InputMaybe<Scalars['Int']['input']>;
  exclude?: InputMaybe<ReadonlyArray<Scalars['PeerRef']['input']>>;
  implicit?: InputMaybe<Scalars['Boolean']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
};


/** Immutable. Every question hangs off it, so one response is one consistent state. */
export type SnapshotConnectivityArgs = {
  of?: InputMaybe<Scalars['PeerRef']['input']>;
  from?: InputMaybe<Scalars['PeerRef']['input']>;
  to?: InputMaybe<Scalars['PeerRef']['input']>;
  port?: InputMaybe<Scalars['Port']['input']>;
  groupBy?: InputMaybe<GroupBy>;
  external?: InputMaybe<Scalars['Boolean']['input']>;
  nodes?: InputMaybe<Scalars['Boolean']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
};


/** Immutable. Every question hangs off it, so one response is one consistent state. */
export type SnapshotIsolationArgs = {
  of?: InputMaybe<Scalars['PeerRef']['input']>;
  direction?: InputMaybe<Direction>;
  isolated?: InputMaybe<Scalars['Boolean']['input']>;
  protected?: InputMaybe<Scalars['Boolean']['input']>;
  groupBy?: InputMaybe<GroupBy>;
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
};


/** Immutable. Every question hangs off it, so one response is one consistent state. */
export type SnapshotWaysInArgs = {
  of?: InputMaybe<Scalars['PeerRef']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
};


/** Immutable. Every question hangs off it, so one response is one consistent state. */
export type SnapshotExposureArgs = {
  of?: InputMaybe<Scalars['PeerRef']['input']>;
  groupBy?: InputMaybe<GroupBy>;
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
};


/** Immutable. Every question hangs off it, so one response is one consistent state. */
export type SnapshotEffectiveArgs = {
  of: Scalars['PeerRef']['input'];
  direction?: InputMaybe<Direction>;
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
};


/** Immutable. Every question hangs off it, so one response is one consistent state. */
export type SnapshotPoliciesArgs = {
  selecting?: InputMaybe<Scalars['PeerRef']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
};

/** A page of snapshots. */
export type SnapshotConnection = {
  /** Rows with their cursors. */
  readonly edges: ReadonlyArray<SnapshotEdge>;
  /** Rows. */
  readonly nodes: ReadonlyArray<Snapshot>;
  /** Where the page is. */
  readonly pageInfo: PageInfo;
  /** Rows of all pages. */
  readonly totalCount: Scalars['Int']['output'];
};

/** A snapshot in a page. */
export type SnapshotEdge = {
  /** Place of the row. */
  readonly cursor: Scalars['String']['output'];
  /** The row. */
  readonly node: Snapshot;
};

/** Objects of one kind in a snapshot. */
export type KindCount = {
  /** API version. */
  readonly apiVersion: Scalars['String']['output'];
  /** Kind. */
  readonly kind: Scalars['String']['output'];
  /** How many there are. */
  readonly count: Scalars['Int']['output'];
};

/** How much of one kind a snapshot has. */
export type KindCoverage = {
  /** API version. */
  readonly apiVersion: Scalars['String']['output'];
  /** Kind. */
  readonly kind: Scalars['String']['output'];
  /** How much there is. */
  readonly status: CoverageStatus;
  /** Objects of this kind. */
  readonly count: Scalars['Int']['output'];
  /** With `PARTIAL`: the namespaces that are covered. */
  readonly namespaces: ReadonlyArray<Scalars['String']['output']>;
};

/** Something of the input that readers of the answers must know. */
export type Problem = {
  /** How much it matters. */
  readonly severity: ProblemSeverity;
  /** Stable code. */
  readonly code: Scalars['String']['output'];
  /** The object: `NetworkPolicy shop/allow-web`. */
  readonly object: Scalars['String']['output'];
  /** Whose verdicts it could change; null: the whole cluster. */
  readonly namespace?: Maybe<Scalars['String']['output']>;
  /** Field of the object; empty for the whole object. */
  readonly path: Scalars['String']['output'];
  /** For people. */
  readonly message: Scalars['String']['output'];
  /** Whether repairing it could change a verdict. */
  readonly affectsVerdicts: Scalars['Boolean']['output'];
  /** File it was read from. */
  readonly file?: Maybe<Scalars['String']['output']>;
  /** Line in the file. */
  readonly line?: Maybe<Scalars['Int']['output']>;
};

/** A page of problems. */
export type ProblemConnection = {
  /** Rows with their cursors. */
  readonly edges: ReadonlyArray<ProblemEdge>;
  /** Rows. */
  readonly nodes: ReadonlyArray<Problem>;
  /** Where the page is. */
  readonly pageInfo: PageInfo;
  /** Rows of all pages. */
  readonly totalCount: Scalars['Int']['output'];
};

/** A problem in a page. */
export type ProblemEdge = {
  /** Place of the row. */
  readonly cursor: Scalars['String']['output'];
  /** The row. */
  readonly node: Problem;
};

/** Where a page is in its list. */
export type PageInfo = {
  /** Whether there are rows after the page. */
  readonly hasNextPage: Scalars['Boolean']['output'];
  /** Whether there are rows before the page. */
  readonly hasPreviousPage: Scalars['Boolean']['output'];
  /** Cursor of the first row; null for an empty page. */
  readonly startCursor?: Maybe<Scalars['String']['output']>;
  /** Cursor of the last row; null for an empty page. */
  readonly endCursor?: Maybe<Scalars['String']['output']>;
};

/** A label. */
export type Label = {
  /** Its key. */
  readonly key: Scalars['String']['output'];
  /** Its value. */
  readonly value: Scalars['String']['output'];
};

/** One end of an answer. */
export type Peer = {
  /** Unique in the snapshot. */
  readonly key: Scalars['String']['output'];
  /** Can be asked back as it is. */
  readonly ref: Scalars['PeerRef']['output'];
  /** Pod, Deployment, Service, Namespace, Node, PodSet, AddressRange, or any kind that owns pods. */
  readonly kind: Scalars['String']['output'];
  /** Its name; null for sets of pods and addresses. */
  readonly name?: Maybe<Scalars['String']['output']>;
};

/** One end of an answer that is in a namespace. */
export type NamespacedPeer = {
  /** Unique in the snapshot. */
  readonly key: Scalars['String']['output'];
  /** Can be asked back as it is. */
  readonly ref: Scalars['PeerRef']['output'];
  /** Pod, Service, or any kind that owns pods. */
  readonly kind: Scalars['String']['output'];
  /** Its name. */
  readonly name?: Maybe<Scalars['String']['output']>;
  /** Its namespace. */
  readonly namespace: Scalars['String']['output'];
  /** Its uid, when the input had one. */
  readonly uid?: Maybe<Scalars['String']['output']>;
};

/** A pod. */
export type PodPeer = Peer & NamespacedPeer & {
  /** Unique in the snapshot. */
  readonly key: Scalars['String']['output'];
  /** Can be asked back as it is. */
  readonly ref: Scalars['PeerRef']['output'];
  /** Always `Pod`. */
  readonly kind: Scalars['String']['output'];
  /** Its name. */
  readonly name?: Maybe<Scalars['String']['output']>;
  /** Its namespace. */
  readonly namespace: Scalars['String']['output'];
  /** Its uid, when the input had one. */
  readonly uid?: Maybe<Scalars['String']['output']>;
  /** Its labels. */
  readonly labels: ReadonlyArray<Label>;
};

/** The pods of a workload. */
export type WorkloadPeer = Peer & NamespacedPeer & {
  /** Unique in the snapshot. */
  readonly key: Scalars['String']['output'];
  /** Can be asked back as it is. */
  readonly ref: Scalars['PeerRef']['output'];
  /** Deployment, StatefulSet, or any other kind that owns pods. */
  readonly kind: Scalars['String']['output'];
  /** Its name. */
  readonly name?: Maybe<Scalars['String']['output']>;
  /** Its namespace. */
  readonly namespace: Scalars['String']['output'];
  /** Its uid, when the input had one. */
  readonly uid?: Maybe<Scalars['String']['output']>;
  /** Labels that all its pods share. */
  readonly labels: ReadonlyArray<Label>;
  /** Its pods; null when that is not known. */
  readonly podCount?: Maybe<Scalars['Int']['output']>;
};

/** A Service; ports of an answer about it are its own. */
export type ServicePeer = Peer & NamespacedPeer & {
  /** Unique in the snapshot. */
  readonly key: Scalars['String']['output'];
  /** Can be asked back as it is. */
  readonly ref: Scalars['PeerRef']['output'];
  /** Always `Service`. */
  readonly kind: Scalars['String']['output'];
  /** Its name. */
  readonly name?: Maybe<Scalars['String']['output']>;
  /** Its namespace. */
  readonly namespace: Scalars['String']['output'];
  /** Its uid, when the input had one. */
  readonly uid?: Maybe<Scalars['String']['output']>;
};

/** All pods of a namespace. */
export type NamespacePeer = Peer & {
  /** Unique in the snapshot. */
  readonly key: Scalars['String']['output'];
  /** Can be asked back as it is. */
  readonly ref: Scalars['PeerRef']['output'];
  /** Always `Namespace`. */
  readonly kind: Scalars['String']['output'];
  /** Its name. */
  readonly name?: Maybe<Scalars['String']['output']>;
  /** Its uid, when the input had one. */
  readonly uid?: Maybe<Scalars['String']['output']>;
  /** Its labels. */
  readonly labels: ReadonlyArray<Label>;
  /** Its pods; null when that is not known. */
  readonly podCount?: Maybe<Scalars['Int']['output']>;
};

/** A node of the cluster. */
export type NodePeer = Peer & {
  /** Unique in the snapshot. */
  readonly key: Scalars['String']['output'];
  /** Can be asked back as it is. */
  readonly ref: Scalars['PeerRef']['output'];
  /** Always `Node`. */
  readonly kind: Scalars['String']['output'];
  /** Its name. */
  readonly name?: Maybe<Scalars['String']['output']>;
  /** Its uid, when the input had one. */
  readonly uid?: Maybe<Scalars['String']['output']>;
  /** Its labels. */
  readonly labels: ReadonlyArray<Label>;
};

/** Addresses. */
export type AddressRangePeer = Peer & {
  /** Unique in the snapshot. */
  readonly key: Scalars['String']['output'];
  /** Can be asked back as it is. */
  readonly ref: Scalars['PeerRef']['output'];
  /** Always `AddressRange`. */
  readonly kind: Scalars['String']['output'];
  /** Always null. */
  readonly name?: Maybe<Scalars['String']['output']>;
  /** The fewest CIDRs for it; addresses that pods and nodes own are not cut out. */
  readonly cidrs: ReadonlyArray<Scalars['String']['output']>;
};

/** Pods named by a selector, or several things at once. */
export type PodSetPeer = Peer & {
  /** Unique in the snapshot. */
  readonly key: Scalars['String']['output'];
  /** Can be asked back as it is. */
  readonly ref: Scalars['PeerRef']['output'];
  /** Always `PodSet`. */
  readonly kind: Scalars['String']['output'];
  /** Always null. */
  readonly name?: Maybe<Scalars['String']['output']>;
  /** Labels that all its pods share. */
  readonly labels: ReadonlyArray<Label>;
  /** Its pods; null when that is not known. */
  readonly podCount?: Maybe<Scalars['Int']['output']>;
};

/** A page of peers: what a ref stands for. */
export type PeerConnection = {
  /** The thing named, as one peer. */
  readonly peer: Peer;
  /** Whether it stands for nothing at the moment. */
  readonly empty: Scalars['Boolean']['output'];
  /** How ports of a Service are translated; null for everything else. */
  readonly service?: Maybe<ServiceResolution>;
  /** Rows with their cursors. */
  readonly edges: ReadonlyArray<PeerEdge>;
  /** Rows. */
  readonly nodes: ReadonlyArray<Peer>;
  /** Where the page is. */
  readonly pageInfo: PageInfo;
  /** Rows of all pages. */
  readonly totalCount: Scalars['Int']['output'];
  /** False when a missing fact could add or change rows. */
  readonly complete: Scalars['Boolean']['output'];
  /** About the whole list. */
  readonly reasons: ReadonlyArray<Reason>;
  /** Problems of the snapshot that could change it. */
  readonly problems: ReadonlyArray<Problem>;
};

/** A peer in a page. */
export type PeerEdge = {
  /** Place of the row. */
  readonly cursor: Scalars['String']['output'];
  /** The row. */
  readonly node: Peer;
};

/** Ports from one number to another, both included. */
export type PortRange = {
  /** Protocol. */
  readonly protocol: Protocol;
  /** First port. */
  readonly from: Scalars['Int']['output'];
  /** Last port. */
  readonly to: Scalars['Int']['output'];
};

/** A Kubernetes object. */
export type ObjectRef = {
  /** API version. */
  readonly apiVersion: Scalars['String']['output'];
  /** Kind. */
  readonly kind: Scalars['String']['output'];
  /** Namespace; null for cluster-scoped objects. */
  readonly namespace?: Maybe<Scalars['String']['output']>;
  /** Name. */
  readonly name: Scalars['String']['output'];
  /** Its uid, when the input had one. */
  readonly uid?: Maybe<Scalars['String']['output']>;
};

/** A rule in the manifest of its author. */
export type RuleRef = {
  /** The policy it is in. */
  readonly policy: ObjectRef;
  /** Its direction. */
  readonly direction: Direction;
  /** JSON pointer into the policy: `/spec/ingress/0/from/1`. */
  readonly pointer: Scalars['String']['output'];
  /** Zero-based index of the rule in its direction. */
  readonly index: Scalars['Int']['output'];
  /** File it was read from. */
  readonly file?: Maybe<Scalars['String']['output']>;
  /** Line in the file. */
  readonly line?: Maybe<Scalars['Int']['output']>;
};

/** A fact that the snapshot lacks. */
export type MissingFact = {
  /** API version. */
  readonly apiVersion: Scalars['String']['output'];
  /** Kind. */
  readonly kind: Scalars['String']['output'];
  /** Where; null: everywhere. */
  readonly namespace?: Maybe<Scalars['String']['output']>;
  /** How much of it there is. */
  readonly status: CoverageStatus;
};

/** A stable code, and what it means here. */
export type Reason = {
  /** Upper snake case. */
  readonly code: Scalars['String']['output'];
  /** For people. */
  readonly message: Scalars['String']['output'];
  /** Page about the code, relative to the base path of the server. */
  readonly docs: Scalars['String']['output'];
  /** What is missing; only with `MISSING_KIND`. */
  readonly missing: ReadonlyArray<MissingFact>;
};

/** Can one end reach the other, and why (not). */
export type Path = {
  /** What is said of all cases together. */
  readonly verdict: Verdict;
  /** No case existed: the verdict is about an empty question. */
  readonly vacuous: Scalars['Boolean']['output'];
  /** Source. */
  readonly from: Peer;
  /** Destination. */
  readonly to: Peer;
  /** The ports as asked. */
  readonly askedText: Scalars['String']['output'];
  /** The ports asked for. */
  readonly asked: ReadonlyArray<PortRange>;
  /** Ports allowed in at least one case. */
  readonly allowed: ReadonlyArray<PortRange>;
  /** Ports denied in at least one case. */
  readonly denied: ReadonlyArray<PortRange>;
  /** Ports undetermined in at least one case. */
  readonly undetermined: ReadonlyArray<PortRange>;
  /** One per distinct outcome, worst first, at most 50. */
  readonly outcomes: ReadonlyArray<Outcome>;
  /** Legs of the first outcome. */
  readonly legs: ReadonlyArray<Leg>;
  /** How ports of a Service target were translated; null for other targets. */
  readonly resolution?: Maybe<ServiceResolution>;
  /** Why, by stable codes. */
  readonly reasons: ReadonlyArray<Reason>;
  /** What was assumed; null when nothing was looked for. */
  readonly assumptions?: Maybe<ReadonlyArray<Assumption>>;
  /** Problems of the snapshot that could change the answer. */
  readonly problems: ReadonlyArray<Problem>;
  /** A paragraph to paste into a ticket. */
  readonly text: Scalars['String']['output'];
};

/** Members of a group that share an outcome. */
export type OutcomeMembers = {
  /** How many. */
  readonly count: Scalars['Int']['output'];
  /** At most ten of them. */
  readonly nodes: ReadonlyArray<Peer>;
};

/** One distinct outcome of a question. */
export type Outcome = {
  /** What is said of its cases. */
  readonly verdict: Verdict;
  /** Address family; null where addresses are not known. */
  readonly family?: Maybe<IpFamily>;
  /** Sources that share it. */
  readonly from: OutcomeMembers;
  /** Destinations that share it. */
  readonly to: OutcomeMembers;
  /** Ports allowed. */
  readonly allowed: ReadonlyArray<PortRange>;
  /** Ports denied. */
  readonly denied: ReadonlyArray<PortRange>;
  /** Ports undetermined. */
  readonly undetermined: ReadonlyArray<PortRange>;
  /** Egress of the source, then ingress of the destination: both always, so that every blocker shows. */
  readonly legs: ReadonlyArray<Leg>;
  /** Why, by stable codes. */
  readonly reasons: ReadonlyArray<Reason>;
};

/** Egress of the source, or ingress of the destination. */
export type Leg = {
  /** Direction, seen from the subject. */
  readonly direction: Direction;
  /** Whose policies decide. */
  readonly subject: Peer;
  /** Whether a policy isolates the subject; null where policies are not covered. */
  readonly isolated?: Maybe<Scalars['Boolean']['output']>;
  /** The policies that isolate it. */
  readonly isolatedBy: ReadonlyArray<ObjectRef>;
  /** What this leg says. */
  readonly verdict: Verdict;
  /** What decided it. */
  readonly decidedBy: DecidedBy;
  /** Further rules that allow it. */
  readonly alsoAllowedBy: ReadonlyArray<RuleRef>;
  /** What cluster policies passed to the next tier, in the order in which they did. */
  readonly passed: ReadonlyArray<PassedBy>;
  /** Rules that nearly matched, the nearest first. */
  readonly nearest: ReadonlyArray<NearMiss>;
  /** Every policy that selects the subject in this direction, and what it did. */
  readonly policies: ReadonlyArray<PolicyEffect>;
};

/** Something taken for granted, or an option of the dialect that would change the verdict. */
export type Assumption = {
  /** Upper snake case; documented one by one. */
  readonly code: Scalars['String']['output'];
  /** For people. */
  readonly message: Scalars['String']['output'];
  /** Page about the code, relative to the base path of the server. */
  readonly docs: Scalars['String']['output'];
  /** The option that would change the verdict. */
  readonly option?: Maybe<Scalars['String']['output']>;
  /** The value with which it would. */
  readonly value?: Maybe<Scalars['String']['output']>;
  /** What the verdict would be. */
  readonly verdict?: Maybe<Verdict>;
};

/** What decided a leg. */
export type DecidedBy = {
  /** What it was. */
  readonly kind: DecidedByKind;
  /** In a few words. */
  readonly short: Scalars['String']['output'];
  /** With `RULE`: the rule. */
  readonly rule?: Maybe<RuleRef>;
  /** With `RULE`: the tier of its policy. */
  readonly tier?: Maybe<Tier>;
  /** With `RULE`: what it does. */
  readonly action?: Maybe<Scalars['String']['output']>;
  /** With `ISOLATION`: the policies that isolate. */
  readonly policies: ReadonlyArray<ObjectRef>;
};

/** A rule that nearly matched. */
export type NearMiss = {
  /** The rule. */
  readonly rule: RuleRef;
  /** Whether the peer matches. */
  readonly peerMatch: Scalars['Boolean']['output'];
  /** Whether the port matches. */
  readonly portMatch: Scalars['Boolean']['output'];
  /** The first requirement that failed, with the actual value. */
  readonly why: Scalars['String']['output'];
};

/** One policy that selects the subject, and what it did. */
export type PolicyEffect = {
  /** The policy. */
  readonly policy: ObjectRef;
  /** Its tier. */
  readonly tier: Tier;
  /** What it did. */
  readonly effect: Effect;
  /** Each rule of this direction, and what it did. */
  readonly rules: ReadonlyArray<RuleEffect>;
  /** Why. */
  readonly reason: Reason;
};

/** One rule, and what it did. */
export type RuleEffect = {
  /** The rule. */
  readonly rule: RuleRef;
  /** What it did. */
  readonly effect: Effect;
  /** Asked ports that it admits, or would if the peer matched. */
  readonly ports: ReadonlyArray<PortRange>;
  /** Why. */
  readonly reason: Reason;
  /** Each of its peers; null: it has no list of peers and is about everyone. */
  readonly peerEntries?: Maybe<ReadonlyArray<PeerEntry>>;
  /** Each of its ports; null: it has no list of ports and is about all of them. */
  readonly portEntries?: Maybe<ReadonlyArray<PortEntry>>;
};

/** Whether an entry of a rule holds what was asked. */
export type EntryMatch =
  /** It does. */
  | 'YES'
  /** It does not. */
  | 'NO'
  /** A fact is missing that decides. */
  | 'MAYBE';

/** One entry of a rule's `from` or `to`, against the other end. */
export type PeerEntry = {
  /** JSON pointer in the policy: `/spec/ingress/0/from/1`. */
  readonly pointer: Scalars['String']['output'];
  /** Whether it holds the other end. */
  readonly match: EntryMatch;
  /** What matches, or the requirements that fail with the actual values. */
  readonly reason: Reason;
};

/** One entry of a rule's `ports`, against the asked ports. */
export type PortEntry = {
  /** JSON pointer in the policy: `/spec/ingress/0/ports/1`. */
  readonly pointer: Scalars['String']['output'];
  /** Whether it covers any asked port. */
  readonly match: EntryMatch;
  /** All ports it stands for on the destination, asked or not. */
  readonly ports: ReadonlyArray<PortRange>;
  /** Why. */
  readonly reason: Reason;
};

/** A rule that handed asked ports on to the next tier. */
export type PassedBy = {
  /** The rule. */
  readonly rule: RuleRef;
  /** Its tier. */
  readonly tier: Tier;
  /** The ports. */
  readonly ports: ReadonlyArray<PortRange>;
};

/** How ports of a Service are translated. */
export type ServiceResolution = {
  /** The Service. */
  readonly service: Peer;
  /** Its ports. */
  readonly ports: ReadonlyArray<ServiceResolutionPort>;
};

/** A port of a Service. */
export type ServiceResolutionPort = {
  /** Its name. */
  readonly name?: Maybe<Scalars['String']['output']>;
  /** Its protocol. */
  readonly protocol: Protocol;
  /** Its number. */
  readonly port: Scalars['Int']['output'];
  /** Ports of the pods behind it. */
  readonly targets: ReadonlyArray<ServiceTarget>;
};

/** A port of the pods behind a Service. */
export type ServiceTarget = {
  /** Its number. */
  readonly port: Scalars['Int']['output'];
  /** Pods that have it. */
  readonly podCount: Scalars['Int']['output'];
};

/** A question of a batch. */
export type PathQuestion = {
  /** Source. */
  readonly from: Scalars['PeerRef']['input'];
  /** Destination. */
  readonly to: Scalars['PeerRef']['input'];
  /** Ports to ask for. */
  readonly port?: InputMaybe<Scalars['Port']['input']>;
};

/** The answer to a question of a batch: `path` or `error`. */
export type PathAnswer = {
  /** The answer; null when the question could not be asked. */
  readonly path?: Maybe<Path>;
  /** Why the question could not be asked. */
  readonly error?: Maybe<QuestionError>;
};

/** Why a question could not be asked. */
export type QuestionError = {
  /** Stable code, as in `extensions`. */
  readonly code: Scalars['String']['output'];
  /** What is wrong, and what would help. */
  readonly detail: Scalars['String']['output'];
  /** The argument that is wrong. */
  readonly parameter?: Maybe<Scalars['String']['output']>;
  /** What an ambiguous ref can mean. */
  readonly candidates: ReadonlyArray<Peer>;
  /** Refs that may have been meant. */
  readonly suggestions: ReadonlyArray<Scalars['PeerRef']['output']>;
};

/** One pair that is or may be allowed. */
export type Reach = {
  /** Source. */
  readonly from: Peer;
  /** Destination. */
  readonly to: Peer;
  /** What is said of its cases. */
  readonly verdict: Verdict;
  /** Ports on which it is allowed. */
  readonly ports: ReadonlyArray<PortRange>;
  /** Ports on which it may be allowed. */
  readonly undetermined: ReadonlyArray<PortRange>;
  /** Set when only self or own-node traffic allows it. */
  readonly implicit?: Maybe<Implicit>;
  /** Only where pods of a group differ. */
  readonly parts: ReadonlyArray<Outcome>;
  /** The label that tells the parts apart, when one does. */
  readonly splitBy?: Maybe<Scalars['String']['output']>;
  /** Rules that allow it. */
  readonly because: ReadonlyArray<RuleRef>;
  /** All rules that allow it. */
  readonly becauseCount: Scalars['Int']['output'];
  /** Why, by stable codes. */
  readonly reasons: ReadonlyArray<Reason>;
  /** Pairs of pods behind the row. */
  readonly podPairs: Scalars['Int']['output'];
  /** Connections in a row; only with `maxHops` over 1. */
  readonly hops?: Maybe<Scalars['Int']['output']>;
  /**
   * Only in `whoCanReach`, where the source brings outside traffic to the target: what for, at most ten;
   * null for every other row.
   */
  readonly via?: Maybe<ReadonlyArray<WayInVia>>;
};


/** One pair that is or may be allowed. */
export type ReachPartsArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
};


/** One pair that is or may be allowed. */
export type ReachBecauseArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
};

/** Rows by verdict; denied pairs are never rows. */
export type VerdictCounts = {
  /** Rows that are allowed. */
  readonly allowed: Scalars['Int']['output'];
  /** Rows that are allowed in part. */
  readonly partial: Scalars['Int']['output'];
  /** Rows that may be allowed. */
  readonly undetermined: Scalars['Int']['output'];
};

/** A page of pairs that are or may be allowed. */
export type ReachConnection = {
  /** Rows with their cursors. */
  readonly edges: ReadonlyArray<ReachEdge>;
  /** Rows. */
  readonly nodes: ReadonlyArray<Reach>;
  /** Where the page is. */
  readonly pageInfo: PageInfo;
  /** Rows of all pages. */
  readonly totalCount: Scalars['Int']['output'];
  /** False when a missing fact could add or change rows. */
  readonly complete: Scalars['Boolean']['output'];
  /** Rows of all pages by verdict. */
  readonly counts: VerdictCounts;
  /**
   * Groups of pods that no other pod may reach, at most 1,000; null but in `connectivity` over
   * everything, and where a missing fact leaves it open.
   */
  readonly unreachable?: Maybe<ReadonlyArray<Peer>>;
  /** How many such groups there are. */
  readonly unreachableCount?: Maybe<Scalars['Int']['output']>;
  /** About the whole list. */
  readonly reasons: ReadonlyArray<Reason>;
  /** Problems of the snapshot that could change it. */
  readonly problems: ReadonlyArray<Problem>;
};

/** A pair in a page. */
export type ReachEdge = {
  /** Place of the row. */
  readonly cursor: Scalars['String']['output'];
  /** The row. */
  readonly node: Reach;
};

/** Isolation in one direction. */
export type DirectionIsolation = {
  /** True when every pod of the peer is isolated; null where policies are not covered. */
  readonly isolated?: Maybe<Scalars['Boolean']['output']>;
  /** NetworkPolicies that isolate, and those that may. */
  readonly policies: ReadonlyArray<ObjectRef>;
  /** True when every pod is isolated, or an admin or baseline policy denies it something; null where that is not known. */
  readonly protected?: Maybe<Scalars['Boolean']['output']>;
  /** Admin and baseline policies that speak in this direction, whatever they say. */
  readonly clusterPolicies: ReadonlyArray<ObjectRef>;
};

/** Whether a peer is isolated. */
export type Isolation = {
  /** Who. */
  readonly peer: Peer;
  /** Traffic it receives. */
  readonly ingress: DirectionIsolation;
  /** Traffic it sends. */
  readonly egress: DirectionIsolation;
  /** False for hostNetwork pods: no policy applies to them. */
  readonly policed: Scalars['Boolean']['output'];
};

/** A page of who is isolated. */
export type IsolationConnection = {
  /** Rows with their cursors. */
  readonly edges: ReadonlyArray<IsolationEdge>;
  /** Rows. */
  readonly nodes: ReadonlyArray<Isolation>;
  /** Where the page is. */
  readonly pageInfo: PageInfo;
  /** Rows of all pages. */
  readonly totalCount: Scalars['Int']['output'];
  /** False when a missing fact could add or change rows. */
  readonly complete: Scalars['Boolean']['output'];
  /** About the whole list. */
  readonly reasons: ReadonlyArray<Reason>;
  /** Problems of the snapshot that could change it. */
  readonly problems: ReadonlyArray<Problem>;
};

/** A row of isolation in a page. */
export type IsolationEdge = {
  /** Place of the row. */
  readonly cursor: Scalars['String']['output'];
  /** The row. */
  readonly node: Isolation;
};

/** Ports that are allowed, and those of which it is not known. */
export type PortSets = {
  /** Allowed. */
  readonly ports: ReadonlyArray<PortRange>;
  /** Not known. */
  readonly undetermined: ReadonlyArray<PortRange>;
};

/** Internet addresses with equal rights. */
export type PermittedRange = {
  /** The addresses; `internet` where all of it is meant. */
  readonly peer: Peer;
  /** Allowed. */
  readonly ports: ReadonlyArray<PortRange>;
  /** Not known. */
  readonly undetermined: ReadonlyArray<PortRange>;
};

/** What policies permit in one direction between pods and the internet. */
export type Permitted = {
  /** Of the most open pod. */
  readonly class: PermittedClass;
  /** Allowed with some address. */
  readonly ports: ReadonlyArray<PortRange>;
  /** Not known. */
  readonly undetermined: ReadonlyArray<PortRange>;
  /** Addresses with equal rights, at most ten; those without any are left out. */
  readonly ranges: ReadonlyArray<PermittedRange>;
  /** How many such ranges there are. */
  readonly rangeCount: Scalars['Int']['output'];
};

/** The object that brings outside traffic, and for which host. */
export type EntryVia = {
  /** Ingress, HTTPRoute, Route, Service, or what owns the pods of a host port. */
  readonly kind: Scalars['String']['output'];
  /** Its namespace. */
  readonly namespace: Scalars['String']['output'];
  /** Its name. */
  readonly name: Scalars['String']['output'];
  /** Host name, `*.` for what ends so; null: every host. */
  readonly host?: Maybe<Scalars['String']['output']>;
};

/** Something that brings outside traffic, and whether policies let it in. */
export type EntryPath = {
  /** What it is. */
  readonly kind: WayInType;
  /** The object that brings it. */
  readonly via: EntryVia;
  /** Ports of the pod that it leads to. */
  readonly targets: ReadonlyArray<PortRange>;
  /** Those that are let in. */
  readonly ports: ReadonlyArray<PortRange>;
  /** Those of which it is not known. */
  readonly undetermined: ReadonlyArray<PortRange>;
  /** Whether anything gets in. */
  readonly effective: Effective;
  /** Why it is not certain. */
  readonly reasons: ReadonlyArray<Reason>;
};

/** A pod that somebody could create, with these labels and no others. */
export type HypotheticalReach = {
  /** The namespace it has to be in; null for any new namespace. */
  readonly namespace?: Maybe<Scalars['String']['output']>;
  /** Labels that the namespace needs besides its name. */
  readonly namespaceLabels: ReadonlyArray<Label>;
  /** Labels of the pod. */
  readonly podLabels: ReadonlyArray<Label>;
  /** The same in a phrase. */
  readonly text: Scalars['String']['output'];
  /** Ports on which it is let in, or may be. */
  readonly admitted: ReadonlyArray<PortRange>;
  /** Those that its own policies let out as well. */
  readonly ports: ReadonlyArray<PortRange>;
  /** Not known. */
  readonly undetermined: ReadonlyArray<PortRange>;
};

/** From where inside the cluster. */
export type ClusterExposure = {
  /** Open to literally every pod there is or will be; never inferred from the pods of today. */
  readonly entireCluster: ReadonlyArray<PortRange>;
  /** For pods of other namespaces, today. */
  readonly otherNamespaces: PortSets;
  /** For other pods of their own namespace, today. */
  readonly ownNamespace: PortSets;
  /** Pods that could be created and would be let in, at most twenty. */
  readonly hypothetical: ReadonlyArray<HypotheticalReach>;
  /** How many such pods there are. */
  readonly hypotheticalCount: Scalars['Int']['output'];
};

/** Pods of a row that differ from its others. */
export type ExposurePart = {
  /** The pods. */
  readonly members: OutcomeMembers;
  /** From where they can be reached at most. */
  readonly level: ExposureLevel;
  /** From the internet. */
  readonly ingress: Permitted;
  /** To the internet. */
  readonly egress: Permitted;
  /** Whether the internet gets in. */
  readonly effective: Effective;
};

/** Who is exposed, to what: what is permitted, what brings traffic, and both together. */
export type Exposure = {
  /** Who. */
  readonly peer: Peer;
  /** 1 is the most exposed of all that were asked for. */
  readonly rank: Scalars['Int']['output'];
  /** From where they can be reached at most. */
  readonly level: ExposureLevel;
  /** False for hostNetwork pods: no policy applies to them. */
  readonly policed: Scalars['Boolean']['output'];
  /** What policies permit from the internet. */
  readonly ingress: Permitted;
  /** What policies permit to the internet. */
  readonly egress: Permitted;
  /** What brings outside traffic. */
  readonly entryPaths: ReadonlyArray<EntryPath>;
  /** Whether the internet gets in: by an entry path, and permitted. */
  readonly effective: Effective;
  /** From inside the cluster. */
  readonly cluster: ClusterExposure;
  /** What is not certain. */
  readonly reasons: ReadonlyArray<Reason>;
  /** Only where pods differ. */
  readonly parts: ReadonlyArray<ExposurePart>;
};


/** Who is exposed, to what: what is permitted, what brings traffic, and both together. */
export type ExposurePartsArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
};

/** How many rows are at a level. */
export type ExposureLevelCount = {
  /** The level. */
  readonly level: ExposureLevel;
  /** Rows. */
  readonly count: Scalars['Int']['output'];
};

/** A page of who is exposed. */
export type ExposureConnection = {
  /** Rows with their cursors. */
  readonly edges: ReadonlyArray<ExposureEdge>;
  /** Rows. */
  readonly nodes: ReadonlyArray<Exposure>;
  /** Where the page is. */
  readonly pageInfo: PageInfo;
  /** Rows of all pages. */
  readonly totalCount: Scalars['Int']['output'];
  /** Rows by level, the most exposed first. */
  readonly levels: ReadonlyArray<ExposureLevelCount>;
  /** False when a missing fact could add or change rows. */
  readonly complete: Scalars['Boolean']['output'];
  /** About the whole list. */
  readonly reasons: ReadonlyArray<Reason>;
  /** Problems of the snapshot that could change it. */
  readonly problems: ReadonlyArray<Problem>;
};

/** A row in a page. */
export type ExposureEdge = {
  /** Place of the row. */
  readonly cursor: Scalars['String']['output'];
  /** The row. */
  readonly node: Exposure;
};

/** The other side of a row of effective rules. */
export type EffectivePeer = {
  /** What is named. */
  readonly kind: EffectivePeerKind;
  /** In words; of pods a ref that can be asked back. */
  readonly text: Scalars['String']['output'];
  /** Everything but this. */
  readonly negated: Scalars['Boolean']['output'];
  /** Only of addresses. */
  readonly cidr?: Maybe<Scalars['String']['output']>;
  /** Cut out of `cidr`. */
  readonly except: ReadonlyArray<Scalars['String']['output']>;
};

/** What decides a row before it is asked. */
export type Shadow = {
  /** Earlier rules of admin and baseline policies. */
  readonly rules: ReadonlyArray<RuleRef>;
  /** NetworkPolicies that isolate. */
  readonly policies: ReadonlyArray<ObjectRef>;
};

/** One row of the rules that hold for pods in one direction. */
export type EffectiveRule = {
  /** The direction. */
  readonly direction: Direction;
  /** From 1 in its direction and part: the order in which rows are asked. */
  readonly position: Scalars['Int']['output'];
  /** Position of its pods in `parts`. */
  readonly part: Scalars['Int']['output'];
  /** Its pods. */
  readonly subject: OutcomeMembers;
  /** What it stands for. */
  readonly kind: EffectiveKind;
  /** Its tier; null for what no tier says. */
  readonly tier?: Maybe<Tier>;
  /** What it does. */
  readonly action: EffectiveAction;
  /** Any of these. */
  readonly peers: ReadonlyArray<EffectivePeer>;
  /** On these ports. */
  readonly ports: ReadonlyArray<PortRange>;
  /** Names that are no numbers here: `tcp/http`. */
  readonly portNames: ReadonlyArray<Scalars['String']['output']>;
  /** Every rule behind it, also those that add nothing to the others. */
  readonly contributors: ReadonlyArray<RuleRef>;
  /** Their policies, or those that isolate, or whose effect is not known. */
  readonly policies: ReadonlyArray<ObjectRef>;
  /** What decides all of it before it is asked; null when it can decide something. */
  readonly shadowedBy?: Maybe<Shadow>;
  /** Why it is not certain that it holds. */
  readonly reason?: Maybe<Reason>;
};

/** What becomes of a connection that no rule speaks of. */
export type EffectiveDefault = {
  /** True: it is denied; null where that is not known. */
  readonly isolated?: Maybe<Scalars['Boolean']['output']>;
  /** NetworkPolicies that isolate. */
  readonly policies: ReadonlyArray<ObjectRef>;
};

/** Pods that have the same rows. */
export type EffectivePart = {
  /** The pods. */
  readonly subject: OutcomeMembers;
  /** False for hostNetwork pods: no policy applies to them. */
  readonly policed: Scalars['Boolean']['output'];
  /** Null when only egress was asked for. */
  readonly ingress?: Maybe<EffectiveDefault>;
  /** Null when only ingress was asked for. */
  readonly egress?: Maybe<EffectiveDefault>;
};

/** A page of the rules that hold for pods. */
export type EffectiveConnection = {
  /** Rows with their cursors. */
  readonly edges: ReadonlyArray<EffectiveEdge>;
  /** Rows. */
  readonly nodes: ReadonlyArray<EffectiveRule>;
  /** Where the page is. */
  readonly pageInfo: PageInfo;
  /** Rows of all pages. */
  readonly totalCount: Scalars['Int']['output'];
  /** Whose rules they are. */
  readonly peer: Peer;
  /** Pods with the same rows, at most 100. */
  readonly parts: ReadonlyArray<EffectivePart>;
  /** How many such parts there are. */
  readonly partCount: Scalars['Int']['output'];
  /** False when a missing fact could add or change rows. */
  readonly complete: Scalars['Boolean']['output'];
  /** About the whole list. */
  readonly reasons: ReadonlyArray<Reason>;
  /** Problems of the snapshot that could change it. */
  readonly problems: ReadonlyArray<Problem>;
};

/** A row in a page. */
export type EffectiveEdge = {
  /** Place of the row. */
  readonly cursor: Scalars['String']['output'];
  /** The row. */
  readonly node: EffectiveRule;
};

/** What a policy selects. */
export type PolicySelection = {
  /** Pods. */
  readonly podCount: Scalars['Int']['output'];
  /** Workloads and pods without an owner, at most 100. */
  readonly peers: ReadonlyArray<Peer>;
};

/** How many rules a policy has. */
export type RuleCounts = {
  /** Ingress rules. */
  readonly ingress: Scalars['Int']['output'];
  /** Egress rules. */
  readonly egress: Scalars['Int']['output'];
};

/** A policy and what it selects today. */
export type Policy = {
  /** The object. */
  readonly policy: ObjectRef;
  /** Its tier. */
  readonly tier: Tier;
  /** Directions in which it speaks. */
  readonly directions: ReadonlyArray<Direction>;
  /** The pods it is about, as text. */
  readonly subject: Scalars['String']['output'];
  /** What it selects. */
  readonly selects: PolicySelection;
  /** How many rules it has. */
  readonly ruleCounts: RuleCounts;
  /** False when its effect is not known. */
  readonly evaluated: Scalars['Boolean']['output'];
  /** Why its effect is not known. */
  readonly reason?: Maybe<Reason>;
  /** Its spec, as far as it is kept; null when it is not known. */
  readonly spec?: Maybe<Scalars['JSON']['output']>;
  /** File it was read from. */
  readonly file?: Maybe<Scalars['String']['output']>;
  /** Line in the file. */
  readonly line?: Maybe<Scalars['Int']['output']>;
};

/** A page of policies. */
export type PolicyConnection = {
  /** Rows with their cursors. */
  readonly edges: ReadonlyArray<PolicyEdge>;
  /** Rows. */
  readonly nodes: ReadonlyArray<Policy>;
  /** Where the page is. */
  readonly pageInfo: PageInfo;
  /** Rows of all pages. */
  readonly totalCount: Scalars['Int']['output'];
  /** False when a missing fact could add or change rows. */
  readonly complete: Scalars['Boolean']['output'];
  /** About the whole list. */
  readonly reasons: ReadonlyArray<Reason>;
  /** Problems of the snapshot that could change it. */
  readonly problems: ReadonlyArray<Problem>;
};

/** A policy in a page. */
export type PolicyEdge = {
  /** Place of the row. */
  readonly cursor: Scalars['String']['output'];
  /** The row. */
  readonly node: Policy;
};

/** How outside traffic comes in. */
export type WayInType =
  /** An Ingress. */
  | 'INGRESS'
  /** A route of a Gateway. */
  | 'GATEWAY'
  /** A Route of OpenShift. */
  | 'ROUTE'
  /** A Service of type LoadBalancer, by its load balancer. */
  | 'LOAD_BALANCER'
  /** A port of every node. */
  | 'NODE_PORT'
  /** An address of `externalIPs`. */
  | 'EXTERNAL_IP'
  /** A `hostPort` of the nodes that run the pods. */
  | 'HOST_PORT'
  /** Pods on the network of their node, which no policy can close. */
  | 'HOST_NETWORK';

/** How the pods that pass the traffic on were found, the surest way first. */
export type ControllerFound =
  /** A setting of the server names them. */
  | 'CONFIGURED'
  /** They carry the name of their Gateway. */
  | 'GATEWAY_LABEL'
  /** They are what the controller of the class is known by. */
  | 'KNOWN_NAME'
  /** They are no pods: a load balancer of the cloud, or a part of the network plugin. */
  | 'OUTSIDE'
  /** They were not found: some pod of which nothing is known. */
  | 'ASSUMED';

/** Which connection of a way in. */
export type WayInLegKind =
  /** From outside to what passes the traffic on. */
  | 'ENTRY'
  /** To the pods. */
  | 'BACKEND';

/** The Gateway that a route is attached to, or asks for. */
export type WayInGateway = {
  /** Its namespace. */
  readonly namespace: Scalars['String']['output'];
  /** Its name. */
  readonly name: Scalars['String']['output'];
  /** The listener; empty where none takes the route. */
  readonly listener: Scalars['String']['output'];
};

/** What brings traffic in, and which of its traffic. */
export type WayInVia = {
  /** How the traffic comes in. */
  readonly type: WayInType;
  /** Ingress, HTTPRoute, Route, Service, or what owns the pods of a host port. */
  readonly kind: Scalars['String']['output'];
  /** Its namespace. */
  readonly namespace: Scalars['String']['output'];
  /** Its name. */
  readonly name: Scalars['String']['output'];
  /** Host name, `*.` for what ends so; null: every host. */
  readonly host?: Maybe<Scalars['String']['output']>;
  /** `/api` and below, `=/api` for exactly this, `~…` a pattern; null: every path. */
  readonly path?: Maybe<Scalars['String']['output']>;
  /** Where it is listened on; null where the cluster has not decided yet. */
  readonly port?: Maybe<Scalars['Int']['output']>;
  /** Protocol. */
  readonly protocol: Protocol;
  /** Only for routes of the Gateway API. */
  readonly gateway?: Maybe<WayInGateway>;
};

/** Who passes the traffic on. */
export type WayInController = {
  /** How it was found. */
  readonly found: ControllerFound;
  /** Its pods by workload, at most ten; none where it is no pod of the snapshot. */
  readonly peers: ReadonlyArray<Peer>;
  /** The IngressClass or GatewayClass. */
  readonly className?: Maybe<Scalars['String']['output']>;
  /** What that class says its controller is. */
  readonly controller?: Maybe<Scalars['String']['output']>;
};

/** Where the traffic goes. */
export type WayInBackend = {
  /** Service, another kind with its group, or what owns the pods of a host port. */
  readonly kind: Scalars['String']['output'];
  /** Its namespace. */
  readonly namespace: Scalars['String']['output'];
  /** Its name. */
  readonly name: Scalars['String']['output'];
  /** The Service or the pods; null where there is no such thing. */
  readonly peer?: Maybe<Peer>;
  /** Number or name, as the object says; null: every port. */
  readonly port?: Maybe<Scalars['String']['output']>;
  /** Ports of the pods. */
  readonly targets: ReadonlyArray<PortRange>;
  /** Pods and other endpoints behind it. */
  readonly podCount: Scalars['Int']['output'];
};

/** Outside addresses that a way in treats alike. */
export type WayInClients = {
  /** The addresses. */
  readonly from: Peer;
  /** What is said of them. */
  readonly verdict: Verdict;
};

/** One connection of a way in. */
export type WayInLeg = {
  /** Which it is. */
  readonly leg: WayInLegKind;
  /** Null where the source is not in the snapshot. */
  readonly from?: Maybe<Peer>;
  /** Null where there is no such thing. */
  readonly to?: Maybe<Peer>;
  /** What policies say of it. */
  readonly verdict: Verdict;
  /** Ports on which some of it is allowed: of the Service, where there is one. */
  readonly ports: ReadonlyArray<PortRange>;
  /** Rules that allow it, at most ten. */
  readonly because: ReadonlyArray<RuleRef>;
  /** All rules that allow it. */
  readonly becauseCount: Scalars['Int']['output'];
  /** Policies that stop it or some of it, at most ten. */
  readonly blockedBy: ReadonlyArray<ObjectRef>;
  /** Where outside addresses differ: those that are or may be let in. */
  readonly clients: ReadonlyArray<WayInClients>;
  /** Why, by stable codes. */
  readonly reasons: ReadonlyArray<Reason>;
};

/** A way in, and whether it reaches its pods. */
export type WayIn = {
  /** What brings the traffic. */
  readonly via: WayInVia;
  /** Of all legs together: allowed only if each is. */
  readonly verdict: Verdict;
  /** Addresses and host names as published. */
  readonly addresses: ReadonlyArray<Scalars['String']['output']>;
  /** Who passes it on; null where nobody stands between. */
  readonly controller?: Maybe<WayInController>;
  /** Where it goes; null where nothing is behind it. */
  readonly backend?: Maybe<WayInBackend>;
  /** Connections in their order; none where it is not attached. */
  readonly legs: ReadonlyArray<WayInLeg>;
  /** Why, by stable codes. */
  readonly reasons: ReadonlyArray<Reason>;
};

/** Ways in by verdict. */
export type WayInCounts = {
  /** Those that reach their pods. */
  readonly allowed: Scalars['Int']['output'];
  /** Those that do not. */
  readonly denied: Scalars['Int']['output'];
  /** Those that reach some of them, or from some addresses. */
  readonly partial: Scalars['Int']['output'];
  /** Those that may. */
  readonly undetermined: Scalars['Int']['output'];
};

/** A page of ways in. */
export type WayInConnection = {
  /** Rows with their cursors. */
  readonly edges: ReadonlyArray<WayInEdge>;
  /** Rows. */
  readonly nodes: ReadonlyArray<WayIn>;
  /** Where the page is. */
  readonly pageInfo: PageInfo;
  /** Rows of all pages. */
  readonly totalCount: Scalars['Int']['output'];
  /** False when a missing fact could add or change rows. */
  readonly complete: Scalars['Boolean']['output'];
  /** Rows of all pages by verdict. */
  readonly counts: WayInCounts;
  /** About the whole list. */
  readonly reasons: ReadonlyArray<Reason>;
  /** Problems of the snapshot that could change it. */
  readonly problems: ReadonlyArray<Problem>;
};

/** A way in, in a page. */
export type WayInEdge = {
  /** Place of the row. */
  readonly cursor: Scalars['String']['output'];
  /** The row. */
  readonly node: WayIn;
};



export type ResolverTypeWrapper<T> = Promise<T> | T;


export type ResolverWithResolve<TResult, TParent, TContext, TArgs> = {
  resolve: ResolverFn<TResult, TParent, TContext, TArgs>;
};
export type Resolver<TResult, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = ResolverFn<TResult, TParent, TContext, TArgs> | ResolverWithResolve<TResult, TParent, TContext, TArgs>;

export type ResolverFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => Promise<TResult> | TResult;

export type SubscriptionSubscribeFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => AsyncIterable<TResult> | Promise<AsyncIterable<TResult>>;

export type SubscriptionResolveFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;

export interface SubscriptionSubscriberObject<TResult, TKey extends string, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<{ [key in TKey]: TResult }, TParent, TContext, TArgs>;
  resolve?: SubscriptionResolveFn<TResult, { [key in TKey]: TResult }, TContext, TArgs>;
}

export interface SubscriptionResolverObject<TResult, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<any, TParent, TContext, TArgs>;
  resolve: SubscriptionResolveFn<TResult, any, TContext, TArgs>;
}

export type SubscriptionObject<TResult, TKey extends string, TParent, TContext, TArgs> =
  | SubscriptionSubscriberObject<TResult, TKey, TParent, TContext, TArgs>
  | SubscriptionResolverObject<TResult, TParent, TContext, TArgs>;

export type SubscriptionResolver<TResult, TKey extends string, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> =
  | ((...args: any[]) => SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>)
  | SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>;

export type TypeResolveFn<TTypes, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (
  parent: TParent,
  context: TContext,
  info: GraphQLResolveInfo
) => Maybe<TTypes> | Promise<Maybe<TTypes>>;

export type IsTypeOfResolverFn<T = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (obj: T, context: TContext, info: GraphQLResolveInfo) => boolean | Promise<boolean>;

export type NextResolverFn<T> = () => Promise<T>;

export type DirectiveResolverFn<TResult = Record<PropertyKey, never>, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = (
  next: NextResolverFn<TResult>,
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;




/** Mapping of interface types */
export type ResolversInterfaceTypes<_RefType extends Record<string, unknown>> = {
  Node:
    | ( ClusterInfo )
    | ( SnapshotInfo )
  ;
  Peer:
    | ( PeerModel )
    | ( PeerModel )
    | ( PeerModel )
    | ( PeerModel )
    | ( PeerModel )
    | ( PeerModel )
    | ( PeerModel )
  ;
  NamespacedPeer:
    | ( PeerModel )
    | ( PeerModel )
    | ( PeerModel )
  ;
};

/** Mapping between all available schema types and the resolvers types */
export type ResolversTypes = {
  PeerRef: ResolverTypeWrapper<Scalars['PeerRef']['output']>;
  Port: ResolverTypeWrapper<Scalars['Port']['output']>;
  DateTime: ResolverTypeWrapper<Scalars['DateTime']['output']>;
  JSON: ResolverTypeWrapper<Scalars['JSON']['output']>;
  Verdict: Verdict;
  GroupBy: GroupBy;
  Implicit: Implicit;
  IpFamily: IpFamily;
  Direction: Direction;
  Dialect: Dialect;
  SnapshotSource: SnapshotSource;
  CoverageStatus: CoverageStatus;
  Effect: Effect;
  Tier: Tier;
  DecidedByKind: DecidedByKind;
  ExposureLevel: ExposureLevel;
  PermittedClass: PermittedClass;
  Effective: Effective;
  EffectiveKind: EffectiveKind;
  EffectiveAction: EffectiveAction;
  EffectivePeerKind: EffectivePeerKind;
  ProblemSeverity: ProblemSeverity;
  Protocol: Protocol;
  Query: ResolverTypeWrapper<Record<PropertyKey, never>>;
  ID: ResolverTypeWrapper<Scalars['ID']['output']>;
  Int: ResolverTypeWrapper<Scalars['Int']['output']>;
  String: ResolverTypeWrapper<Scalars['String']['output']>;
  Boolean: ResolverTypeWrapper<Scalars['Boolean']['output']>;
  Mutation: ResolverTypeWrapper<Record<PropertyKey, never>>;
  Subscription: ResolverTypeWrapper<Record<PropertyKey, never>>;
  UnknownFields: UnknownFields;
  InvalidPolicy: InvalidPolicy;
  Node: ResolverTypeWrapper<ResolversInterfaceTypes<ResolversTypes>['Node']>;
  Cluster: ResolverTypeWrapper<ClusterInfo>;
  ClusterConnection: ResolverTypeWrapper<ClusterPage>;
  ClusterEdge: ResolverTypeWrapper<Omit<ClusterEdge, 'node'> & { node: ResolversTypes['Cluster'] }>;
  Snapshot: ResolverTypeWrapper<SnapshotInfo>;
  SnapshotConnection: ResolverTypeWrapper<SnapshotPage>;
  SnapshotEdge: ResolverTypeWrapper<Omit<SnapshotEdge, 'node'> & { node: ResolversTypes['Snapshot'] }>;
  KindCount: ResolverTypeWrapper<KindCount>;
  KindCoverage: ResolverTypeWrapper<KindCoverage>;
  Problem: ResolverTypeWrapper<ProblemModel>;
  ProblemConnection: ResolverTypeWrapper<ProblemPage>;
  ProblemEdge: ResolverTypeWrapper<Omit<ProblemEdge, 'node'> & { node: ResolversTypes['Problem'] }>;
  PageInfo: ResolverTypeWrapper<PageInfo>;
  Label: ResolverTypeWrapper<Label>;
  Peer: ResolverTypeWrapper<PeerModel>;
  NamespacedPeer: ResolverTypeWrapper<PeerModel>;
  PodPeer: ResolverTypeWrapper<PeerModel>;
  WorkloadPeer: ResolverTypeWrapper<PeerModel>;
  ServicePeer: ResolverTypeWrapper<PeerModel>;
  NamespacePeer: ResolverTypeWrapper<PeerModel>;
  NodePeer: ResolverTypeWrapper<PeerModel>;
  AddressRangePeer: ResolverTypeWrapper<PeerModel>;
  PodSetPeer: ResolverTypeWrapper<PeerModel>;
  PeerConnection: ResolverTypeWrapper<PeerPage>;
  PeerEdge: ResolverTypeWrapper<Omit<PeerEdge, 'node'> & { node: ResolversTypes['Peer'] }>;
  PortRange: ResolverTypeWrapper<PortRange>;
  ObjectRef: ResolverTypeWrapper<ObjectRef>;
  RuleRef: ResolverTypeWrapper<RuleRef>;
  MissingFact: ResolverTypeWrapper<MissingFact>;
  Reason: ResolverTypeWrapper<ReasonModel>;
  Path: ResolverTypeWrapper<PathModel>;
  OutcomeMembers: ResolverTypeWrapper<Omit<OutcomeMembers, 'nodes'> & { nodes: ReadonlyArray<ResolversTypes['Peer']> }>;
  Outcome: ResolverTypeWrapper<OutcomeModel>;
  Leg: ResolverTypeWrapper<LegModel>;
  Assumption: ResolverTypeWrapper<AssumptionModel>;
  DecidedBy: ResolverTypeWrapper<DecidedByModel>;
  NearMiss: ResolverTypeWrapper<NearMiss>;
  PolicyEffect: ResolverTypeWrapper<Omit<PolicyEffect, 'rules' | 'reason'> & { rules: ReadonlyArray<ResolversTypes['RuleEffect']>, reason: ResolversTypes['Reason'] }>;
  RuleEffect: ResolverTypeWrapper<Omit<RuleEffect, 'reason' | 'peerEntries' | 'portEntries'> & { reason: ResolversTypes['Reason'], peerEntries?: Maybe<ReadonlyArray<ResolversTypes['PeerEntry']>>, portEntries?: Maybe<ReadonlyArray<ResolversTypes['PortEntry']>> }>;
  EntryMatch: EntryMatch;
  PeerEntry: ResolverTypeWrapper<Omit<PeerEntry, 'reason'> & { reason: ResolversTypes['Reason'] }>;
  PortEntry: ResolverTypeWrapper<Omit<PortEntry, 'reason'> & { reason: ResolversTypes['Reason'] }>;
  PassedBy: ResolverTypeWrapper<PassedBy>;
  ServiceResolution: ResolverTypeWrapper<Omit<ServiceResolution, 'service'> & { service: ResolversTypes['Peer'] }>;
  ServiceResolutionPort: ResolverTypeWrapper<ServiceResolutionPort>;
  ServiceTarget: ResolverTypeWrapper<ServiceTarget>;
  PathQuestion: PathQuestion;
  PathAnswer: ResolverTypeWrapper<Omit<PathAnswer, 'path' | 'error'> & { path?: Maybe<ResolversTypes['Path']>, error?: Maybe<ResolversTypes['QuestionError']> }>;
  QuestionError: ResolverTypeWrapper<QuestionErrorModel>;
  Reach: ResolverTypeWrapper<ReachModel>;
  VerdictCounts: ResolverTypeWrapper<VerdictCounts>;
  ReachConnection: ResolverTypeWrapper<ReachPage>;
  ReachEdge: ResolverTypeWrapper<Omit<ReachEdge, 'node'> & { node: ResolversTypes['Reach'] }>;
  DirectionIsolation: ResolverTypeWrapper<DirectionIsolation>;
  Isolation: ResolverTypeWrapper<IsolationModel>;
  IsolationConnection: ResolverTypeWrapper<IsolationPage>;
  IsolationEdge: ResolverTypeWrapper<Omit<IsolationEdge, 'node'> & { node: ResolversTypes['Isolation'] }>;
  PortSets: ResolverTypeWrapper<PortSets>;
  PermittedRange: ResolverTypeWrapper<Omit<PermittedRange, 'peer'> & { peer: ResolversTypes['Peer'] }>;
  Permitted: ResolverTypeWrapper<PermittedModel>;
  EntryVia: ResolverTypeWrapper<EntryViaModel>;
  EntryPath: ResolverTypeWrapper<EntryPathModel>;
  HypotheticalReach: ResolverTypeWrapper<HypotheticalReachModel>;
  ClusterExposure: ResolverTypeWrapper<Omit<ClusterExposure, 'hypothetical'> & { hypothetical: ReadonlyArray<ResolversTypes['HypotheticalReach']> }>;
  ExposurePart: ResolverTypeWrapper<ExposurePartModel>;
  Exposure: ResolverTypeWrapper<ExposureModel>;
  ExposureLevelCount: ResolverTypeWrapper<ExposureLevelCount>;
  ExposureConnection: ResolverTypeWrapper<ExposurePage>;
  ExposureEdge: ResolverTypeWrapper<Omit<ExposureEdge, 'node'> & { node: ResolversTypes['Exposure'] }>;
  EffectivePeer: ResolverTypeWrapper<EffectivePeerModel>;
  Shadow: ResolverTypeWrapper<Shadow>;
  EffectiveRule: ResolverTypeWrapper<EffectiveRuleModel>;
  EffectiveDefault: ResolverTypeWrapper<EffectiveDefault>;
  EffectivePart: ResolverTypeWrapper<EffectivePartModel>;
  EffectiveConnection: ResolverTypeWrapper<EffectivePage>;
  EffectiveEdge: ResolverTypeWrapper<Omit<EffectiveEdge, 'node'> & { node: ResolversTypes['EffectiveRule'] }>;
  PolicySelection: ResolverTypeWrapper<Omit<PolicySelection, 'peers'> & { peers: ReadonlyArray<ResolversTypes['Peer']> }>;
  RuleCounts: ResolverTypeWrapper<RuleCounts>;
  Policy: ResolverTypeWrapper<PolicySummary>;
  PolicyConnection: ResolverTypeWrapper<PolicyPage>;
  PolicyEdge: ResolverTypeWrapper<Omit<PolicyEdge, 'node'> & { node: ResolversTypes['Policy'] }>;
  WayInType: WayInType;
  ControllerFound: ControllerFound;
  WayInLegKind: WayInLegKind;
  WayInGateway: ResolverTypeWrapper<WayInGateway>;
  WayInVia: ResolverTypeWrapper<WayInViaModel>;
  WayInController: ResolverTypeWrapper<WayInControllerModel>;
  WayInBackend: ResolverTypeWrapper<WayInBackendModel>;
  WayInClients: ResolverTypeWrapper<Omit<WayInClients, 'from'> & { from: ResolversTypes['Peer'] }>;
  WayInLeg: ResolverTypeWrapper<WayInLegModel>;
  WayIn: ResolverTypeWrapper<WayInModel>;
  WayInCounts: ResolverTypeWrapper<WayInCounts>;
  WayInConnection: ResolverTypeWrapper<WayInPage>;
  WayInEdge: ResolverTypeWrapper<Omit<WayInEdge, 'node'> & { node: ResolversTypes['WayIn'] }>;
};

/** Mapping between all available schema types and the resolvers parents */
export type ResolversParentTypes = {
  PeerRef: Scalars['PeerRef']['output'];
  Port: Scalars['Port']['output'];
  DateTime: Scalars['DateTime']['output'];
  JSON: Scalars['JSON']['output'];
  Query: Record<PropertyKey, never>;
  ID: Scalars['ID']['output'];
  Int: Scalars['Int']['output'];
  String: Scalars['String']['output'];
  Boolean: Scalars['Boolean']['output'];
  Mutation: Record<PropertyKey, never>;
  Subscription: Record<PropertyKey, never>;
  Node: ResolversInterfaceTypes<ResolversParentTypes>['Node'];
  Cluster: ClusterInfo;
  ClusterConnection: ClusterPage;
  ClusterEdge: Omit<ClusterEdge, 'node'> & { node: ResolversParentTypes['Cluster'] };
  Snapshot: SnapshotInfo;
  SnapshotConnection: SnapshotPage;
  SnapshotEdge: Omit<SnapshotEdge, 'node'> & { node: ResolversParentTypes['Snapshot'] };
  KindCount: KindCount;
  KindCoverage: KindCoverage;
  Problem: ProblemModel;
  ProblemConnection: ProblemPage;
  ProblemEdge: Omit<ProblemEdge, 'node'> & { node: ResolversParentTypes['Problem'] };
  PageInfo: PageInfo;
  Label: Label;
  Peer: PeerModel;
  NamespacedPeer: PeerModel;
  PodPeer: PeerModel;
  WorkloadPeer: PeerModel;
  ServicePeer: PeerModel;
  NamespacePeer: PeerModel;
  NodePeer: PeerModel;
  AddressRangePeer: PeerModel;
  PodSetPeer: PeerModel;
  PeerConnection: PeerPage;
  PeerEdge: Omit<PeerEdge, 'node'> & { node: ResolversParentTypes['Peer'] };
  PortRange: PortRange;
  ObjectRef: ObjectRef;
  RuleRef: RuleRef;
  MissingFact: MissingFact;
  Reason: ReasonModel;
  Path: PathModel;
  OutcomeMembers: Omit<OutcomeMembers, 'nodes'> & { nodes: ReadonlyArray<ResolversParentTypes['Peer']> };
  Outcome: OutcomeModel;
  Leg: LegModel;
  Assumption: AssumptionModel;
  DecidedBy: DecidedByModel;
  NearMiss: NearMiss;
  PolicyEffect: Omit<PolicyEffect, 'rules' | 'reason'> & { rules: ReadonlyArray<ResolversParentTypes['RuleEffect']>, reason: ResolversParentTypes['Reason'] };
  RuleEffect: Omit<RuleEffect, 'reason' | 'peerEntries' | 'portEntries'> & { reason: ResolversParentTypes['Reason'], peerEntries?: Maybe<ReadonlyArray<ResolversParentTypes['PeerEntry']>>, portEntries?: Maybe<ReadonlyArray<ResolversParentTypes['PortEntry']>> };
  PeerEntry: Omit<PeerEntry, 'reason'> & { reason: ResolversParentTypes['Reason'] };
  PortEntry: Omit<PortEntry, 'reason'> & { reason: ResolversParentTypes['Reason'] };
  PassedBy: PassedBy;
  ServiceResolution: Omit<ServiceResolution, 'service'> & { service: ResolversParentTypes['Peer'] };
  ServiceResolutionPort: ServiceResolutionPort;
  ServiceTarget: ServiceTarget;
  PathQuestion: PathQuestion;
  PathAnswer: Omit<PathAnswer, 'path' | 'error'> & { path?: Maybe<ResolversParentTypes['Path']>, error?: Maybe<ResolversParentTypes['QuestionError']> };
  QuestionError: QuestionErrorModel;
  Reach: ReachModel;
  VerdictCounts: VerdictCounts;
  ReachConnection: ReachPage;
  ReachEdge: Omit<ReachEdge, 'node'> & { node: ResolversParentTypes['Reach'] };
  DirectionIsolation: DirectionIsolation;
  Isolation: IsolationModel;
  IsolationConnection: IsolationPage;
  IsolationEdge: Omit<IsolationEdge, 'node'> & { node: ResolversParentTypes['Isolation'] };
  PortSets: PortSets;
  PermittedRange: Omit<PermittedRange, 'peer'> & { peer: ResolversParentTypes['Peer'] };
  Permitted: PermittedModel;
  EntryVia: EntryViaModel;
  EntryPath: EntryPathModel;
  HypotheticalReach: HypotheticalReachModel;
  ClusterExposure: Omit<ClusterExposure, 'hypothetical'> & { hypothetical: ReadonlyArray<ResolversParentTypes['HypotheticalReach']> };
  ExposurePart: ExposurePartModel;
  Exposure: ExposureModel;
  ExposureLevelCount: ExposureLevelCount;
  ExposureConnection: ExposurePage;
  ExposureEdge: Omit<ExposureEdge, 'node'> & { node: ResolversParentTypes['Exposure'] };
  EffectivePeer: EffectivePeerModel;
  Shadow: Shadow;
  EffectiveRule: EffectiveRuleModel;
  EffectiveDefault: EffectiveDefault;
  EffectivePart: EffectivePartModel;
  EffectiveConnection: EffectivePage;
  EffectiveEdge: Omit<EffectiveEdge, 'node'> & { node: ResolversParentTypes['EffectiveRule'] };
  PolicySelection: Omit<PolicySelection, 'peers'> & { peers: ReadonlyArray<ResolversParentTypes['Peer']> };
  RuleCounts: RuleCounts;
  Policy: PolicySummary;
  PolicyConnection: PolicyPage;
  PolicyEdge: Omit<PolicyEdge, 'node'> & { node: ResolversParentTypes['Policy'] };
  WayInGateway: WayInGateway;
  WayInVia: WayInViaModel;
  WayInController: WayInControllerModel;
  WayInBackend: WayInBackendModel;
  WayInClients: Omit<WayInClients, 'from'> & { from: ResolversParentTypes['Peer'] };
  WayInLeg: WayInLegModel;
  WayIn: WayInModel;
  WayInCounts: WayInCounts;
  WayInConnection: WayInPage;
  WayInEdge: Omit<WayInEdge, 'node'> & { node: ResolversParentTypes['WayIn'] };
};

export interface PeerRefScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['PeerRef'], any> {
  name: 'PeerRef';
}

export interface PortScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['Port'], any> {
  name: 'Port';
}

export interface DateTimeScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['DateTime'], any> {
  name: 'DateTime';
}

export interface JsonScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['JSON'], any> {
  name: 'JSON';
}

export type QueryResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['Query'] = ResolversParentTypes['Query']> = {
  node?: Resolver<Maybe<ResolversTypes['Node']>, ParentType, ContextType, RequireFields<QueryNodeArgs, 'id'>>;
  clusters?: Resolver<ResolversTypes['ClusterConnection'], ParentType, ContextType, RequireFields<QueryClustersArgs, 'first'>>;
  cluster?: Resolver<Maybe<ResolversTypes['Cluster']>, ParentType, ContextType, RequireFields<QueryClusterArgs, 'name'>>;
  snapshot?: Resolver<Maybe<ResolversTypes['Snapshot']>, ParentType, ContextType, RequireFields<QuerySnapshotArgs, 'ref' | 'ignoreVendorPolicies'>>;
};

export type MutationResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['Mutation'] = ResolversParentTypes['Mutation']> = {
  ingest?: Resolver<ResolversTypes['Snapshot'], ParentType, ContextType, RequireFields<MutationIngestArgs, 'cluster' | 'manifest' | 'assumeNoPolicies' | 'strict'>>;
  deleteSnapshot?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType, RequireFields<MutationDeleteSnapshotArgs, 'id'>>;
};

export type SubscriptionResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['Subscription'] = ResolversParentTypes['Subscription']> = {
  snapshotAdded?: SubscriptionResolver<ResolversTypes['Snapshot'], "snapshotAdded", ParentType, ContextType, Partial<SubscriptionSnapshotAddedArgs>>;
};

export type NodeResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['Node'] = ResolversParentTypes['Node']> = {
  __resolveType: TypeResolveFn<'Cluster' | 'Snapshot', ParentType, ContextType>;
};

export type ClusterResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['Cluster'] = ResolversParentTypes['Cluster']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  latest?: Resolver<Maybe<ResolversTypes['Snapshot']>, ParentType, ContextType>;
  lastSeenAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  snapshots?: Resolver<ResolversTypes['SnapshotConnection'], ParentType, ContextType, RequireFields<ClusterSnapshotsArgs, 'first'>>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type ClusterConnectionResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['ClusterConnection'] = ResolversParentTypes['ClusterConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['ClusterEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['Cluster']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type ClusterEdgeResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['ClusterEdge'] = ResolversParentTypes['ClusterEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Cluster'], ParentType, ContextType>;
};

export type SnapshotResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['Snapshot'] = ResolversParentTypes['Snapshot']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  ref?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  digest?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  cluster?: Resolver<ResolversTypes['Cluster'], ParentType, ContextType>;
  takenAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  ingestedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  source?: Resolver<ResolversTypes['SnapshotSource'], ParentType, ContextType>;
  sourceDetected?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  assumptions?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
  engine?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  stored?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  counts?: Resolver<ReadonlyArray<ResolversTypes['KindCount']>, ParentType, ContextType>;
  coverage?: Resolver<ReadonlyArray<ResolversTypes['KindCoverage']>, ParentType, ContextType>;
  hint?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  problems?: Resolver<ResolversTypes['ProblemConnection'], ParentType, ContextType, RequireFields<SnapshotProblemsArgs, 'first'>>;
  resolve?: Resolver<Maybe<ResolversTypes['PeerConnection']>, ParentType, ContextType, RequireFields<SnapshotResolveArgs, 'ref' | 'first'>>;
  path?: Resolver<Maybe<ResolversTypes['Path']>, ParentType, ContextType, RequireFields<SnapshotPathArgs, 'from' | 'to' | 'port'>>;
  paths?: Resolver<Maybe<ReadonlyArray<ResolversTypes['PathAnswer']>>, ParentType, ContextType, RequireFields<SnapshotPathsArgs, 'questions'>>;
  whoCanReach?: Resolver<Maybe<ResolversTypes['ReachConnection']>, ParentType, ContextType, RequireFields<SnapshotWhoCanReachArgs, 'target' | 'port' | 'groupBy' | 'implicit' | 'first'>>;
  reachableFrom?: Resolver<Maybe<ResolversTypes['ReachConnection']>, ParentType, ContextType, RequireFields<SnapshotReachableFromArgs, 'source' | 'port' | 'groupBy' | 'maxHops' | 'implicit' | 'first'>>;
  connectivity?: Resolver<Maybe<ResolversTypes['ReachConnection']>, ParentType, ContextType, RequireFields<SnapshotConnectivityArgs, 'port' | 'groupBy' | 'external' | 'nodes' | 'first'>>;
  isolation?: Resolver<Maybe<ResolversTypes['IsolationConnection']>, ParentType, ContextType, RequireFields<SnapshotIsolationArgs, 'of' | 'groupBy' | 'first'>>;
  waysIn?: Resolver<Maybe<ResolversTypes['WayInConnection']>, ParentType, ContextType, RequireFields<SnapshotWaysInArgs, 'first'>>;
  exposure?: Resolver<Maybe<ResolversTypes['ExposureConnection']>, ParentType, ContextType, RequireFields<SnapshotExposureArgs, 'of' | 'groupBy' | 'first'>>;
  effective?: Resolver<Maybe<ResolversTypes['EffectiveConnection']>, ParentType, ContextType, RequireFields<SnapshotEffectiveArgs, 'of' | 'first'>>;
  policies?: Resolver<Maybe<ResolversTypes['PolicyConnection']>, ParentType, ContextType, RequireFields<SnapshotPoliciesArgs, 'first'>>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type SnapshotConnectionResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['SnapshotConnection'] = ResolversParentTypes['SnapshotConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['SnapshotEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['Snapshot']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type SnapshotEdgeResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['SnapshotEdge'] = ResolversParentTypes['SnapshotEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Snapshot'], ParentType, ContextType>;
};

export type KindCountResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['KindCount'] = ResolversParentTypes['KindCount']> = {
  apiVersion?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  kind?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  count?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type KindCoverageResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['KindCoverage'] = ResolversParentTypes['KindCoverage']> = {
  apiVersion?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  kind?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  status?: Resolver<ResolversTypes['CoverageStatus'], ParentType, ContextType>;
  count?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  namespaces?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
};

export type ProblemResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['Problem'] = ResolversParentTypes['Problem']> = {
  severity?: Resolver<ResolversTypes['ProblemSeverity'], ParentType, ContextType>;
  code?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  object?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  namespace?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  path?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  message?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  affectsVerdicts?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  file?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  line?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
};

export type ProblemConnectionResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['ProblemConnection'] = ResolversParentTypes['ProblemConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['ProblemEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['Problem']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type ProblemEdgeResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['ProblemEdge'] = ResolversParentTypes['ProblemEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Problem'], ParentType, ContextType>;
};

export type PageInfoResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['PageInfo'] = ResolversParentTypes['PageInfo']> = {
  hasNextPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  hasPreviousPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  startCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  endCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type LabelResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['Label'] = ResolversParentTypes['Label']> = {
  key?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  value?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type PeerResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['Peer'] = ResolversParentTypes['Peer']> = {
  __resolveType: TypeResolveFn<'PodPeer' | 'WorkloadPeer' | 'ServicePeer' | 'NamespacePeer' | 'NodePeer' | 'AddressRangePeer' | 'PodSetPeer', ParentType, ContextType>;
};

export type NamespacedPeerResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['NamespacedPeer'] = ResolversParentTypes['NamespacedPeer']> = {
  __resolveType: TypeResolveFn<'PodPeer' | 'WorkloadPeer' | 'ServicePeer', ParentType, ContextType>;
};

export type PodPeerResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['PodPeer'] = ResolversParentTypes['PodPeer']> = {
  key?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  ref?: Resolver<ResolversTypes['PeerRef'], ParentType, ContextType>;
  kind?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  name?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  namespace?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  uid?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  labels?: Resolver<ReadonlyArray<ResolversTypes['Label']>, ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type WorkloadPeerResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['WorkloadPeer'] = ResolversParentTypes['WorkloadPeer']> = {
  key?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  ref?: Resolver<ResolversTypes['PeerRef'], ParentType, ContextType>;
  kind?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  name?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  namespace?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  uid?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  labels?: Resolver<ReadonlyArray<ResolversTypes['Label']>, ParentType, ContextType>;
  podCount?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type ServicePeerResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['ServicePeer'] = ResolversParentTypes['ServicePeer']> = {
  key?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  ref?: Resolver<ResolversTypes['PeerRef'], ParentType, ContextType>;
  kind?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  name?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  namespace?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  uid?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type NamespacePeerResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['NamespacePeer'] = ResolversParentTypes['NamespacePeer']> = {
  key?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  ref?: Resolver<ResolversTypes['PeerRef'], ParentType, ContextType>;
  kind?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  name?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  uid?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  labels?: Resolver<ReadonlyArray<ResolversTypes['Label']>, ParentType, ContextType>;
  podCount?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type NodePeerResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['NodePeer'] = ResolversParentTypes['NodePeer']> = {
  key?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  ref?: Resolver<ResolversTypes['PeerRef'], ParentType, ContextType>;
  kind?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  name?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  uid?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  labels?: Resolver<ReadonlyArray<ResolversTypes['Label']>, ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type AddressRangePeerResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['AddressRangePeer'] = ResolversParentTypes['AddressRangePeer']> = {
  key?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  ref?: Resolver<ResolversTypes['PeerRef'], ParentType, ContextType>;
  kind?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  name?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  cidrs?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type PodSetPeerResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['PodSetPeer'] = ResolversParentTypes['PodSetPeer']> = {
  key?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  ref?: Resolver<ResolversTypes['PeerRef'], ParentType, ContextType>;
  kind?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  name?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  labels?: Resolver<ReadonlyArray<ResolversTypes['Label']>, ParentType, ContextType>;
  podCount?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type PeerConnectionResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['PeerConnection'] = ResolversParentTypes['PeerConnection']> = {
  peer?: Resolver<ResolversTypes['Peer'], ParentType, ContextType>;
  empty?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  service?: Resolver<Maybe<ResolversTypes['ServiceResolution']>, ParentType, ContextType>;
  edges?: Resolver<ReadonlyArray<ResolversTypes['PeerEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['Peer']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  complete?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  reasons?: Resolver<ReadonlyArray<ResolversTypes['Reason']>, ParentType, ContextType>;
  problems?: Resolver<ReadonlyArray<ResolversTypes['Problem']>, ParentType, ContextType>;
};

export type PeerEdgeResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['PeerEdge'] = ResolversParentTypes['PeerEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Peer'], ParentType, ContextType>;
};

export type PortRangeResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['PortRange'] = ResolversParentTypes['PortRange']> = {
  protocol?: Resolver<ResolversTypes['Protocol'], ParentType, ContextType>;
  from?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  to?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type ObjectRefResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['ObjectRef'] = ResolversParentTypes['ObjectRef']> = {
  apiVersion?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  kind?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  namespace?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  uid?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type RuleRefResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['RuleRef'] = ResolversParentTypes['RuleRef']> = {
  policy?: Resolver<ResolversTypes['ObjectRef'], ParentType, ContextType>;
  direction?: Resolver<ResolversTypes['Direction'], ParentType, ContextType>;
  pointer?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  index?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  file?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  line?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
};

export type MissingFactResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['MissingFact'] = ResolversParentTypes['MissingFact']> = {
  apiVersion?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  kind?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  namespace?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  status?: Resolver<ResolversTypes['CoverageStatus'], ParentType, ContextType>;
};

export type ReasonResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['Reason'] = ResolversParentTypes['Reason']> = {
  code?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  message?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  docs?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  missing?: Resolver<ReadonlyArray<ResolversTypes['MissingFact']>, ParentType, ContextType>;
};

export type PathResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['Path'] = ResolversParentTypes['Path']> = {
  verdict?: Resolver<ResolversTypes['Verdict'], ParentType, ContextType>;
  vacuous?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  from?: Resolver<ResolversTypes['Peer'], ParentType, ContextType>;
  to?: Resolver<ResolversTypes['Peer'], ParentType, ContextType>;
  askedText?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  asked?: Resolver<ReadonlyArray<ResolversTypes['PortRange']>, ParentType, ContextType>;
  allowed?: Resolver<ReadonlyArray<ResolversTypes['PortRange']>, ParentType, ContextType>;
  denied?: Resolver<ReadonlyArray<ResolversTypes['PortRange']>, ParentType, ContextType>;
  undetermined?: Resolver<ReadonlyArray<ResolversTypes['PortRange']>, ParentType, ContextType>;
  outcomes?: Resolver<ReadonlyArray<ResolversTypes['Outcome']>, ParentType, ContextType>;
  legs?: Resolver<ReadonlyArray<ResolversTypes['Leg']>, ParentType, ContextType>;
  resolution?: Resolver<Maybe<ResolversTypes['ServiceResolution']>, ParentType, ContextType>;
  reasons?: Resolver<ReadonlyArray<ResolversTypes['Reason']>, ParentType, ContextType>;
  assumptions?: Resolver<Maybe<ReadonlyArray<ResolversTypes['Assumption']>>, ParentType, ContextType>;
  problems?: Resolver<ReadonlyArray<ResolversTypes['Problem']>, ParentType, ContextType>;
  text?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type OutcomeMembersResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['OutcomeMembers'] = ResolversParentTypes['OutcomeMembers']> = {
  count?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['Peer']>, ParentType, ContextType>;
};

export type OutcomeResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['Outcome'] = ResolversParentTypes['Outcome']> = {
  verdict?: Resolver<ResolversTypes['Verdict'], ParentType, ContextType>;
  family?: Resolver<Maybe<ResolversTypes['IpFamily']>, ParentType, ContextType>;
  from?: Resolver<ResolversTypes['OutcomeMembers'], ParentType, ContextType>;
  to?: Resolver<ResolversTypes['OutcomeMembers'], ParentType, ContextType>;
  allowed?: Resolver<ReadonlyArray<ResolversTypes['PortRange']>, ParentType, ContextType>;
  denied?: Resolver<ReadonlyArray<ResolversTypes['PortRange']>, ParentType, ContextType>;
  undetermined?: Resolver<ReadonlyArray<ResolversTypes['PortRange']>, ParentType, ContextType>;
  legs?: Resolver<ReadonlyArray<ResolversTypes['Leg']>, ParentType, ContextType>;
  reasons?: Resolver<ReadonlyArray<ResolversTypes['Reason']>, ParentType, ContextType>;
};

export type LegResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['Leg'] = ResolversParentTypes['Leg']> = {
  direction?: Resolver<ResolversTypes['Direction'], ParentType, ContextType>;
  subject?: Resolver<ResolversTypes['Peer'], ParentType, ContextType>;
  isolated?: Resolver<Maybe<ResolversTypes['Boolean']>, ParentType, ContextType>;
  isolatedBy?: Resolver<ReadonlyArray<ResolversTypes['ObjectRef']>, ParentType, ContextType>;
  verdict?: Resolver<ResolversTypes['Verdict'], ParentType, ContextType>;
  decidedBy?: Resolver<ResolversTypes['DecidedBy'], ParentType, ContextType>;
  alsoAllowedBy?: Resolver<ReadonlyArray<ResolversTypes['RuleRef']>, ParentType, ContextType>;
  passed?: Resolver<ReadonlyArray<ResolversTypes['PassedBy']>, ParentType, ContextType>;
  nearest?: Resolver<ReadonlyArray<ResolversTypes['NearMiss']>, ParentType, ContextType>;
  policies?: Resolver<ReadonlyArray<ResolversTypes['PolicyEffect']>, ParentType, ContextType>;
};

export type AssumptionResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['Assumption'] = ResolversParentTypes['Assumption']> = {
  code?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  message?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  docs?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  option?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  value?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  verdict?: Resolver<Maybe<ResolversTypes['Verdict']>, ParentType, ContextType>;
};

export type DecidedByResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['DecidedBy'] = ResolversParentTypes['DecidedBy']> = {
  kind?: Resolver<ResolversTypes['DecidedByKind'], ParentType, ContextType>;
  short?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  rule?: Resolver<Maybe<ResolversTypes['RuleRef']>, ParentType, ContextType>;
  tier?: Resolver<Maybe<ResolversTypes['Tier']>, ParentType, ContextType>;
  action?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  policies?: Resolver<ReadonlyArray<ResolversTypes['ObjectRef']>, ParentType, ContextType>;
};

export type NearMissResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['NearMiss'] = ResolversParentTypes['NearMiss']> = {
  rule?: Resolver<ResolversTypes['RuleRef'], ParentType, ContextType>;
  peerMatch?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  portMatch?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  why?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type PolicyEffectResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['PolicyEffect'] = ResolversParentTypes['PolicyEffect']> = {
  policy?: Resolver<ResolversTypes['ObjectRef'], ParentType, ContextType>;
  tier?: Resolver<ResolversTypes['Tier'], ParentType, ContextType>;
  effect?: Resolver<ResolversTypes['Effect'], ParentType, ContextType>;
  rules?: Resolver<ReadonlyArray<ResolversTypes['RuleEffect']>, ParentType, ContextType>;
  reason?: Resolver<ResolversTypes['Reason'], ParentType, ContextType>;
};

export type RuleEffectResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['RuleEffect'] = ResolversParentTypes['RuleEffect']> = {
  rule?: Resolver<ResolversTypes['RuleRef'], ParentType, ContextType>;
  effect?: Resolver<ResolversTypes['Effect'], ParentType, ContextType>;
  ports?: Resolver<ReadonlyArray<ResolversTypes['PortRange']>, ParentType, ContextType>;
  reason?: Resolver<ResolversTypes['Reason'], ParentType, ContextType>;
  peerEntries?: Resolver<Maybe<ReadonlyArray<ResolversTypes['PeerEntry']>>, ParentType, ContextType>;
  portEntries?: Resolver<Maybe<ReadonlyArray<ResolversTypes['PortEntry']>>, ParentType, ContextType>;
};

export type PeerEntryResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['PeerEntry'] = ResolversParentTypes['PeerEntry']> = {
  pointer?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  match?: Resolver<ResolversTypes['EntryMatch'], ParentType, ContextType>;
  reason?: Resolver<ResolversTypes['Reason'], ParentType, ContextType>;
};

export type PortEntryResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['PortEntry'] = ResolversParentTypes['PortEntry']> = {
  pointer?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  match?: Resolver<ResolversTypes['EntryMatch'], ParentType, ContextType>;
  ports?: Resolver<ReadonlyArray<ResolversTypes['PortRange']>, ParentType, ContextType>;
  reason?: Resolver<ResolversTypes['Reason'], ParentType, ContextType>;
};

export type PassedByResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['PassedBy'] = ResolversParentTypes['PassedBy']> = {
  rule?: Resolver<ResolversTypes['RuleRef'], ParentType, ContextType>;
  tier?: Resolver<ResolversTypes['Tier'], ParentType, ContextType>;
  ports?: Resolver<ReadonlyArray<ResolversTypes['PortRange']>, ParentType, ContextType>;
};

export type ServiceResolutionResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['ServiceResolution'] = ResolversParentTypes['ServiceResolution']> = {
  service?: Resolver<ResolversTypes['Peer'], ParentType, ContextType>;
  ports?: Resolver<ReadonlyArray<ResolversTypes['ServiceResolutionPort']>, ParentType, ContextType>;
};

export type ServiceResolutionPortResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['ServiceResolutionPort'] = ResolversParentTypes['ServiceResolutionPort']> = {
  name?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  protocol?: Resolver<ResolversTypes['Protocol'], ParentType, ContextType>;
  port?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  targets?: Resolver<ReadonlyArray<ResolversTypes['ServiceTarget']>, ParentType, ContextType>;
};

export type ServiceTargetResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['ServiceTarget'] = ResolversParentTypes['ServiceTarget']> = {
  port?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  podCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type PathAnswerResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['PathAnswer'] = ResolversParentTypes['PathAnswer']> = {
  path?: Resolver<Maybe<ResolversTypes['Path']>, ParentType, ContextType>;
  error?: Resolver<Maybe<ResolversTypes['QuestionError']>, ParentType, ContextType>;
};

export type QuestionErrorResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['QuestionError'] = ResolversParentTypes['QuestionError']> = {
  code?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  detail?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  parameter?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  candidates?: Resolver<ReadonlyArray<ResolversTypes['Peer']>, ParentType, ContextType>;
  suggestions?: Resolver<ReadonlyArray<ResolversTypes['PeerRef']>, ParentType, ContextType>;
};

export type ReachResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['Reach'] = ResolversParentTypes['Reach']> = {
  from?: Resolver<ResolversTypes['Peer'], ParentType, ContextType>;
  to?: Resolver<ResolversTypes['Peer'], ParentType, ContextType>;
  verdict?: Resolver<ResolversTypes['Verdict'], ParentType, ContextType>;
  ports?: Resolver<ReadonlyArray<ResolversTypes['PortRange']>, ParentType, ContextType>;
  undetermined?: Resolver<ReadonlyArray<ResolversTypes['PortRange']>, ParentType, ContextType>;
  implicit?: Resolver<Maybe<ResolversTypes['Implicit']>, ParentType, ContextType>;
  parts?: Resolver<ReadonlyArray<ResolversTypes['Outcome']>, ParentType, ContextType, RequireFields<ReachPartsArgs, 'first'>>;
  splitBy?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  because?: Resolver<ReadonlyArray<ResolversTypes['RuleRef']>, ParentType, ContextType, RequireFields<ReachBecauseArgs, 'first'>>;
  becauseCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  reasons?: Resolver<ReadonlyArray<ResolversTypes['Reason']>, ParentType, ContextType>;
  podPairs?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  hops?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  via?: Resolver<Maybe<ReadonlyArray<ResolversTypes['WayInVia']>>, ParentType, ContextType>;
};

export type VerdictCountsResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['VerdictCounts'] = ResolversParentTypes['VerdictCounts']> = {
  allowed?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  partial?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  undetermined?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type ReachConnectionResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['ReachConnection'] = ResolversParentTypes['ReachConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['ReachEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['Reach']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  complete?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  counts?: Resolver<ResolversTypes['VerdictCounts'], ParentType, ContextType>;
  unreachable?: Resolver<Maybe<ReadonlyArray<ResolversTypes['Peer']>>, ParentType, ContextType>;
  unreachableCount?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  reasons?: Resolver<ReadonlyArray<ResolversTypes['Reason']>, ParentType, ContextType>;
  problems?: Resolver<ReadonlyArray<ResolversTypes['Problem']>, ParentType, ContextType>;
};

export type ReachEdgeResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['ReachEdge'] = ResolversParentTypes['ReachEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Reach'], ParentType, ContextType>;
};

export type DirectionIsolationResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['DirectionIsolation'] = ResolversParentTypes['DirectionIsolation']> = {
  isolated?: Resolver<Maybe<ResolversTypes['Boolean']>, ParentType, ContextType>;
  policies?: Resolver<ReadonlyArray<ResolversTypes['ObjectRef']>, ParentType, ContextType>;
  protected?: Resolver<Maybe<ResolversTypes['Boolean']>, ParentType, ContextType>;
  clusterPolicies?: Resolver<ReadonlyArray<ResolversTypes['ObjectRef']>, ParentType, ContextType>;
};

export type IsolationResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['Isolation'] = ResolversParentTypes['Isolation']> = {
  peer?: Resolver<ResolversTypes['Peer'], ParentType, ContextType>;
  ingress?: Resolver<ResolversTypes['DirectionIsolation'], ParentType, ContextType>;
  egress?: Resolver<ResolversTypes['DirectionIsolation'], ParentType, ContextType>;
  policed?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
};

export type IsolationConnectionResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['IsolationConnection'] = ResolversParentTypes['IsolationConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['IsolationEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['Isolation']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  complete?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  reasons?: Resolver<ReadonlyArray<ResolversTypes['Reason']>, ParentType, ContextType>;
  problems?: Resolver<ReadonlyArray<ResolversTypes['Problem']>, ParentType, ContextType>;
};

export type IsolationEdgeResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['IsolationEdge'] = ResolversParentTypes['IsolationEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Isolation'], ParentType, ContextType>;
};

export type PortSetsResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['PortSets'] = ResolversParentTypes['PortSets']> = {
  ports?: Resolver<ReadonlyArray<ResolversTypes['PortRange']>, ParentType, ContextType>;
  undetermined?: Resolver<ReadonlyArray<ResolversTypes['PortRange']>, ParentType, ContextType>;
};

export type PermittedRangeResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['PermittedRange'] = ResolversParentTypes['PermittedRange']> = {
  peer?: Resolver<ResolversTypes['Peer'], ParentType, ContextType>;
  ports?: Resolver<ReadonlyArray<ResolversTypes['PortRange']>, ParentType, ContextType>;
  undetermined?: Resolver<ReadonlyArray<ResolversTypes['PortRange']>, ParentType, ContextType>;
};

export type PermittedResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['Permitted'] = ResolversParentTypes['Permitted']> = {
  class?: Resolver<ResolversTypes['PermittedClass'], ParentType, ContextType>;
  ports?: Resolver<ReadonlyArray<ResolversTypes['PortRange']>, ParentType, ContextType>;
  undetermined?: Resolver<ReadonlyArray<ResolversTypes['PortRange']>, ParentType, ContextType>;
  ranges?: Resolver<ReadonlyArray<ResolversTypes['PermittedRange']>, ParentType, ContextType>;
  rangeCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type EntryViaResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['EntryVia'] = ResolversParentTypes['EntryVia']> = {
  kind?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  namespace?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  host?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type EntryPathResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['EntryPath'] = ResolversParentTypes['EntryPath']> = {
  kind?: Resolver<ResolversTypes['WayInType'], ParentType, ContextType>;
  via?: Resolver<ResolversTypes['EntryVia'], ParentType, ContextType>;
  targets?: Resolver<ReadonlyArray<ResolversTypes['PortRange']>, ParentType, ContextType>;
  ports?: Resolver<ReadonlyArray<ResolversTypes['PortRange']>, ParentType, ContextType>;
  undetermined?: Resolver<ReadonlyArray<ResolversTypes['PortRange']>, ParentType, ContextType>;
  effective?: Resolver<ResolversTypes['Effective'], ParentType, ContextType>;
  reasons?: Resolver<ReadonlyArray<ResolversTypes['Reason']>, ParentType, ContextType>;
};

export type HypotheticalReachResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['HypotheticalReach'] = ResolversParentTypes['HypotheticalReach']> = {
  namespace?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  namespaceLabels?: Resolver<ReadonlyArray<ResolversTypes['Label']>, ParentType, ContextType>;
  podLabels?: Resolver<ReadonlyArray<ResolversTypes['Label']>, ParentType, ContextType>;
  text?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  admitted?: Resolver<ReadonlyArray<ResolversTypes['PortRange']>, ParentType, ContextType>;
  ports?: Resolver<ReadonlyArray<ResolversTypes['PortRange']>, ParentType, ContextType>;
  undetermined?: Resolver<ReadonlyArray<ResolversTypes['PortRange']>, ParentType, ContextType>;
};

export type ClusterExposureResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['ClusterExposure'] = ResolversParentTypes['ClusterExposure']> = {
  entireCluster?: Resolver<ReadonlyArray<ResolversTypes['PortRange']>, ParentType, ContextType>;
  otherNamespaces?: Resolver<ResolversTypes['PortSets'], ParentType, ContextType>;
  ownNamespace?: Resolver<ResolversTypes['PortSets'], ParentType, ContextType>;
  hypothetical?: Resolver<ReadonlyArray<ResolversTypes['HypotheticalReach']>, ParentType, ContextType>;
  hypotheticalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type ExposurePartResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['ExposurePart'] = ResolversParentTypes['ExposurePart']> = {
  members?: Resolver<ResolversTypes['OutcomeMembers'], ParentType, ContextType>;
  level?: Resolver<ResolversTypes['ExposureLevel'], ParentType, ContextType>;
  ingress?: Resolver<ResolversTypes['Permitted'], ParentType, ContextType>;
  egress?: Resolver<ResolversTypes['Permitted'], ParentType, ContextType>;
  effective?: Resolver<ResolversTypes['Effective'], ParentType, ContextType>;
};

export type ExposureResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['Exposure'] = ResolversParentTypes['Exposure']> = {
  peer?: Resolver<ResolversTypes['Peer'], ParentType, ContextType>;
  rank?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  level?: Resolver<ResolversTypes['ExposureLevel'], ParentType, ContextType>;
  policed?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  ingress?: Resolver<ResolversTypes['Permitted'], ParentType, ContextType>;
  egress?: Resolver<ResolversTypes['Permitted'], ParentType, ContextType>;
  entryPaths?: Resolver<ReadonlyArray<ResolversTypes['EntryPath']>, ParentType, ContextType>;
  effective?: Resolver<ResolversTypes['Effective'], ParentType, ContextType>;
  cluster?: Resolver<ResolversTypes['ClusterExposure'], ParentType, ContextType>;
  reasons?: Resolver<ReadonlyArray<ResolversTypes['Reason']>, ParentType, ContextType>;
  parts?: Resolver<ReadonlyArray<ResolversTypes['ExposurePart']>, ParentType, ContextType, RequireFields<ExposurePartsArgs, 'first'>>;
};

export type ExposureLevelCountResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['ExposureLevelCount'] = ResolversParentTypes['ExposureLevelCount']> = {
  level?: Resolver<ResolversTypes['ExposureLevel'], ParentType, ContextType>;
  count?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type ExposureConnectionResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['ExposureConnection'] = ResolversParentTypes['ExposureConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['ExposureEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['Exposure']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  levels?: Resolver<ReadonlyArray<ResolversTypes['ExposureLevelCount']>, ParentType, ContextType>;
  complete?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  reasons?: Resolver<ReadonlyArray<ResolversTypes['Reason']>, ParentType, ContextType>;
  problems?: Resolver<ReadonlyArray<ResolversTypes['Problem']>, ParentType, ContextType>;
};

export type ExposureEdgeResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['ExposureEdge'] = ResolversParentTypes['ExposureEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Exposure'], ParentType, ContextType>;
};

export type EffectivePeerResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['EffectivePeer'] = ResolversParentTypes['EffectivePeer']> = {
  kind?: Resolver<ResolversTypes['EffectivePeerKind'], ParentType, ContextType>;
  text?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  negated?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  cidr?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  except?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
};

export type ShadowResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['Shadow'] = ResolversParentTypes['Shadow']> = {
  rules?: Resolver<ReadonlyArray<ResolversTypes['RuleRef']>, ParentType, ContextType>;
  policies?: Resolver<ReadonlyArray<ResolversTypes['ObjectRef']>, ParentType, ContextType>;
};

export type EffectiveRuleResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['EffectiveRule'] = ResolversParentTypes['EffectiveRule']> = {
  direction?: Resolver<ResolversTypes['Direction'], ParentType, ContextType>;
  position?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  part?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  subject?: Resolver<ResolversTypes['OutcomeMembers'], ParentType, ContextType>;
  kind?: Resolver<ResolversTypes['EffectiveKind'], ParentType, ContextType>;
  tier?: Resolver<Maybe<ResolversTypes['Tier']>, ParentType, ContextType>;
  action?: Resolver<ResolversTypes['EffectiveAction'], ParentType, ContextType>;
  peers?: Resolver<ReadonlyArray<ResolversTypes['EffectivePeer']>, ParentType, ContextType>;
  ports?: Resolver<ReadonlyArray<ResolversTypes['PortRange']>, ParentType, ContextType>;
  portNames?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
  contributors?: Resolver<ReadonlyArray<ResolversTypes['RuleRef']>, ParentType, ContextType>;
  policies?: Resolver<ReadonlyArray<ResolversTypes['ObjectRef']>, ParentType, ContextType>;
  shadowedBy?: Resolver<Maybe<ResolversTypes['Shadow']>, ParentType, ContextType>;
  reason?: Resolver<Maybe<ResolversTypes['Reason']>, ParentType, ContextType>;
};

export type EffectiveDefaultResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['EffectiveDefault'] = ResolversParentTypes['EffectiveDefault']> = {
  isolated?: Resolver<Maybe<ResolversTypes['Boolean']>, ParentType, ContextType>;
  policies?: Resolver<ReadonlyArray<ResolversTypes['ObjectRef']>, ParentType, ContextType>;
};

export type EffectivePartResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['EffectivePart'] = ResolversParentTypes['EffectivePart']> = {
  subject?: Resolver<ResolversTypes['OutcomeMembers'], ParentType, ContextType>;
  policed?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  ingress?: Resolver<Maybe<ResolversTypes['EffectiveDefault']>, ParentType, ContextType>;
  egress?: Resolver<Maybe<ResolversTypes['EffectiveDefault']>, ParentType, ContextType>;
};

export type EffectiveConnectionResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['EffectiveConnection'] = ResolversParentTypes['EffectiveConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['EffectiveEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['EffectiveRule']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  peer?: Resolver<ResolversTypes['Peer'], ParentType, ContextType>;
  parts?: Resolver<ReadonlyArray<ResolversTypes['EffectivePart']>, ParentType, ContextType>;
  partCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  complete?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  reasons?: Resolver<ReadonlyArray<ResolversTypes['Reason']>, ParentType, ContextType>;
  problems?: Resolver<ReadonlyArray<ResolversTypes['Problem']>, ParentType, ContextType>;
};

export type EffectiveEdgeResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['EffectiveEdge'] = ResolversParentTypes['EffectiveEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['EffectiveRule'], ParentType, ContextType>;
};

export type PolicySelectionResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['PolicySelection'] = ResolversParentTypes['PolicySelection']> = {
  podCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  peers?: Resolver<ReadonlyArray<ResolversTypes['Peer']>, ParentType, ContextType>;
};

export type RuleCountsResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['RuleCounts'] = ResolversParentTypes['RuleCounts']> = {
  ingress?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  egress?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type PolicyResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['Policy'] = ResolversParentTypes['Policy']> = {
  policy?: Resolver<ResolversTypes['ObjectRef'], ParentType, ContextType>;
  tier?: Resolver<ResolversTypes['Tier'], ParentType, ContextType>;
  directions?: Resolver<ReadonlyArray<ResolversTypes['Direction']>, ParentType, ContextType>;
  subject?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  selects?: Resolver<ResolversTypes['PolicySelection'], ParentType, ContextType>;
  ruleCounts?: Resolver<ResolversTypes['RuleCounts'], ParentType, ContextType>;
  evaluated?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  reason?: Resolver<Maybe<ResolversTypes['Reason']>, ParentType, ContextType>;
  spec?: Resolver<Maybe<ResolversTypes['JSON']>, ParentType, ContextType>;
  file?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  line?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
};

export type PolicyConnectionResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['PolicyConnection'] = ResolversParentTypes['PolicyConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['PolicyEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['Policy']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  complete?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  reasons?: Resolver<ReadonlyArray<ResolversTypes['Reason']>, ParentType, ContextType>;
  problems?: Resolver<ReadonlyArray<ResolversTypes['Problem']>, ParentType, ContextType>;
};

export type PolicyEdgeResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['PolicyEdge'] = ResolversParentTypes['PolicyEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Policy'], ParentType, ContextType>;
};

export type WayInGatewayResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['WayInGateway'] = ResolversParentTypes['WayInGateway']> = {
  namespace?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  listener?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type WayInViaResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['WayInVia'] = ResolversParentTypes['WayInVia']> = {
  type?: Resolver<ResolversTypes['WayInType'], ParentType, ContextType>;
  kind?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  namespace?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  host?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  path?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  port?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  protocol?: Resolver<ResolversTypes['Protocol'], ParentType, ContextType>;
  gateway?: Resolver<Maybe<ResolversTypes['WayInGateway']>, ParentType, ContextType>;
};

export type WayInControllerResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['WayInController'] = ResolversParentTypes['WayInController']> = {
  found?: Resolver<ResolversTypes['ControllerFound'], ParentType, ContextType>;
  peers?: Resolver<ReadonlyArray<ResolversTypes['Peer']>, ParentType, ContextType>;
  className?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  controller?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type WayInBackendResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['WayInBackend'] = ResolversParentTypes['WayInBackend']> = {
  kind?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  namespace?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  peer?: Resolver<Maybe<ResolversTypes['Peer']>, ParentType, ContextType>;
  port?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  targets?: Resolver<ReadonlyArray<ResolversTypes['PortRange']>, ParentType, ContextType>;
  podCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type WayInClientsResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['WayInClients'] = ResolversParentTypes['WayInClients']> = {
  from?: Resolver<ResolversTypes['Peer'], ParentType, ContextType>;
  verdict?: Resolver<ResolversTypes['Verdict'], ParentType, ContextType>;
};

export type WayInLegResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['WayInLeg'] = ResolversParentTypes['WayInLeg']> = {
  leg?: Resolver<ResolversTypes['WayInLegKind'], ParentType, ContextType>;
  from?: Resolver<Maybe<ResolversTypes['Peer']>, ParentType, ContextType>;
  to?: Resolver<Maybe<ResolversTypes['Peer']>, ParentType, ContextType>;
  verdict?: Resolver<ResolversTypes['Verdict'], ParentType, ContextType>;
  ports?: Resolver<ReadonlyArray<ResolversTypes['PortRange']>, ParentType, ContextType>;
  because?: Resolver<ReadonlyArray<ResolversTypes['RuleRef']>, ParentType, ContextType>;
  becauseCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  blockedBy?: Resolver<ReadonlyArray<ResolversTypes['ObjectRef']>, ParentType, ContextType>;
  clients?: Resolver<ReadonlyArray<ResolversTypes['WayInClients']>, ParentType, ContextType>;
  reasons?: Resolver<ReadonlyArray<ResolversTypes['Reason']>, ParentType, ContextType>;
};

export type WayInResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['WayIn'] = ResolversParentTypes['WayIn']> = {
  via?: Resolver<ResolversTypes['WayInVia'], ParentType, ContextType>;
  verdict?: Resolver<ResolversTypes['Verdict'], ParentType, ContextType>;
  addresses?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
  controller?: Resolver<Maybe<ResolversTypes['WayInController']>, ParentType, ContextType>;
  backend?: Resolver<Maybe<ResolversTypes['WayInBackend']>, ParentType, ContextType>;
  legs?: Resolver<ReadonlyArray<ResolversTypes['WayInLeg']>, ParentType, ContextType>;
  reasons?: Resolver<ReadonlyArray<ResolversTypes['Reason']>, ParentType, ContextType>;
};

export type WayInCountsResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['WayInCounts'] = ResolversParentTypes['WayInCounts']> = {
  allowed?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  denied?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  partial?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  undetermined?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type WayInConnectionResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['WayInConnection'] = ResolversParentTypes['WayInConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['WayInEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['WayIn']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  complete?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  counts?: Resolver<ResolversTypes['WayInCounts'], ParentType, ContextType>;
  reasons?: Resolver<ReadonlyArray<ResolversTypes['Reason']>, ParentType, ContextType>;
  problems?: Resolver<ReadonlyArray<ResolversTypes['Problem']>, ParentType, ContextType>;
};

export type WayInEdgeResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['WayInEdge'] = ResolversParentTypes['WayInEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['WayIn'], ParentType, ContextType>;
};

export type Resolvers<ContextType = GraphqlContext> = {
  PeerRef?: GraphQLScalarType;
  Port?: GraphQLScalarType;
  DateTime?: GraphQLScalarType;
  JSON?: GraphQLScalarType;
  Query?: QueryResolvers<ContextType>;
  Mutation?: MutationResolvers<ContextType>;
  Subscription?: SubscriptionResolvers<ContextType>;
  Node?: NodeResolvers<ContextType>;
  Cluster?: ClusterResolvers<ContextType>;
  ClusterConnection?: ClusterConnectionResolvers<ContextType>;
  ClusterEdge?: ClusterEdgeResolvers<ContextType>;
  Snapshot?: SnapshotResolvers<ContextType>;
  SnapshotConnection?: SnapshotConnectionResolvers<ContextType>;
  SnapshotEdge?: SnapshotEdgeResolvers<ContextType>;
  KindCount?: KindCountResolvers<ContextType>;
  KindCoverage?: KindCoverageResolvers<ContextType>;
  Problem?: ProblemResolvers<ContextType>;
  ProblemConnection?: ProblemConnectionResolvers<ContextType>;
  ProblemEdge?: ProblemEdgeResolvers<ContextType>;
  PageInfo?: PageInfoResolvers<ContextType>;
  Label?: LabelResolvers<ContextType>;
  Peer?: PeerResolvers<ContextType>;
  NamespacedPeer?: NamespacedPeerResolvers<ContextType>;
  PodPeer?: PodPeerResolvers<ContextType>;
  WorkloadPeer?: WorkloadPeerResolvers<ContextType>;
  ServicePeer?: ServicePeerResolvers<ContextType>;
  NamespacePeer?: NamespacePeerResolvers<ContextType>;
  NodePeer?: NodePeerResolvers<ContextType>;
  AddressRangePeer?: AddressRangePeerResolvers<ContextType>;
  PodSetPeer?: PodSetPeerResolvers<ContextType>;
  PeerConnection?: PeerConnectionResolvers<ContextType>;
  PeerEdge?: PeerEdgeResolvers<ContextType>;
  PortRange?: PortRangeResolvers<ContextType>;
  ObjectRef?: ObjectRefResolvers<ContextType>;
  RuleRef?: RuleRefResolvers<ContextType>;
  MissingFact?: MissingFactResolvers<ContextType>;
  Reason?: ReasonResolvers<ContextType>;
  Path?: PathResolvers<ContextType>;
  OutcomeMembers?: OutcomeMembersResolvers<ContextType>;
  Outcome?: OutcomeResolvers<ContextType>;
  Leg?: LegResolvers<ContextType>;
  Assumption?: AssumptionResolvers<ContextType>;
  DecidedBy?: DecidedByResolvers<ContextType>;
  NearMiss?: NearMissResolvers<ContextType>;
  PolicyEffect?: PolicyEffectResolvers<ContextType>;
  RuleEffect?: RuleEffectResolvers<ContextType>;
  PeerEntry?: PeerEntryResolvers<ContextType>;
  PortEntry?: PortEntryResolvers<ContextType>;
  PassedBy?: PassedByResolvers<ContextType>;
  ServiceResolution?: ServiceResolutionResolvers<ContextType>;
  ServiceResolutionPort?: ServiceResolutionPortResolvers<ContextType>;
  ServiceTarget?: ServiceTargetResolvers<ContextType>;
  PathAnswer?: PathAnswerResolvers<ContextType>;
  QuestionError?: QuestionErrorResolvers<ContextType>;
  Reach?: ReachResolvers<ContextType>;
  VerdictCounts?: VerdictCountsResolvers<ContextType>;
  ReachConnection?: ReachConnectionResolvers<ContextType>;
  ReachEdge?: ReachEdgeResolvers<ContextType>;
  DirectionIsolation?: DirectionIsolationResolvers<ContextType>;
  Isolation?: IsolationResolvers<ContextType>;
  IsolationConnection?: IsolationConnectionResolvers<ContextType>;
  IsolationEdge?: IsolationEdgeResolvers<ContextType>;
  PortSets?: PortSetsResolvers<ContextType>;
  PermittedRange?: PermittedRangeResolvers<ContextType>;
  Permitted?: PermittedResolvers<ContextType>;
  EntryVia?: EntryViaResolvers<ContextType>;
  EntryPath?: EntryPathResolvers<ContextType>;
  HypotheticalReach?: HypotheticalReachResolvers<ContextType>;
  ClusterExposure?: ClusterExposureResolvers<ContextType>;
  ExposurePart?: ExposurePartResolvers<ContextType>;
  Exposure?: ExposureResolvers<ContextType>;
  ExposureLevelCount?: ExposureLevelCountResolvers<ContextType>;
  ExposureConnection?: ExposureConnectionResolvers<ContextType>;
  ExposureEdge?: ExposureEdgeResolvers<ContextType>;
  EffectivePeer?: EffectivePeerResolvers<ContextType>;
  Shadow?: ShadowResolvers<ContextType>;
  EffectiveRule?: EffectiveRuleResolvers<ContextType>;
  EffectiveDefault?: EffectiveDefaultResolvers<ContextType>;
  EffectivePart?: EffectivePartResolvers<ContextType>;
  EffectiveConnection?: EffectiveConnectionResolvers<ContextType>;
  EffectiveEdge?: EffectiveEdgeResolvers<ContextType>;
  PolicySelection?: PolicySelectionResolvers<ContextType>;
  RuleCounts?: RuleCountsResolvers<ContextType>;
  Policy?: PolicyResolvers<ContextType>;
  PolicyConnection?: PolicyConnectionResolvers<ContextType>;
  PolicyEdge?: PolicyEdgeResolvers<ContextType>;
  WayInGateway?: WayInGatewayResolvers<ContextType>;
  WayInVia?: WayInViaResolvers<ContextType>;
  WayInController?: WayInControllerResolvers<ContextType>;
  WayInBackend?: WayInBackendResolvers<ContextType>;
  WayInClients?: WayInClientsResolvers<ContextType>;
  WayInLeg?: WayInLegResolvers<ContextType>;
  WayIn?: WayInResolvers<ContextType>;
  WayInCounts?: WayInCountsResolvers<ContextType>;
  WayInConnection?: WayInConnectionResolvers<ContextType>;
  WayInEdge?: WayInEdgeResolvers<ContextType>;
};

