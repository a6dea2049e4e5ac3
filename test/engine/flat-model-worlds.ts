import fc from 'fast-check';
import type {
  NamespaceScope,
  PeerAtom,
  PeerTerm,
  Policy,
  PortTerm,
  Rule,
} from '../../src/model/policy.ts';
import { selectorOf } from '../../src/model/selector.ts';
import type { LabelSelector } from '../../src/model/selector.ts';
import type { KindCoverage, Snapshot } from '../../src/model/snapshot.ts';
import { makeSnapshot } from '../support/snapshot.ts';
import type { NamespaceSpec, PodSpec } from '../support/snapshot.ts';

/*
 * Snapshots as the model allows them, whatever the decoders make today: policies of every tier, across
 * namespaces of which little is known, with peers and rules that cannot be decided.
 */

const NAMESPACES = ['n0', 'n1', 'n2'];

/** Small snapshots with everything in them that an engine must not be sure of. */
export function modelWorlds(): fc.Arbitrary<Snapshot> {
  return fc
    .record({
      source: fc.constantFrom('LIVE', 'MANIFESTS'),
      spaces: fc.array(namespaceSpec(), { minLength: 3, maxLength: 3 }),
      missing: fc.constantFrom('', '', '', 'NetworkPolicy', 'Node', 'Pod', 'some Pod'),
      across: fc.array(policy(undefined), { maxLength: 3 }),
      inside: fc.array(
        fc
          .constantFrom(...NAMESPACES)
          .chain((space) => policy(space).map((one) => ({ space, one }))),
        { maxLength: 5 },
      ),
      nodes: fc.subarray(['w1', 'w2']),
    })
    .map(({ source, spaces, missing, across, inside, nodes }) => {
      const snapshot = makeSnapshot({
        source,
        namespaces: Object.fromEntries(NAMESPACES.map((name, i) => [name, spaces[i] ?? {}])),
        nodes: Object.fromEntries(
          nodes.map((name) => [
            name,
            { labels: { app: 'a' }, addresses: NODE_ADDRESSES[name] ?? [] },
          ]),
        ),
        coverage: coverage(missing),
      });
      const named = <P extends Policy>(policies: readonly P[]): P[] =>
        policies.map((one, i) => ({ ...one, ref: { ...one.ref, name: `p${i}` } }));
      const chunks = [...snapshot.namespaces].map(([name, chunk]) => {
        const policies = named(inside.filter(({ space }) => space === name).map(({ one }) => one));
        return [name, { ...chunk, policies }] as const;
      });
      const cluster = { ...snapshot.cluster, policies: named(across) };
      return { ...snapshot, cluster, namespaces: new Map(chunks) };
    });
}

const NODE_ADDRESSES: Readonly<Record<string, string[]>> = {
  w1: ['192.168.0.1', 'fd01::1'],
  w2: ['192.168.0.2', '203.0.113.129'],
};

function coverage(missing: string): KindCoverage[] {
  return ['Pod', 'Namespace', 'Node', 'NetworkPolicy'].map((kind): KindCoverage => {
    const apiVersion = kind === 'NetworkPolicy' ? 'networking.k8s.io/v1' : 'v1';
    const partly = missing === `some ${kind}`;
    return {
      apiVersion,
      kind,
      status: missing === kind ? 'ABSENT' : partly ? 'PARTIAL' : 'COMPLETE',
      count: 0,
      namespaces: partly ? ['n0'] : [],
    };
  });
}

function namespaceSpec(): fc.Arbitrary<NamespaceSpec> {
  return fc.record({
    labels: labels(),
    known: fc.constantFrom('OBJECT', 'OBJECT', 'IMPLIED', 'UNKNOWN'),
    conflict: fc.constantFrom(false, false, false, false, true),
    pods: fc
      .array(podSpec(), { minLength: 1, maxLength: 3 })
      .map((pods) => Object.fromEntries(pods.map((pod, i) => [`p${i}`, pod]))),
  });
}

function podSpec(): fc.Arbitrary<PodSpec> {
  return fc.record({
    labels: labels(),
    ips: fc.constantFrom(['10.0.0.1'], ['10.0.1.9'], ['fd00::2'], ['10.0.0.2', 'fd00::3'], []),
    phase: fc.constantFrom('RUNNING', 'RUNNING', 'UNKNOWN', 'PENDING', 'FAILED'),
    node: fc.constantFrom('w1', 'w3', ''),
    hostNetwork: fc.constantFrom(false, false, false, false, true),
    conflict: fc.constantFrom(false, false, false, false, true),
    template: fc.constantFrom(false, false, true),
    ports: fc.constantFrom(
      [],
      [{ name: 'http', port: 80 }],
      [
        { name: 'http', port: 81 },
        { name: 'dns', port: 53, protocol: 'UDP' as const },
      ],
      [{ name: 'http', port: 80, container: 'init' as const }],
    ),
  });
}

