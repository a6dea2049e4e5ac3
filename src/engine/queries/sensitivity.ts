import type { Assumption, Verdict } from '../../model/answer.ts';
import type { Policy } from '../../model/policy.ts';
import { DIALECTS, DIALECT_TITLES } from '../dialects.ts';
import type { PodOrdinal } from '../model-view.ts';
import type { EngineOptions } from '../options.ts';
import type { Steps } from '../query.ts';
import type { ReachIndex } from '../reach-index.ts';
import { underOptions } from '../under-options.ts';
import type { Case } from './cases.ts';
import { CASES_PER_STEP } from './pair-limits.ts';
import { DIALECT_NAMES } from '../../model/dialect.ts';
import type { DialectName } from '../../model/dialect.ts';

/** Cases beyond which a question is not asked again for each option. */
const CASES_MAX = 2_000;

type OptionName = keyof EngineOptions;
type Value = EngineOptions[OptionName];

/** A question that was answered, and how to ask it again. */
export interface Answered {
  readonly verdict: Verdict;
  readonly cases: readonly Case[];
  /** Pods that the target names. */
  readonly destinations: readonly PodOrdinal[];
  readonly viaService: boolean;
  /** The verdict that the same question has on another index. */
  readonly ask: (index: ReachIndex) => Steps<Verdict>;
}

/**
 * The options that would change the verdict, each judged anew with the other value; none of those that
 * cannot matter to the question is tried.
 *
 * @see semantics 4.2
 */
export function* sensitivity(index: ReachIndex, answered: Answered): Steps<Assumption[]> {
  if (CASES_MAX < answered.cases.length) return [TOO_MANY];
  const facts = factsOf(index, answered);
  const found: Assumption[] = [];
  for (const { option, code, values, matters } of OPTIONS) {
    if (!matters(facts)) continue;
    for (const value of values(index)) {
      if (value === index.options[option]) continue;
      if (CASES_PER_STEP < answered.cases.length) yield;
      const options = { ...index.options, [option]: value };
      const verdict = yield* answered.ask(underOptions(index, options));
      if (verdict === answered.verdict) continue;
      const message = messageOf(answered.verdict, { option, value, verdict });
      found.push({ code, message, option, value, verdict });
    }
  }
  return found;
}

const TOO_MANY: Assumption = {
  code: 'DIALECTS_NOT_COMPARED',
  message: `more than ${CASES_MAX} cases: what other dialects would answer is not worked out; ask about fewer pods`,
};

/** What of a question options can matter to. */
interface Facts {
  /** Policies on the pods of either end. */
  readonly policies: readonly Policy[];
  readonly hasNodes: boolean;
  readonly hasAddresses: boolean;
  readonly hasHostPods: boolean;
  readonly isHome: boolean;
  readonly isHairpin: boolean;
  readonly viaService: boolean;
  readonly isTied: boolean;
  /** Some destination pod names ports of containers that run before, or beside, the others. */
  readonly hasEarlyNames: boolean;
}

interface OptionTest {
  readonly option: OptionName;
  readonly code: string;
  readonly values: (index: ReachIndex) => readonly Value[];
  readonly matters: (facts: Facts) => boolean;
}

