/** Network plugins that podreach can judge as, the default first. */
export const DIALECT_NAMES = [
  'upstream',
  'calico',
  'cilium',
  'antrea',
  'openshift',
  'aws',
  'kube-router',
] as const;

/** One of {@link DIALECT_NAMES}. */
export type DialectName = (typeof DIALECT_NAMES)[number];

/** The dialect that `text` names; undefined for none. */
export function findDialect(text: string): DialectName | undefined {
  return DIALECT_NAMES.find((name) => name === text);
}

/** How a question asks to be judged, instead of as the server is set for the cluster. */
export interface Judging {
  /** As this plugin judges, whatever else is set. */
  readonly dialect?: DialectName;
  /** As if there were no policies of kinds that are not evaluated. */
  readonly ignoreVendorPolicies?: boolean;
}
