import { contest, latenciesUs, median, percentile, timed } from '../harness/measure.ts';
import { fasterThan } from '../harness/row.ts';
import type { Check, Row } from '../harness/row.ts';
import type { BenchContext } from '../harness/context.ts';
import { clusterSnapshot } from '../generate/cluster-snapshot.ts';
import { Random } from '../generate/random.ts';
import { withOnePort } from '../reference/one-port.ts';
import { naivePairwise } from '../reference/pairwise.ts';
import type { PairwiseEvaluator } from '../reference/pairwise.ts';
import { compileFlat } from '../../src/engine/index/flat-compile.ts';
import { countReachablePairs } from '../../src/engine/index/count-pairs.ts';
import { DEFAULT_OPTIONS } from '../../src/engine/options.ts';
import { compileIndex } from '../../src/engine/compile.ts';
import { buildModelView } from '../../src/engine/model-view.ts';
import { pathVerdict } from '../../src/engine/queries/path.ts';
import { whoCanReach } from '../../src/engine/queries/who-can-reach.ts';
import type { PartyId } from '../../src/engine/party.ts';
import type { ReachIndex } from '../../src/engine/reach-index.ts';
import { NO_CONNECTIONS } from '../../src/model/connection-set.ts';
import { flatOf, isSmall, viewOf } from './flat.ts';
import type { Flat } from './flat.ts';
import { askablePods, pairwiseOf, samplePackets } from './questions.ts';
import type { Packet } from './questions.ts';

/** Packets that are asked over and over. */
const PACKETS = 20_000;
/** Rounds over them in one run of the kernel, so that it takes long enough to be timed. */
const ROUNDS = 20;
/** Packets for the naive evaluator, which takes milliseconds for each. */
const NAIVE_PACKETS = 100;
/** Targets whose latency is looked at. */
const TARGETS = 4_000;
/** Queries of the product for the same, which do more. */
const QUERY_TARGETS = 300;

const IPV4 = 4;

