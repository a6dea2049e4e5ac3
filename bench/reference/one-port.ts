import { sealSnapshot } from '../../src/model/digest.ts';
import type { Policy, PortTerm, Rule } from '../../src/model/policy.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';

const ONE_PORT: readonly PortTerm[] = [
  { index: 0, kind: 'range', protocol: 'TCP', from: 8080, to: 8080 },
];

/** The same cluster, with the same port in all rules. */
export function withOnePort({ digest: _, ...snapshot }: Snapshot): Snapshot {
  const ruled = (rules: readonly Rule[]): Rule[] =>
    rules.map((rule) => ({ ...rule, ports: ONE_PORT }));
  const plain = (policy: Policy): Policy => ({
    ...policy,
    ingress: ruled(policy.ingress),
    egress: ruled(policy.egress),
  });
  const namespaces = [...snapshot.namespaces].map(
    ([name, chunk]) => [name, { ...chunk, policies: chunk.policies.map(plain) }] as const,
  );
  return sealSnapshot({ ...snapshot, namespaces: new Map(namespaces) });
}
