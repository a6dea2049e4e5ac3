import { connectionsOf, contains } from '../../model/connection-set.ts';
import type { Reason } from '../../model/answer.ts';
import { isFinished } from '../../model/snapshot.ts';
import type { PodOrdinal } from '../model-view.ts';
import type { Steps } from '../query.ts';
import type { PairQuestion, ReachIndex } from '../reach-index.ts';
import { podsOfNamespace } from '../refs/namespace-pods.ts';
import type { Case } from './cases.ts';
import { CASES_PER_STEP } from './pair-limits.ts';

/** Labels of the pods behind the cluster DNS Service, and the port they listen on. */
const RESOLVERS = [
  { namespace: 'kube-system', key: 'k8s-app', value: 'kube-dns', port: 53 },
  {
    namespace: 'openshift-dns',
    key: 'dns.operator.openshift.io/daemonset-dns',
    value: 'default',
    port: 5353,
  },
] as const;

/**
 * `DNS_BLOCKED` when a source is isolated for egress and may not ask the cluster DNS: whatever else
 * the answer says, a client that uses names fails before it connects.
 *
 * @see semantics R2.20
 */
export function* dnsReasons(index: ReachIndex, cases: readonly Case[]): Steps<Reason[]> {
  const resolvers = resolverPods(index);
  if (resolvers.length === 0) return [];
  let blocked = false;
  // Whom else a source is asked about makes no difference to what it may ask of the DNS.
  for (const question of oncePerSource(cases)) {
    if (CASES_PER_STEP < cases.length) yield;
    if (index.reach(question).egress.isolated !== true) continue;
    blocked = resolvers.every(({ pod, port }) => {
      const destination = index.partyOfPod(pod);
      if (destination === undefined) return false;
      const lookup = connectionsOf([{ protocol: 'UDP', from: port, to: port }]);
      const { egress } = index.reach({ ...question, destination, relation: 'NONE' });
      return contains(egress.deny, lookup);
    });
    if (blocked) break;
  }
  if (!blocked) return [];
  return [
    {
      code: 'DNS_BLOCKED',
      message:
        'the source may not ask the cluster DNS (udp/53), so looking up a name fails before any ' +
        'connection is tried; allow egress to it on UDP and TCP 53',
    },
  ];
}

function* oncePerSource(cases: readonly Case[]): Iterable<PairQuestion> {
  const seen = new Set<string>();
  for (const { question, source } of cases) {
    if (source.pods.length === 0) continue;
    const key = `${question.source} ${question.family ?? ''}`;
    if (seen.has(key)) continue;
    seen.add(key);
    yield question;
  }
}

function resolverPods(index: ReachIndex): { pod: PodOrdinal; port: number }[] {
  const { view } = index;
  return RESOLVERS.flatMap(({ namespace, key, value, port }) =>
    podsOfNamespace(view, namespace)
      .filter((ordinal) => {
        const { labels, phase } = view.pod(ordinal);
        return labels.get(key) === value && !isFinished(phase);
      })
      .map((pod) => ({ pod, port })),
  );
}