function policy(namespace: string | undefined): fc.Arbitrary<Policy> {
  const kinds: readonly (readonly [Policy['tier'], boolean])[] = [
    ['network-policy', false],
    ['network-policy', false],
    ['network-policy', false],
    ['network-policy', true],
    ['admin', false],
    ['admin', false],
    ['baseline', false],
    ['admin', true],
    ['baseline', true],
  ];
  const rules = fc.array(rule(), { maxLength: 2 });
  // Whatever the object says of its namespace decides the order, and nothing else.
  const home = fc.oneof({ weight: 9, arbitrary: fc.constant(namespace) }, fc.constant('n1'));
  return fc
    .record({
      kind: fc.constantFrom(...kinds),
      order: fc.nat({ max: 1 }),
      scope:
        namespace === undefined
          ? scope()
          : fc.constant({ kind: 'named', name: namespace } as const),
      pods: selector(),
      applies: fc.constantFrom(
        { ingress: true, egress: false },
        { ingress: false, egress: true },
        { ingress: true, egress: true },
      ),
      ingress: rules,
      egress: rules,
      home,
    })
    .map(({ kind: [tier, opaque], order, scope, pods, home, ...rest }) => ({
      ref: {
        apiVersion: 'example.org/v1',
        kind: 'Policy',
        name: '',
        ...(home === undefined ? {} : { namespace: home }),
      },
      tier,
      order: tier === 'network-policy' ? 0 : order,
      subject: { namespaces: scope, pods },
      ...rest,
      ingress: rest.ingress.map((one, index) => settled(one, tier, index)),
      egress: rest.egress.map((one, index) => settled(one, tier, index)),
      ...(opaque ? { opaque: { code: 'UNEVALUATED_POLICY', message: 'not evaluated' } } : {}),
      spec: 'null',
    }));
}

/** NetworkPolicies only ever allow. */
function settled(rule: Rule, tier: Policy['tier'], index: number): Rule {
  return { ...rule, index, ...(tier === 'network-policy' ? { action: 'allow' as const } : {}) };
}

function rule(): fc.Arbitrary<Rule> {
  const peers = fc.oneof(fc.constant('every' as const), {
    weight: 5,
    arbitrary: fc.array(peer(), { maxLength: 2 }),
  });
  const ports = fc.oneof(fc.constant('every' as const), {
    weight: 5,
    arbitrary: fc.array(port(), { maxLength: 2 }),
  });
  return fc
    .tuple(peers, ports, fc.constantFrom('allow', 'deny', 'pass'), fc.nat({ max: 9 }))
    .map(([peers, ports, action, doubt]) => ({
      index: 0,
      action,
      peers,
      ports,
      ...(doubt === 0 ? { opaque: 'it looks inside of packets' } : {}),
    }));
}

function peer(): fc.Arbitrary<PeerTerm> {
  const owned = fc.constantFrom('options', 'always');
  const blocks: readonly (readonly [string, string[]])[] = [
    ['10.0.0.0/8', []],
    ['10.0.0.0/8', ['10.0.1.0/24']],
    ['0.0.0.0/0', ['192.168.0.1/32']],
    ['203.0.113.0/24', []],
    ['fd00::/8', []],
    ['fd00::/8', ['fd00::2/128']],
  ];
  const atom: fc.Arbitrary<PeerAtom> = fc.oneof(
    {
      weight: 5,
      arbitrary: fc
        .tuple(scope(), selector())
        .map(([namespaces, pods]) => ({ kind: 'pods', selection: { namespaces, pods } }) as const),
    },
    {
      weight: 4,
      arbitrary: fc
        .tuple(fc.constantFrom(...blocks), owned)
        .map(([[cidr, except], owned]) => ({ kind: 'addresses', cidr, except, owned }) as const),
    },
    selector().map((selector) => ({ kind: 'nodes', selector }) as const),
    fc.constant({ kind: 'opaque', reason: 'a name' } as const),
  );
  return fc
    .tuple(atom, fc.nat({ max: 9 }))
    .map(([atom, negated]) => ({ index: 0, negated: negated === 0, atom }));
}

function port(): fc.Arbitrary<PortTerm> {
  return fc.oneof(
    fc
      .constantFrom([80, 80], [53, 81], [1, 65535])
      .map(
        ([from = 1, to = 1]) => ({ index: 0, kind: 'range', protocol: 'TCP', from, to }) as const,
      ),
    fc.constantFrom(
      { index: 0, kind: 'name', name: 'http', protocol: 'TCP' } as const,
      { index: 0, kind: 'name', name: 'dns' } as const,
    ),
  );
}

function scope(): fc.Arbitrary<NamespaceScope> {
  return fc.oneof(
    fc.constantFrom(...NAMESPACES, 'absent').map((name) => ({ kind: 'named', name }) as const),
    selector().map((selector) => ({ kind: 'selected', selector }) as const),
    fc.constantFrom(...NAMESPACES, 'absent').map((name) => {
      const key = 'kubernetes.io/metadata.name';
      const selector = selectorOf([{ key, operator: 'In', values: [name] }]);
      return { kind: 'selected', selector } as const;
    }),
  );
}

function selector(): fc.Arbitrary<LabelSelector> {
  const requirement = fc
    .record({
      key: fc.constantFrom('app', 'tier'),
      operator: fc.constantFrom('In', 'NotIn', 'Exists', 'DoesNotExist'),
      value: fc.constantFrom('a', 'b'),
    })
    .map(({ key, operator, value }) => {
      const values = operator === 'In' || operator === 'NotIn' ? [value] : [];
      return { key, operator, values };
    });
  return fc.array(requirement, { maxLength: 2 }).map(selectorOf);
}

function labels(): fc.Arbitrary<Record<string, string>> {
  const pair = fc.tuple(fc.constantFrom('app', 'tier'), fc.constantFrom('a', 'b', 'c'));
  return fc.array(pair, { maxLength: 2 }).map((pairs) => Object.fromEntries(pairs));
}
