import { child, hasErrors, isAbsent, itemsOf, objectOf, rootField } from '../fields.ts';
import type { Field } from '../fields.ts';
import type { RawObject } from '../read-item.ts';
import { isLabelKey } from '../names.ts';
import type { NamespaceScope, ObjectRef, PodSelection, Policy } from '../../model/policy.ts';
import { MATCH_ALL, NAMESPACE_NAME_LABEL, selectorOf } from '../../model/selector.ts';
import type { LabelSelector, Requirement } from '../../model/selector.ts';
import { parseCalicoSelector } from './calico-selector.ts';
import { decodeClusterSubject } from './cluster-policy-peers.ts';
import { decodeLabelSelector } from './label-selector.ts';

/** What a policy that is not evaluated could be about; what is not surely narrower is left out. */
export interface VendorSubject {
  readonly namespaces?: NamespaceScope;
  readonly pods?: LabelSelector;
  readonly applies?: Policy['applies'];
}

/** The namespace whose AuthorizationPolicies are about all namespaces. */
const ISTIO_ROOT = 'istio-system';

const ANYWHERE: NamespaceScope = { kind: 'selected', selector: MATCH_ALL };
const INGRESS_ONLY = { ingress: true, egress: false };
const EGRESS_ONLY = { ingress: false, egress: true };

/** What a reader of one kind finds in a spec. */
type Reader = (spec: Field, ref: ObjectRef) => VendorSubject;

/**
 * The pods that a policy of another maker could select, as far as its text says so in a way that
 * cannot be misunderstood. Anything else widens: a requirement that is not understood is left out, a
 * list of subjects is everybody.
 */
export function vendorSubject(ref: ObjectRef, value: RawObject): VendorSubject {
  const root = rootField(value);
  const reader = READERS.get(`${ref.apiVersion.replace(/\/.*/, '')} ${ref.kind}`);
  const spec = child(root, 'spec');
  if (reader === undefined || objectOf(spec) === undefined) return {};
  const found = reader(spec, ref);
  // A spec of which something is not what its kind says is not understood at all.
  return hasErrors(root.faults) ? {} : found;
}

const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['cilium.io CiliumNetworkPolicy', readCilium],
  ['cilium.io CiliumClusterwideNetworkPolicy', readCilium],
  ['projectcalico.org NetworkPolicy', readCalico],
  ['projectcalico.org GlobalNetworkPolicy', readCalico],
  ['crd.projectcalico.org NetworkPolicy', readCalico],
  ['crd.projectcalico.org GlobalNetworkPolicy', readCalico],
  ['crd.antrea.io NetworkPolicy', readAntrea],
  ['crd.antrea.io ClusterNetworkPolicy', readAntrea],
  ['networking.k8s.aws ApplicationNetworkPolicy', readAwsPolicy],
  ['networking.k8s.aws ClusterNetworkPolicy', readAwsClusterPolicy],
  ['k8s.ovn.org EgressFirewall', () => ({ applies: EGRESS_ONLY })],
  ['security.istio.io AuthorizationPolicy', readIstio],
]);

/** Sections that are there speak; a policy does not touch a direction that it has no section for. */
function sections(
  spec: Field,
  ingress: readonly string[],
  egress: readonly string[],
): VendorSubject {
  const has = (keys: readonly string[]): boolean => keys.some((key) => !isAbsent(child(spec, key)));
  const applies = { ingress: has(ingress), egress: has(egress) };
  return applies.ingress || applies.egress ? { applies } : {};
}

function readCilium(spec: Field, { namespace }: ObjectRef): VendorSubject {
  const directions = sections(spec, ['ingress', 'ingressDeny'], ['egress', 'egressDeny']);
  const endpoints = child(spec, 'endpointSelector');
  // Nodes are selected for what goes through them as well.
  if (isAbsent(endpoints) || !isAbsent(child(spec, 'nodeSelector'))) return {};
  const pods: Requirement[] = [];
  const namespaces: Requirement[] = [];
  for (const requirement of ciliumRequirements(endpoints)) {
    const placed = placeCilium(requirement);
    if (placed === undefined) continue;
    if (placed.of === 'pod') pods.push(placed.requirement);
    else namespaces.push(placed.requirement);
  }
  return {
    ...directions,
    pods: selectorOf(pods),
    // One in a namespace is about that namespace, whatever it says of others.
    ...(namespace === undefined && namespaces.length !== 0
      ? { namespaces: { kind: 'selected' as const, selector: selectorOf(namespaces) } }
      : {}),
  };
}

/** Keys of this selector have a prefix that no label of Kubernetes has, so they are read here. */
function ciliumRequirements(selector: Field): Requirement[] {
  const equal = child(selector, 'matchLabels');
  const pairs = Object.entries(objectOf(equal) ?? {}).flatMap(([key, value]): Requirement[] =>
    typeof value === 'string' ? [{ key, operator: 'In', values: [value] }] : [],
  );
  const expressions = itemsOf(child(selector, 'matchExpressions')).flatMap(
    (item): Requirement[] => {
      const { key, operator, values } = objectOf(item) ?? {};
      if (typeof key !== 'string') return [];
      if (operator === 'Exists') return [{ key, operator, values: [] }];
      const list: readonly unknown[] = Array.isArray(values) ? values : [];
      const texts = list.flatMap((text) => (typeof text === 'string' ? [text] : []));
      const isPlain = operator === 'In' && texts.length === list.length && texts.length !== 0;
      return isPlain ? [{ key, operator, values: texts }] : [];
    },
  );
  return [...pairs, ...expressions];
}