const OPTIONS: readonly OptionTest[] = [
  {
    option: 'ipBlockMatchesPods',
    code: 'IPBLOCK_MATCHES_PODS',
    values: () => [true, false],
    matters: ({ policies }) => policies.some(namesAddresses),
  },
  {
    option: 'ipBlockMatchesNodes',
    code: 'IPBLOCK_MATCHES_NODES',
    values: () => [true, false],
    matters: ({ policies, hasNodes, viaService, hasAddresses }) =>
      (hasNodes || (viaService && hasAddresses)) && policies.some(namesAddresses),
  },
  {
    option: 'localNode',
    code: 'LOCAL_NODE_EXEMPT',
    values: () => ['ingress-only', 'both', 'none'],
    matters: ({ isHome, viaService, hasAddresses }) => isHome || (viaService && hasAddresses),
  },
  {
    option: 'selfViaService',
    code: 'SELF_VIA_SERVICE',
    values: () => ['allow', 'evaluate'],
    matters: ({ isHairpin }) => isHairpin,
  },
  {
    option: 'hostNetworkPods',
    code: 'HOST_NETWORK_PODS',
    values: () => ['asNode', 'asPod'],
    matters: ({ hasHostPods }) => hasHostPods,
  },
  {
    option: 'hostNetworkNamespace',
    code: 'HOST_NETWORK_NAMESPACE',
    values: ({ view }) => {
      const name = DIALECTS.openshift.hostNetworkNamespace;
      return [null, ...(view.namespaceNames.includes(name) ? [name] : [])];
    },
    matters: ({ policies, hasNodes }) => hasNodes && policies.length !== 0,
  },
  {
    option: 'namedPortContainers',
    code: 'NAMED_PORT_CONTAINERS',
    values: () => ['regular+sidecars', 'regular', 'regular+init'],
    matters: ({ hasEarlyNames }) => hasEarlyNames,
  },
  {
    option: 'namedPortScope',
    code: 'NAMED_PORT_SCOPE',
    values: () => ['pod', 'policy'],
    matters: ({ policies }) => policies.some(namesPorts),
  },
  {
    option: 'priorityTies',
    code: 'PRIORITY_TIES',
    values: () => ['report', 'deny-wins'],
    matters: ({ isTied }) => isTied,
  },
  {
    option: 'externalSource',
    code: 'EXTERNAL_SOURCE',
    values: () => ['conditional', 'client', 'node'],
    matters: ({ viaService, hasAddresses }) => viaService && hasAddresses,
  },
  {
    option: 'notReadyEndpoints',
    code: 'NOT_READY_ENDPOINTS',
    values: () => ['exclude', 'include'],
    matters: ({ viaService }) => viaService,
  },
];

function factsOf(index: ReachIndex, { cases, viaService, destinations }: Answered): Facts {
  const { view } = index;
  const reached = cases.flatMap(({ destination }) => destination.pods);
  const targets = new Set([...destinations, ...reached]);
  const ends = [...new Set(cases.flatMap(({ source, destination }) => [source, destination]))];
  const parties = [...new Set(ends.map(({ party }) => party))];
  const kinds = new Set(parties.map((party) => index.party(party).kind));
  const policies = [...new Set(parties.flatMap((party) => index.policiesOf(party)))];
  const relations = new Set(cases.map(({ question }) => question.relation));
  const ordered = policies.filter(({ tier }) => tier !== 'network-policy');
  const orders = new Set(ordered.map(({ tier, order }) => `${tier} ${order}`));
  return {
    policies,
    hasNodes: kinds.has('node'),
    hasAddresses: kinds.has('addresses'),
    hasHostPods: ends.some(({ pods }) => pods.some((pod) => view.pod(pod).hostNetwork)),
    isHome: relations.has('LOCAL_NODE') || relations.has('MAYBE_LOCAL_NODE'),
    isHairpin: relations.has('HAIRPIN'),
    viaService,
    isTied: orders.size < ordered.length,
    hasEarlyNames: [...targets].some((pod) =>
      view
        .pod(pod)
        .ports.some(({ name, container }) => name !== undefined && container !== 'regular'),
    ),
  };
}

function namesAddresses({ ingress, egress }: Policy): boolean {
  return [...ingress, ...egress].some(
    ({ peers }) =>
      peers !== 'every' &&
      peers.some(({ atom }) => atom.kind === 'addresses' && atom.owned === 'options'),
  );
}

function namesPorts({ ingress, egress }: Policy): boolean {
  return [...ingress, ...egress].some(
    ({ ports }) => ports !== 'every' && ports.some(({ kind }) => kind === 'name'),
  );
}

function messageOf(
  here: Verdict,
  {
    option,
    value,
    verdict,
  }: { readonly option: OptionName; readonly value: Value; readonly verdict: Verdict },
): string {
  const plugins = DIALECT_NAMES.filter((name) => isOf(name, option, value));
  const titles = plugins.map((name) => DIALECT_TITLES[name]);
  const where = titles.length === 0 ? '' : `, as on ${titles.join(', ')}`;
  return `${here} here, ${verdict} with ${option}=${value ?? 'unset'}${where}`;
}

/** Whether a dialect has `value` as something of its own. */
function isOf(name: DialectName, option: OptionName, value: Value): boolean {
  const own: Partial<EngineOptions> = DIALECTS[name];
  return own[option] === value;
}