/** Rows about the engine by itself, without HTTP. */
export const engineRows: readonly Row[] = [
  {
    id: '1',
    area: 'engine',
    title: 'can A reach B on a port',
    against: 'evaluators that go pair by pair',
    bound: 'four to six dependent loads from memory',
    async run(context) {
      const flat = await flatOf(context);
      const pairwise = await pairwiseOf(context);
      const packets = await samplePackets(context, PACKETS);
      const undecided = disagreements(flat, pairwise, packets);
      const few = packets.slice(0, NAIVE_PACKETS);
      const naive = naivePairwise(await context.snapshot());
      const { pairs } = context;
      const indexed = await contest({
        figure: () => askKernel(flat, packets, ROUNDS),
        reference: () => askPairwise(pairwise, packets),
        pairs,
        warmups: 3,
      });
      const plain = await contest({
        figure: () => askKernel(flat, packets, ROUNDS),
        reference: () => askPairwise(naive, few),
        pairs,
      });
      const kernelOperations = PACKETS * ROUNDS;
      return [
        fasterThan(indexed, {
          what: 'against policies indexed by pod',
          unit: 'ns',
          operations: kernelOperations,
          referenceOperations: packets.length,
          goal: { ratioAtLeast: 20 },
        }),
        fasterThan(plain, {
          what: 'against all policies, one by one',
          unit: 'ns',
          operations: kernelOperations,
          referenceOperations: few.length,
          // With fewer policies there is less to look at, and the goal is about many.
          goal: isSmall(context) ? 'none' : { ratioAtMost: 0.001 },
        }),
        {
          what: 'left to the clear evaluator',
          unit: '%',
          figure: (100 * undecided) / packets.length,
          goal: { atMost: 1 },
        },
      ];
    },
  },
  {
    id: '5',
    area: 'engine',
    title: 'who can reach a pod, with exact ports',
    against: 'one question about a pair',
    bound: 'the number of sources: every one is told with its ports',
    async run(context) {
      const flat = await flatOf(context);
      const pairwise = await pairwiseOf(context);
      const parties = targetsOf(context, pairwise, TARGETS).map((pod) => partyOf(flat, pod));
      const packets = await samplePackets(context, PACKETS);
      const pairUs = await onePairUs(flat, packets);
      const us = latenciesUs(parties, (party) => who(flat, party));
      const candidates = latenciesUs(parties, (party) => flat.sourcesOf(party));
      const p50 = median(us);
      const time = { unit: 'us', isAbsoluteTime: true } as const;
      return [
        {
          what: 'p50',
          ...time,
          figure: p50,
          reference: pairUs,
          ratio: p50 / pairUs,
          goal: { ratioAtMost: 60 },
        },
        { what: 'p50, in microseconds', ...time, figure: p50, goal: { atMost: 9.99 } },
        { what: 'p99', ...time, figure: percentile(us, 0.99), goal: { atMost: 200 } },
        { what: 'p99.9', ...time, figure: percentile(us, 0.999), goal: { atMost: 500 } },
        { what: 'candidates alone, p50', ...time, figure: median(candidates), goal: 'none' },
      ];
    },
  },
  {
    id: '5q',
    area: 'engine',
    title: 'whole answers, as queries give them',
    against: 'nothing',
    bound: 'names, reasons and rows that a person reads',
    async run(context) {
      const index = await indexOf(context);
      const pairwise = await pairwiseOf(context);
      const refs = refsOf(pairwise, targetsOf(context, pairwise, QUERY_TARGETS));
      const verdicts = latenciesUs(refs, (ref) =>
        pathVerdict(index, { from: refs[0] ?? ref, to: ref, port: 'tcp/8080' }),
      );
      const lists = latenciesUs(refs.slice(0, QUERY_TARGETS / 5), (target) =>
        whoCanReach(index, { ...WHO, target }).slice(0, 100),
      );
      const time = { unit: 'us', goal: 'none', isAbsoluteTime: true } as const;
      return [
        { what: 'path verdict, p50', ...time, figure: median(verdicts) },
        { what: 'path verdict, p99', ...time, figure: percentile(verdicts, 0.99) },
        { what: 'who can reach, 100 rows, p50', ...time, figure: median(lists) },
        { what: 'who can reach, 100 rows, p99', ...time, figure: percentile(lists, 0.99) },
      ];
    },
  },
  {
    id: '15',
    area: 'engine',
    title: 'all pairs on any port',
    against: 'one compile',
    bound: 'one pass over rows that differ',
    async run(context) {
      const flat = await flatOf(context);
      const view = await viewOf(context);
      const outcome = await contest({
        figure: () => countReachablePairs(flat),
        reference: () => compileFlat(view),
        pairs: context.pairs,
      });
      return [
        fasterThan(outcome, { what: 'pairs counted', unit: 'ms', goal: { ratioAtMost: 0.5 } }),
      ];
    },
  },
  {
    id: '26',
    area: 'engine',
    title: 'who can reach, hundreds of different ports',
    against: 'the same cluster with one port',
    bound: 'port atoms of a target: its sets are cut along all of them',
    async run(context) {
      const many = await clusterSnapshot(context.planOf('port-atoms'));
      const [hard, easy] = [many, withOnePort(many)].map((snapshot) =>
        compileFlat(buildModelView(snapshot)),
      );
      if (hard === undefined || easy === undefined) throw new Error('nothing was compiled');
      const parties = (flat: Flat): PartyId[] =>
        Array.from({ length: flat.podParties }, (_, i) => i as PartyId);
      const us = latenciesUs(parties(hard), (party) => who(hard, party));
      const plain = latenciesUs(parties(easy), (party) => who(easy, party));
      const figure = median(us);
      const reference = median(plain);
      const checks: Check[] = [
        {
          what: 'p50',
          unit: 'us',
          figure,
          reference,
          ratio: figure / reference,
          goal: { atMost: 300 },
          isAbsoluteTime: true,
        },
        {
          what: 'p99',
          unit: 'us',
          figure: percentile(us, 0.99),
          reference: percentile(plain, 0.99),
          goal: 'none',
        },
      ];
      return checks;
    },
  },
  {
    id: '27',
    area: 'engine',
    title: 'who can reach at 1M/50k',
    against: 'the size of this run',
    bound: 'caches of the processor: the index is ten times as large',
    async run(context) {
      if (context.options.size !== '1M/50k') {
        return { skipped: 'asked for by `--size 1M/50k --only 27`' };
      }
      const small = await clusterSnapshot(context.planOf('realistic', '100k/10k'));
      const few = compileFlat(buildModelView(small));
      const large = await viewOf(context);
      let many: Flat | undefined;
      const compiled = await timed(() => {
        many = compileFlat(large);
      });
      if (many === undefined) throw new Error('nothing was compiled');
      const [figure, reference] = [many, few].map((flat) =>
        median(latenciesUs(randomParties(context, flat), (party) => who(flat, party))),
      );
      if (figure === undefined || reference === undefined) throw new Error('nothing was timed');
      return [
        {
          what: 'p50',
          unit: 'us',
          figure,
          reference,
          ratio: figure / reference,
          goal: { ratioAtMost: 2 },
        },
        { what: 'compile, CPU', unit: 'ms', figure: compiled.cpuMs, goal: 'none' },
        { what: 'bytes', unit: 'MB', figure: many.bytes / 1e6, goal: 'none' },
      ];
    },
  },
];

