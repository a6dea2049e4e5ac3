import type { DialectName, Judging } from '../model/dialect.ts';
import { DEFAULT_OPTIONS } from './options.ts';
import type { EngineOptions } from './options.ts';

/**
 * Network plugins by what they do other than the default, as far as an option says it (semantics 4.1,
 * 4.2). One without an entry of its own does nothing that is modelled here differently.
 */
export const DIALECTS = {
  upstream: {},
  calico: { namedPortContainers: 'regular+init', selfViaService: 'evaluate' },
  cilium: { ipBlockMatchesPods: false, ipBlockMatchesNodes: false },
  antrea: { namedPortContainers: 'regular' },
  openshift: { hostNetworkNamespace: 'openshift-host-network' },
  aws: { namedPortScope: 'policy', namedPortContainers: 'regular' },
  'kube-router': {},
} as const satisfies Readonly<Record<DialectName, Partial<EngineOptions>>>;

/** How plugins are called in sentences. */
export const DIALECT_TITLES: Readonly<Record<DialectName, string>> = {
  upstream: 'upstream Kubernetes',
  calico: 'Calico',
  cilium: 'Cilium',
  antrea: 'Antrea',
  openshift: 'OpenShift',
  aws: 'AWS VPC CNI',
  'kube-router': 'kube-router',
};

/** Every option of a dialect. */
export function dialectOptions(name: DialectName): EngineOptions {
  return { ...DEFAULT_OPTIONS, ...DIALECTS[name] };
}

/** The options that a question is judged by, where `base` is what is set. */
export function judgedBy(base: EngineOptions, judging: Judging): EngineOptions {
  const { dialect, ignoreVendorPolicies } = judging;
  // Who passes traffic on is a matter of the cluster, whatever its plugin.
  const { ingressControllers } = base;
  const options = dialect === undefined ? base : { ...dialectOptions(dialect), ingressControllers };
  return ignoreVendorPolicies === true ? { ...options, vendorPolicies: 'ignore' } : options;
}
