import { connectionsBetween } from '../../src/engine/pair/connections-between.ts';
import type { End } from '../../src/engine/pair/connections-between.ts';
import { path } from '../../src/engine/queries/path.ts';
import { reachableFrom } from '../../src/engine/queries/reachable-from.ts';
import { whoCanReach } from '../../src/engine/queries/who-can-reach.ts';
import type { ReachIndex } from '../../src/engine/reach-index.ts';
import type { Path, Reach } from '../../src/model/answer.ts';
import { connectionsOf, printConnections } from '../../src/model/connection-set.ts';
import { PodreachError } from '../../src/model/errors.ts';
import {
  allowedSet,
  externalSpans,
  listedEnds,
  printIp,
  printSpans,
} from '../engine/oracle-sets.ts';
import type { Span } from '../engine/oracle-sets.ts';
import { nameOf, parseNet, podAddresses, podsOf } from '../engine/oracle-world.ts';
import type { World } from '../engine/oracle-world.ts';
import { decide } from '../engine/oracle.ts';
import type { OracleEnd, Question } from '../engine/oracle.ts';
import { indexOf } from '../support/cluster.ts';
import { objectsOf } from './load.ts';
import type { Ends, Vector } from './load.ts';

/** A verdict in the words of semantics 0.1, and what decided each leg in short form. */
export interface Ruling {
  readonly verdict: string;
  readonly egress?: string;
  readonly ingress?: string;
}

/** The side of a pair that a list leaves open is the other one. */
export type FixedSide = 'source' | 'target';

/** Somebody who answers the questions of vectors: the oracle or the product. */
export interface Judge {
  rule(question: Question): Ruling;
  /** Everything allowed, printed as in semantics 5.1. */
  set(question: Question): string;
  /** External ranges and what they may use: `first-last = set`. */
  atoms(pod: string, side: FixedSide): string[];
  /** Who is on the other end, self and own node included. */
  others(pod: string, side: FixedSide, port: PortOf): Ends;
}

type PortOf = Pick<Question, 'protocol' | 'port'>;

/** Answers with the oracle, packet by packet. */
export function oracleJudge(vector: Vector, policies = vector.np): Judge {
  const world: World = { objects: objectsOf(vector, policies), options: vector.options ?? {} };
  const pair = (pod: string, side: FixedSide, other: OracleEnd): Pick<Question, 'from' | 'to'> =>
    side === 'source' ? { from: { pod }, to: other } : { from: other, to: { pod } };
  return {
    rule(question) {
      const { verdict, why } = decide(world, question);
      const [, egress = '', ingress = ''] = /^egress (.*); ingress (.*)$/.exec(why) ?? [];
      return { verdict, egress, ingress };
    },
    set: (question) => allowedSet(world, question),
    atoms: (pod, side) =>
      printSpans(
        externalSpans(world).map(({ span, address }) => ({
          span,
          text: allowedSet(world, pair(pod, side, { ip: address })),
        })),
      ),
    others(pod, side, port) {
      const open = (other: OracleEnd): boolean =>
        decide(world, { ...pair(pod, side, other), ...port }).verdict === 'allow';
      const { pods, nodes } = listedEnds(world);
      const external = externalSpans(world).map(({ span, address }) => ({
        span,
        text: open({ ip: address }) ? '' : 'none',
      }));
      return {
        pods: pods.filter((name) => open({ pod: name })),
        nodes: nodes.filter((node) => open({ node })),
        external: printSpans(external),
      };
    },
  };
}

