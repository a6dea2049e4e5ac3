import { connectionsOf, contains } from '../../model/connection-set.ts';
import type { Reason } from '../../model/answer.ts';
import { isFinished } from '../../model/snapshot.ts';
import { podOrdinals } from '../model-view.ts';
import type { PodOrdinal } from '../model-view.ts';
import type { ReachIndex } from '../reach-index.ts';
import type { Case } from './cases.ts';

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
export function dnsReasons(index: ReachIndex, cases: readonly Case[]): Reason[] {
  const isolated = cases.filter(
    ({ question, source }) =>
      source.pods.length !== 0 && index.reach(question).egress.isolated === true,
  );
  const resolvers = resolverPods(index);
  if (isolated.length === 0 || resolvers.length === 0) return [];
  const blocked = isolated.some(({ question }) =>
    resolvers.every(({ pod, port }) => {
      const destination = index.partyOfPod(pod);
      if (destination === undefined) return false;
      const lookup = connectionsOf([{ protocol: 'UDP', from: port, to: port }]);
      const { egress } = index.reach({ ...question, destination, relation: 'NONE' });
      return contains(egress.deny, lookup);
    }),
  );
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

function resolverPods(index: ReachIndex): { pod: PodOrdinal; port: number }[] {
  const { view } = index;
  const namespaces = new Set<string>(RESOLVERS.map(({ namespace }) => namespace));
  if (!view.namespaces.some(({ name }) => namespaces.has(name))) return [];
  const found: { pod: PodOrdinal; port: number }[] = [];
  for (const ordinal of podOrdinals(view)) {
    const chunk = view.namespaceOf(ordinal);
    if (!namespaces.has(chunk.name)) continue;
    const pod = view.pod(ordinal);
    const resolver = RESOLVERS.find(
      ({ namespace, key, value }) => namespace === chunk.name && pod.labels.get(key) === value,
    );
    if (resolver !== undefined && !isFinished(pod.phase)) {
      found.push({ pod: ordinal, port: resolver.port });
    }
  }
  return found;
}
