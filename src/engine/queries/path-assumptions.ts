import type { Reason } from '../../model/answer.ts';
import { printObject } from '../../model/policy.ts';
import { missingPolicyKinds } from '../missing.ts';
import type { ModelView } from '../model-view.ts';
import { allPolicies, isUnevaluated } from '../policies.ts';
import type { ReachIndex } from '../reach-index.ts';

/** What was taken for granted of the snapshot, or chosen by whoever asks or uploaded it. */
export function assumptionsOf({ view, options }: ReachIndex): Reason[] {
  const told = view.snapshot.assumptions.map((code) => ({
    code,
    message: ASSUMPTIONS.get(code) ?? code,
  }));
  return options.vendorPolicies === 'ignore' ? [...told, ...ignoredPolicies(view)] : told;
}

/** Policies named when they are ignored; the message counts the others. */
const IGNORED_SHOWN_MAX = 10;

function ignoredPolicies(view: ModelView): Reason[] {
  const names = allPolicies(view)
    .filter(isUnevaluated)
    .map(({ ref }) => printObject(ref));
  const kinds = missingPolicyKinds(view.snapshot, { vendorPolicies: 'report' });
  const others = names.length - IGNORED_SHOWN_MAX;
  const shown = names.slice(0, IGNORED_SHOWN_MAX).join(', ');
  const ignored = `${shown}${0 < others ? ` and ${others} more` : ''}`;
  return [
    ...(names.length === 0 ? [] : [ignored]),
    ...(kinds === undefined ? [] : [kinds.message]),
  ].map((what) => ({
    code: 'VENDOR_POLICIES_IGNORED',
    message: `answered as if there were no policies that podreach does not evaluate: ${what}`,
  }));
}

const ASSUMPTIONS: ReadonlyMap<string, string> = new Map([
  [
    'NO_CLUSTER_POLICIES_SEEN',
    'the dump shows no cluster-wide policy kinds; it is assumed there are none',
  ],
  [
    'ASSUMED_NO_POLICIES',
    'the dump has no NetworkPolicies, and the upload said that there are none',
  ],
  [
    'UNKNOWN_FIELDS_PRUNED',
    'fields that NetworkPolicies do not have were dropped, as a server does that only warns (`unknownFields=prune`)',
  ],
  [
    'UNKNOWN_FIELDS_REFUSED',
    'stored NetworkPolicies with fields that are not known here count as not understood (`unknownFields=error`)',
  ],
  [
    'LENIENT_CIDRS_ACCEPTED',
    'CIDRs that servers refuse from 1.36 on were read as those before it do (`strictCIDR=false`)',
  ],
  [
    'STRICT_CIDRS_REQUIRED',
    'stored NetworkPolicies with CIDRs that servers refuse from 1.36 on count as not understood (`strictCIDR=true`)',
  ],
]);