/** Answers with the product's public queries. */
export async function productJudge(vector: Vector, policies = vector.np): Promise<Judge> {
  const objects = objectsOf(vector, policies);
  const index = await indexOf(objects, vector.options ?? {});
  const refOf = (end: Question['to'], family: 4 | 6 | undefined): string => {
    if ('ip' in end) return end.ip;
    if ('node' in end) return `node/${end.node}`;
    if ('service' in end) return end.service.replace('/', '/svc/');
    const pod = podsOf({ objects }).find((one) => nameOf(one) === end.pod);
    const ip = pod && podAddresses(pod).find((one) => one.family === family);
    return ip === undefined ? end.pod.replace('/', '/pod/') : printIp(ip.family, ip.value);
  };
  const ask = ({ from, to, family }: Question, port: string): Path =>
    path(index, { from: refOf(from, family), to: refOf(to, family), port });
  const rows = (pod: string, side: FixedSide, port: string): readonly Reach[] => {
    const ref = pod.replace('/', '/pod/');
    const rest = { port, groupBy: 'POD', exclude: [], implicit: true } as const;
    const list =
      side === 'source'
        ? reachableFrom(index, { source: ref, maxHops: 1, ...rest })
        : whoCanReach(index, { target: ref, ...rest });
    return list.slice(0, list.totalCount);
  };
  return {
    rule(question) {
      if (question.protocol === 'ICMP') return { verdict: otherProtocols(index, question) };
      return translate(() => ask(question, `${question.protocol}/${question.port}`));
    },
    set: (question) => printConnections(connectionsOf(ask(question, 'any').allowed)),
    atoms: (pod, side) =>
      spansOf(rows(pod, side, 'any'), side, ({ ports }) => printConnections(connectionsOf(ports))),
    others(pod, side, { protocol, port }) {
      const found = rows(pod, side, `${protocol}/${port}`);
      const named = (kind: string): string[] =>
        found
          .map((row) => (side === 'source' ? row.to : row.from))
          .filter((peer) => peer.kind === kind)
          .map(({ namespace, name = '' }) =>
            namespace === undefined ? name : `${namespace}/${name}`,
          )
          .sort();
      return { pods: named('Pod'), nodes: named('Node'), external: spansOf(found, side, () => '') };
    },
  };
}

/** The product's answer in the words of the vectors (decisions 6). */
function translate(ask: () => Path): Ruling {
  try {
    const answer = ask();
    const short = (direction: string): string =>
      answer.legs.find((leg) => leg.direction === direction)?.decidedBy.short ?? '';
    return { verdict: verdictOf(answer), egress: short('EGRESS'), ingress: short('INGRESS') };
  } catch (error) {
    if (error instanceof PodreachError && error.code === 'ref-not-found') {
      return { verdict: 'unresolved' };
    }
    throw error;
  }
}

const CONDITIONAL = new Set(['CONDITIONAL', 'LOCAL_NODE_UNKNOWN']);

const VACUOUS: ReadonlyMap<string, string> = new Map([
  ['NOT_RUNNING', 'not-running'],
  ['NO_ENDPOINTS', 'no-endpoints'],
  ['NO_COMMON_FAMILY', 'not-applicable'],
]);

function verdictOf({ verdict, vacuous, reasons }: Path): string {
  if (verdict === 'ALLOWED') return 'allow';
  if (verdict === 'PARTIAL') return 'partial';
  const codes = reasons.map(({ code }) => code);
  if (verdict === 'UNDETERMINED') {
    if (codes.includes('AMBIGUOUS_PRIORITY')) return 'ambiguous';
    const conditional = codes.some((code) => CONDITIONAL.has(code));
    return conditional ? 'conditional' : `undetermined ${codes.join(',')}`;
  }
  if (codes.includes('NO_SUCH_SERVICE_PORT')) return 'no-service-port';
  if (!vacuous) return 'deny';
  return codes.flatMap((code) => VACUOUS.get(code) ?? [])[0] ?? `vacuous ${codes.join(',')}`;
}

function otherProtocols(index: ReachIndex, { from, to, family }: Question): string {
  const end = (one: Question['to']): End => {
    if ('node' in one) return { kind: 'node', name: one.node };
    if ('ip' in one) return { kind: 'address', address: one.ip };
    const [namespace = '', name = ''] = ('pod' in one ? one.pod : one.service).split('/');
    return { kind: 'pod', namespace, name };
  };
  const found = connectionsBetween(index, end(from), end(to), family ?? 4);
  const words = { ALLOWED: 'allow', DENIED: 'deny', UNSPECIFIED: 'unspecified' } as const;
  return found === undefined ? 'not-applicable' : words[found.other];
}

/** The address ranges among `rows`, adjacent ones with equal text as one. */
function spansOf(
  rows: readonly Reach[],
  side: FixedSide,
  textOf: (row: Reach) => string,
): string[] {
  const parts = rows
    .filter(({ verdict }) => verdict === 'ALLOWED')
    .flatMap((row) => {
      const { cidrs = [] } = side === 'source' ? row.to : row.from;
      return cidrs.map((cidr): { span: Span; text: string } => ({
        span: parseNet(cidr),
        text: textOf(row),
      }));
    })
    .sort((a, b) => a.span.family - b.span.family || (a.span.first < b.span.first ? -1 : 1));
  return printSpans(parts);
}