const WHO = { port: 'any', groupBy: 'WORKLOAD', exclude: [], implicit: false } as const;

/** The index of the product, whatever engine is behind it. */
export function indexOf(context: BenchContext): Promise<ReachIndex> {
  return context.once('index', async () => compileIndex(await context.snapshot(), DEFAULT_OPTIONS));
}

/** Pods that are asked about, picked by the seed. */
export function targetsOf(
  context: BenchContext,
  pairwise: PairwiseEvaluator,
  count: number,
): number[] {
  const random = new Random(context.options.seed, 'targets');
  const askable = askablePods(pairwise);
  return Array.from({ length: count }, () => random.pick(askable));
}

/** `namespace/pod/name` of pods by ordinal. */
export function refsOf({ pods }: PairwiseEvaluator, ordinals: readonly number[]): string[] {
  const starts = new Map<string, number>();
  pods.forEach(({ namespace }, at) => {
    if (!starts.has(namespace.name)) starts.set(namespace.name, at);
  });
  return ordinals.flatMap((ordinal) => {
    const namespace = pods[ordinal]?.namespace;
    if (namespace === undefined) return [];
    const name = namespace.pods.name[ordinal - (starts.get(namespace.name) ?? 0)] ?? '';
    return [`${namespace.name}/pod/${name}`];
  });
}

function partyOf(flat: Flat, pod: number): PartyId {
  return (flat.partyOfPod[pod] ?? -1) as PartyId;
}

function randomParties(context: BenchContext, flat: Flat): PartyId[] {
  const random = new Random(context.options.seed, 'parties');
  return Array.from({ length: TARGETS }, () => random.between(0, flat.podParties - 1) as PartyId);
}

/** Sources that may open something, each with exactly what. */
export function who(flat: Flat, target: PartyId): number {
  let found = 0;
  for (const source of flat.sourcesOf(target)) {
    if (flat.allowed(source as PartyId, target, IPV4) !== NO_CONNECTIONS) found += 1;
  }
  return found;
}

function askKernel(flat: Flat, packets: readonly Packet[], rounds: number): number {
  let allowed = 0;
  for (let round = 0; round < rounds; round += 1) {
    for (const { source, destination, protocol, port } of packets) {
      const from = partyOf(flat, source);
      const to = partyOf(flat, destination);
      if (flat.canReach(from, to, IPV4, protocol, port) === true) allowed += 1;
    }
  }
  return allowed;
}

function askPairwise({ pods, canReach }: PairwiseEvaluator, packets: readonly Packet[]): number {
  let allowed = 0;
  for (const { source, destination, protocol, port } of packets) {
    const [from, to] = [pods[source], pods[destination]];
    if (from === undefined || to === undefined) continue;
    if (canReach({ source: from, destination: to, protocol, port })) allowed += 1;
  }
  return allowed;
}

async function onePairUs(flat: Flat, packets: readonly Packet[]): Promise<number> {
  askKernel(flat, packets, ROUNDS);
  const { wallMs } = await timed(() => askKernel(flat, packets, ROUNDS));
  return (wallMs * 1000) / (packets.length * ROUNDS);
}

/** Packets the kernel leaves open. @throws Error when it says anything else than the other one */
function disagreements(
  flat: Flat,
  { pods }: PairwiseEvaluator,
  packets: readonly Packet[],
): number {
  let undecided = 0;
  for (const packet of packets) {
    const { source, destination, protocol, port, allowed } = packet;
    const from = partyOf(flat, source);
    const said = flat.canReach(from, partyOf(flat, destination), IPV4, protocol, port);
    if (said === undefined) undecided += 1;
    else if (said !== allowed) {
      const names = [source, destination].map((at) => pods[at]?.namespace.name ?? '?');
      throw new Error(
        `the engine says ${said} of ${names.join(' to ')} ${protocol}/${port}, pair by pair it is ${allowed}`,
      );
    }
  }
  return undecided;
}
