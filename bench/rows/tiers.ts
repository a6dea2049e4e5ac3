import { contest, latenciesUs, median, percentile } from '../harness/measure.ts';
import { fasterThan } from '../harness/row.ts';
import type { Row } from '../harness/row.ts';
import { withTiers } from '../generate/tier-policies.ts';
import { compileFlat } from '../../src/engine/index/flat-compile.ts';
import { buildModelView } from '../../src/engine/model-view.ts';
import type { PartyId } from '../../src/engine/party.ts';
import { targetsOf, who } from './engine.ts';
import { flatOf, viewOf } from './flat.ts';
import type { Flat } from './flat.ts';
import { pairwiseOf, samplePackets } from './questions.ts';

const PACKETS = 20_000;
const TARGETS = 4_000;
const IPV4 = 4;

/** Rows about clusters with policies of the admin and the baseline tier. */
export const tierRows: readonly Row[] = [
  {
    id: '3t',
    area: 'engine',
    title: 'ten admin policies and a baseline over all namespaces',
    against: 'the same cluster without them',
    bound: 'three more looks into tables for each leg',
    async run(context) {
      const plain = await flatOf(context);
      const view = await viewOf(context);
      const tieredView = buildModelView(withTiers(await context.snapshot()));
      const tiered = compileFlat(tieredView);
      const pods = targetsOf(context, await pairwiseOf(context), TARGETS);
      const [us = [], plainUs = []] = [tiered, plain].map((flat) => {
        const parties = pods.map((pod) => (flat.partyOfPod[pod] ?? -1) as PartyId);
        latenciesUs(parties, (party) => who(flat, party));
        return latenciesUs(parties, (party) => who(flat, party));
      });
      const compiled = await contest({
        figure: () => compileFlat(tieredView),
        reference: () => compileFlat(view),
        pairs: context.pairs,
      });
      const packets = await samplePackets(context, PACKETS);
      const undecided = packets.filter(({ source, destination, protocol, port }) => {
        const [from, to] = [source, destination].map((pod) => partyOf(tiered, pod));
        if (from === undefined || to === undefined) return false;
        return tiered.canReach(from, to, IPV4, protocol, port) === undefined;
      });
      const time = { unit: 'us', isAbsoluteTime: true } as const;
      const ratio = median(us) / median(plainUs);
      const bytes = tiered.bytes / plain.bytes;
      return [
        {
          what: 'who can reach, p50',
          ...time,
          figure: median(us),
          reference: median(plainUs),
          ratio,
          goal: { ratioAtMost: 3 },
        },
        {
          what: 'who can reach, p99',
          ...time,
          figure: percentile(us, 0.99),
          reference: percentile(plainUs, 0.99),
          goal: 'none',
        },
        {
          what: 'left to the clear evaluator',
          unit: '%',
          figure: (100 * undecided.length) / packets.length,
          goal: { atMost: 1 },
        },
        {
          what: 'bytes',
          unit: 'MB',
          figure: tiered.bytes / 1e6,
          reference: plain.bytes / 1e6,
          ratio: bytes,
          goal: { ratioAtMost: 1.1 },
        },
        fasterThan(compiled, { what: 'compile', unit: 'ms', goal: 'none' }),
      ];
    },
  },
];

function partyOf(flat: Flat, pod: number): PartyId {
  return (flat.partyOfPod[pod] ?? -1) as PartyId;
}
