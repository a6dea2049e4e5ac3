import type {
  KubeObject,
  KubePeer,
  KubePolicyPort,
  KubeRule,
  KubeSelector,
  KubeSpec,
} from './kube-objects.ts';

/*
 * Other ways to write a cluster, on the raw objects: what metamorphic properties compare.
 */

/** The names of a policy's two lists of rules. */
export type Side = 'ingress' | 'egress';
/** @see Side */
export const SIDES: readonly Side[] = ['ingress', 'egress'];

/** A NetworkPolicy. */
export function policyObject(namespace: string, name: string, spec: KubeSpec): KubeObject {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { namespace, name },
    spec,
  };
}

/** Each policy replaced by what `rewrite` makes of it; everything else as it is. */
export function eachPolicy(
  objects: readonly KubeObject[],
  rewrite: (policy: KubeObject, spec: KubeSpec) => readonly KubeObject[],
): KubeObject[] {
  return objects.flatMap((object) =>
    object.kind === 'NetworkPolicy' ? rewrite(object, object.spec ?? {}) : [object],
  );
}

/** Each rule of each policy replaced. */
export function eachRule(
  objects: readonly KubeObject[],
  rewrite: (rule: KubeRule, side: Side) => KubeRule,
): KubeObject[] {
  return eachPolicy(objects, (policy, spec) => [
    {
      ...policy,
      spec: SIDES.reduce((result, side) => {
        const rules = spec[side]?.map((rule) => rewrite(rule ?? {}, side));
        return rules === undefined ? result : { ...result, [side]: rules };
      }, spec),
    },
  ]);
}

/** Each peer replaced by any number of others; lists that are empty stay so. */
export function eachPeer(
  objects: readonly KubeObject[],
  rewrite: (peer: KubePeer) => readonly KubePeer[],
): KubeObject[] {
  return eachRule(objects, (rule) => ({
    ...rule,
    ...(rule.from ? { from: rule.from.flatMap((one) => rewrite(one ?? {})) } : {}),
    ...(rule.to ? { to: rule.to.flatMap((one) => rewrite(one ?? {})) } : {}),
  }));
}

/** Each entry of each port list replaced by any number of others. */
export function eachPort(
  objects: readonly KubeObject[],
  rewrite: (port: KubePolicyPort) => readonly KubePolicyPort[],
): KubeObject[] {
  return eachRule(objects, (rule) =>
    rule.ports ? { ...rule, ports: rule.ports.flatMap((one) => rewrite(one ?? {})) } : rule,
  );
}

/** Each label selector of each policy replaced. */
export function eachSelector(
  objects: readonly KubeObject[],
  rewrite: (selector: KubeSelector) => KubeSelector,
): KubeObject[] {
  const inPeers = eachPeer(objects, ({ podSelector, namespaceSelector, ...rest }) => [
    {
      ...rest,
      ...(podSelector ? { podSelector: rewrite(podSelector) } : {}),
      ...(namespaceSelector ? { namespaceSelector: rewrite(namespaceSelector) } : {}),
    },
  ]);
  return eachPolicy(inPeers, (policy, spec) => [
    {
      ...policy,
      spec: spec.podSelector ? { ...spec, podSelector: rewrite(spec.podSelector) } : spec,
    },
  ]);
}

/** The directions a policy applies to, as the API server would fill them in (R1.5). */
export function effectiveTypes({ policyTypes, egress }: KubeSpec): readonly string[] {
  if (policyTypes && policyTypes.length !== 0) return policyTypes;
  return egress && egress.length !== 0 ? ['Ingress', 'Egress'] : ['Ingress'];
}

/** Policies cut down to one direction; those that do not apply to it are gone. */
export function onlyDirection(objects: readonly KubeObject[], side: Side): KubeObject[] {
  const type = side === 'ingress' ? 'Ingress' : 'Egress';
  return eachPolicy(objects, (policy, spec) =>
    effectiveTypes(spec).includes(type)
      ? [{ ...policy, spec: { ...spec, policyTypes: [type] } }]
      : [],
  );
}

/** Label keys and values of pods, namespaces, templates and selectors, one by one by another name. */
export function renameLabels(
  objects: readonly KubeObject[],
  nameOf: (text: string) => string,
): KubeObject[] {
  const pairs = (labels: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(
      Object.entries(labels).map(([key, value]) =>
        key === NAME_LABEL ? [key, value] : [nameOf(key), value === '' ? '' : nameOf(value)],
      ),
    );
  const renamed = eachSelector(objects, ({ matchLabels, matchExpressions }) => ({
    ...(matchLabels ? { matchLabels: pairs(matchLabels) } : {}),
    ...(matchExpressions
      ? {
          matchExpressions: matchExpressions.map(({ key, operator, values }) => ({
            key: nameOf(key),
            operator,
            ...(values
              ? { values: values.map((value) => (value === '' ? '' : nameOf(value))) }
              : {}),
          })),
        }
      : {}),
  }));
  return renamed.map((object) => {
    const { spec } = object;
    const own = object.metadata.labels;
    const stamped = spec?.template?.metadata.labels;
    return {
      ...object,
      ...(own ? { metadata: { ...object.metadata, labels: pairs(own) } } : {}),
      ...(spec?.template && stamped
        ? {
            spec: { ...spec, template: { ...spec.template, metadata: { labels: pairs(stamped) } } },
          }
        : {}),
    };
  });
}

const NAME_LABEL = 'kubernetes.io/metadata.name';

/** Every mention of a namespace by another name: its own, its objects', and by the name label. */
export function renameNamespace(
  objects: readonly KubeObject[],
  from: string,
  to: string,
): KubeObject[] {
  const selectors = eachSelector(objects, (selector) => {
    const name = selector.matchLabels?.[NAME_LABEL];
    return name === from
      ? { matchLabels: { ...selector.matchLabels, [NAME_LABEL]: to } }
      : selector;
  });
  return selectors.map((object) => {
    const { name, namespace } = object.metadata;
    if (object.kind === 'Namespace' && name === from) {
      return { ...object, metadata: { ...object.metadata, name: to } };
    }
    return namespace === from
      ? { ...object, metadata: { ...object.metadata, namespace: to } }
      : object;
  });
}
