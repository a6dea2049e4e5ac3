import { canonicalJson } from '../canonical-json.ts';
import {
  AMBIGUOUS_SCALAR,
  INVALID_FIELD,
  addFault,
  child,
  integerOf,
  isAbsent,
} from '../fields.ts';
import { rootField, wordOf } from '../fields.ts';
import type { Fault, Field } from '../fields.ts';
import type { Policy, TierId } from '../../model/policy.ts';
import { MATCH_ALL } from '../../model/selector.ts';
import { INVALID_SELECTOR, refuseUnknown, splitKeys } from './cluster-policy-fields.ts';
import type { ClusterPolicyApi } from './cluster-policy-fields.ts';
import { decodeClusterSubject } from './cluster-policy-peers.ts';
import { decodeClusterRules } from './cluster-policy-rules.ts';
import { checkSpelling, invalidity, named } from './policy-object.ts';
import type { PolicyDecoder } from './policy-object.ts';

const PRIORITY_MAX = 1000;
/** The one BaselineAdminNetworkPolicy comes after all that have a priority (semantics R3.14). */
const LAST = PRIORITY_MAX + 1;
/** What that must be called. */
const ONLY_NAME = 'default';

const V1ALPHA1: ClusterPolicyApi = {
  actions: { Allow: 'allow', Deny: 'deny', Pass: 'pass' },
  portsKey: 'ports',
  itemsMax: 100,
  oldPeers: true,
};
const V1ALPHA1_BASELINE: ClusterPolicyApi = {
  ...V1ALPHA1,
  actions: { Allow: 'allow', Deny: 'deny' },
};
const V1ALPHA2: ClusterPolicyApi = {
  actions: { Accept: 'allow', Deny: 'deny', Pass: 'pass' },
  portsKey: 'protocols',
  itemsMax: 25,
  oldPeers: false,
};

/** Where in the order of all policies one stands; undefined, with a fault, if it does not say. */
interface Place {
  readonly tier: TierId | undefined;
  readonly order: number | undefined;
}

/** Decodes an AdminNetworkPolicy of `policy.networking.k8s.io/v1alpha1`. @see semantics R3.1–R3.14 */
export const decodeAdminPolicy = decoderOf(V1ALPHA1, ['priority'], (spec) => ({
  tier: 'admin',
  order: priorityOf(spec),
}));

/** Decodes a BaselineAdminNetworkPolicy of the same version. @see semantics R3.4, R3.14 */
export const decodeBaselinePolicy = decoderOf(V1ALPHA1_BASELINE, [], (_spec, root, name) => {
  if (name !== ONLY_NAME) {
    const message = `a BaselineAdminNetworkPolicy is called \`${ONLY_NAME}\`; there can be no other`;
    addFault(child(child(root, 'metadata'), 'name'), message);
  }
  return { tier: 'baseline', order: LAST };
});

/** Decodes a ClusterNetworkPolicy of v1alpha2 or v1beta1. @see semantics R3.2–R3.14 */
export const decodeClusterPolicy = decoderOf(V1ALPHA2, ['tier', 'priority'], (spec) => {
  const field = child(spec, 'tier');
  if (isAbsent(field)) addFault(field, 'the tier is missing: `Admin` or `Baseline`');
  const word = wordOf(field, ['Admin', 'Baseline']);
  const tier = word === undefined ? undefined : word === 'Admin' ? 'admin' : 'baseline';
  return { tier, order: priorityOf(spec) };
});

function decoderOf(
  api: ClusterPolicyApi,
  placeFields: readonly string[],
  placeOf: (spec: Field, root: Field, name: string) => Place,
): PolicyDecoder {
  return (ref, { value, metadataFaults }, reading) => {
    const { source } = reading;
    const root = rootField(value);
    const { faults } = root;
    faults.push(...metadataFaults);
    checkSpelling(root, reading);
    const spec = child(root, 'spec');
    const fields = [...placeFields, 'subject', 'ingress', 'egress'];
    refuseUnknown(spec, fields, source);
    const { tier = 'admin', order = 0 } = placeOf(spec, root, ref.name);
    const subject = decodeClusterSubject(child(spec, 'subject'), source);
    const context = { api, source };
    const ingress = decodeClusterRules(child(spec, 'ingress'), 'INGRESS', context);
    const egress = decodeClusterRules(child(spec, 'egress'), 'EGRESS', context);
    const refused = faults.some(isRefusal);
    const isUnknown = refused || faults.some(({ code }) => code === INVALID_SELECTOR);
    const policy: Policy = {
      ref,
      tier,
      order,
      subject: subject ?? ANYONE,
      applies: isUnknown ? appliesPerhaps(spec, fields) : appliesOf(ingress, egress),
      ingress: isUnknown ? [] : ingress,
      egress: isUnknown ? [] : egress,
      ...(isUnknown ? { opaque: invalidity(faults.filter(isInvalid)) } : {}),
      spec: canonicalJson(spec.value),
    };
    return { faults: refused ? named(faults) : faults, policy, refused };
  };
}

const ANYONE: Policy['subject'] = {
  namespaces: { kind: 'selected', selector: MATCH_ALL },
  pods: MATCH_ALL,
};

function priorityOf(spec: Field): number | undefined {
  const field = child(spec, 'priority');
  if (isAbsent(field)) addFault(field, `the priority is missing: 0 to ${PRIORITY_MAX}`);
  const priority = integerOf(field);
  if (priority === undefined || (0 <= priority && priority <= PRIORITY_MAX)) return priority;
  addFault(field, `\`${priority}\` is not a priority from 0 to ${PRIORITY_MAX}`);
  return undefined;
}

/** Without rules in a direction a policy does not touch it (semantics R3.3). */
function appliesOf(ingress: readonly unknown[], egress: readonly unknown[]): Policy['applies'] {
  return { ingress: ingress.length !== 0, egress: egress.length !== 0 };
}

/** Of what cannot be read, any direction that is not surely left out. */
function appliesPerhaps(spec: Field, fields: readonly string[]): Policy['applies'] {
  const { known, unknown } = splitKeys(spec, fields);
  const all = unknown.length !== 0 || known.length === 0;
  return { ingress: all || known.includes('ingress'), egress: all || known.includes('egress') };
}

/** The server refuses the object; what fails closed, or is no selector, it stores. */
function isRefusal({ severity, code }: Fault): boolean {
  return severity === 'error' && (code === INVALID_FIELD || code === AMBIGUOUS_SCALAR);
}

function isInvalid(fault: Fault): boolean {
  return isRefusal(fault) || fault.code === INVALID_SELECTOR;
}