const CILIUM_NAMESPACE = 'io.kubernetes.pod.namespace';
const CILIUM_NAMESPACE_LABELS = 'io.cilium.k8s.namespace.labels.';

function placeCilium(
  requirement: Requirement,
): { readonly of: 'pod' | 'namespace'; readonly requirement: Requirement } | undefined {
  // `k8s:app`, `any:app`, or `app`; other sources are no labels of Kubernetes.
  const [, source, name = ''] = /^(?:([a-z0-9]+):)?(.*)$/.exec(requirement.key) ?? [];
  if (source !== undefined && source !== 'k8s' && source !== 'any') return undefined;
  if (name === CILIUM_NAMESPACE) {
    return { of: 'namespace', requirement: { ...requirement, key: NAMESPACE_NAME_LABEL } };
  }
  if (name.startsWith(CILIUM_NAMESPACE_LABELS)) {
    const label = name.slice(CILIUM_NAMESPACE_LABELS.length);
    return { of: 'namespace', requirement: { ...requirement, key: label } };
  }
  // Other labels of its own stand for service accounts, clusters and the like.
  if (/^io\.(cilium|kubernetes)\./.test(name) || !isLabelKey(name)) return undefined;
  return { of: 'pod', requirement: { ...requirement, key: name } };
}

function readCalico(spec: Field, { kind }: ObjectRef): VendorSubject {
  const isHostPolicy = ['preDNAT', 'doNotTrack', 'applyOnForward'].some(
    (key) => child(spec, key).value === true,
  );
  if (isHostPolicy) return {};
  const pods = calicoSelector(child(spec, 'selector'));
  const namespaces =
    kind === 'GlobalNetworkPolicy' ? calicoSelector(child(spec, 'namespaceSelector')) : undefined;
  const applies = calicoDirections(spec);
  return {
    ...(pods === undefined ? {} : { pods }),
    ...(namespaces === undefined || namespaces.requirements.length === 0
      ? {}
      : { namespaces: { kind: 'selected', selector: namespaces } }),
    ...(applies === undefined ? {} : { applies }),
  };
}

function calicoSelector(field: Field): LabelSelector | undefined {
  if (isAbsent(field)) return MATCH_ALL;
  return typeof field.value === 'string' ? parseCalicoSelector(field.value) : undefined;
}

/** `types`, or what their absence means: Ingress unless there are egress rules only. */
function calicoDirections(spec: Field): Policy['applies'] | undefined {
  const types = itemsOf(child(spec, 'types')).map(({ value }) => value);
  if (types.length !== 0) {
    if (!types.every((type) => type === 'Ingress' || type === 'Egress')) return undefined;
    return { ingress: types.includes('Ingress'), egress: types.includes('Egress') };
  }
  const [ingress, egress] = ['ingress', 'egress'].map((key) => !isAbsent(child(spec, key)));
  return { ingress: ingress === true || egress !== true, egress: egress === true };
}

function readAntrea(spec: Field, { namespace }: ObjectRef): VendorSubject {
  const directions = sections(spec, ['ingress'], ['egress']);
  const rules = ['ingress', 'egress'].flatMap((key) => itemsOf(child(spec, key)));
  const [first, ...others] = itemsOf(child(spec, 'appliedTo'));
  const inRules = rules.some((rule) => !isAbsent(child(rule, 'appliedTo')));
  if (first === undefined || others.length !== 0 || inRules) return directions;
  const keys = Object.keys(objectOf(first) ?? {});
  if (!keys.every((key) => key === 'podSelector' || key === 'namespaceSelector')) return directions;
  const selectorAt = (key: string): LabelSelector =>
    decodeLabelSelector(child(first, key), 'MANIFESTS');
  const namespaces: NamespaceScope = {
    kind: 'selected',
    selector: selectorAt('namespaceSelector'),
  };
  return {
    ...directions,
    pods: selectorAt('podSelector'),
    ...(namespace === undefined ? { namespaces } : {}),
  };
}

function readAwsPolicy(spec: Field): VendorSubject {
  const types = itemsOf(child(spec, 'policyTypes')).map(({ value }) => value);
  const applies = { ingress: types.includes('Ingress'), egress: types.includes('Egress') };
  return {
    pods: decodeLabelSelector(child(spec, 'podSelector'), 'MANIFESTS'),
    ...(applies.ingress || applies.egress ? { applies } : {}),
  };
}

function readAwsClusterPolicy(spec: Field): VendorSubject {
  const subject: PodSelection | undefined = decodeClusterSubject(child(spec, 'subject'), 'LIVE');
  return { ...sections(spec, ['ingress'], ['egress']), ...subject };
}

/** What is let in is all that it judges. */
function readIstio(spec: Field, { namespace }: ObjectRef): VendorSubject {
  const scope = namespace === ISTIO_ROOT ? { namespaces: ANYWHERE } : {};
  const base = { ...scope, applies: INGRESS_ONLY };
  const isForGateway = ['targetRef', 'targetRefs'].some((key) => !isAbsent(child(spec, key)));
  const selector = child(spec, 'selector');
  if (isForGateway || isAbsent(selector)) return base;
  const keys = Object.keys(objectOf(selector) ?? {});
  if (!keys.every((key) => key === 'matchLabels')) return base;
  return { ...base, pods: decodeLabelSelector(selector, 'MANIFESTS') };
}
