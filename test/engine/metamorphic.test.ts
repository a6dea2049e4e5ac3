import fc from 'fast-check';
import t from 'tap';
import { stringify } from 'yaml';
import type { EngineOptions } from '../../src/engine/options.ts';
import {
  ALL_PORTS,
  equalConnections,
  intersect,
  printConnections,
  union,
} from '../../src/model/connection-set.ts';
import { parseIp, parseNet } from './oracle-world.ts';
import { printIp } from './oracle-sets.ts';
import {
  EVERY_KIND,
  dumpOf,
  indexOf,
  snapshotOf,
  snapshotOfDump,
  snapshotOfText,
} from '../support/cluster.ts';
import type { KubeObject, KubePeer, KubeRule } from '../support/kube-objects.ts';
import {
  additions,
  differences,
  matrixOf,
  printCell,
  printSets,
  rekey,
} from '../support/matrix.ts';
import type { Look, Matrix } from '../support/matrix.ts';
import { SEED, holds } from '../support/property.ts';
import {
  SIDES,
  eachPeer,
  eachPolicy,
  eachPort,
  eachRule,
  eachSelector,
  effectiveTypes,
  onlyDirection,
  policyObject,
  renameLabels,
  renameNamespace,
} from '../support/rewrites.ts';
import { policy, rule, worlds } from '../support/worlds.ts';

t.setTimeout(1_800_000);
t.comment(`PODREACH_SEED=${SEED}`);

type Objects = readonly KubeObject[];
const NAMESPACES = ['n0', 'n1', 'n2'];
const BOTH = ['Ingress', 'Egress'];

async function matrix(objects: Objects, options: Partial<EngineOptions> = {}): Promise<Matrix> {
  return matrixOf(objects, await indexOf(objects, options), options);
}

async function changes(before: Objects, after: Objects, look: Look = {}): Promise<string[]> {
  return differences(await matrix(before), await matrix(after), look);
}

/** What `small` allows and `large` does not. */
async function surplus(small: Objects, large: Objects): Promise<string[]> {
  return additions(await matrix(small), await matrix(large));
}

/** Rewrites that change no verdict at all. */
const EQUIVALENT: Readonly<Record<string, (objects: Objects, salt: number) => Objects>> = {
  'a policy twice is one policy': (objects) =>
    eachPolicy(objects, (one) => [
      one,
      { ...one, metadata: { ...one.metadata, name: `${one.metadata.name}-again` } },
    ]),
  'the order of objects, rules, peers, ports and values means nothing': (objects, salt) =>
    shuffled(objects, salt),
  'a policy is the union of its rules': (objects) => splitRules(objects, false),
  'a policy is the union of its rules, with its types written out': (objects) =>
    splitRules(objects, true),
  'matchLabels is In with one value': (objects) =>
    eachSelector(objects, ({ matchLabels, matchExpressions }) => ({
      matchExpressions: [
        ...(matchExpressions ?? []),
        ...Object.entries(matchLabels ?? {}).map(([key, value]) => ({
          key,
          operator: 'In',
          values: [value],
        })),
      ],
    })),
  'a range of ports is its parts': (objects) =>
    eachPort(objects, (one) => {
      const { port, endPort } = one;
      if (typeof port !== 'number' || endPort === undefined || endPort === port) return [one];
      if (endPort - port < 40) {
        const { protocol = 'TCP' } = one;
        return Array.from({ length: endPort - port + 1 }, (_, i) => ({ protocol, port: port + i }));
      }
      const middle = Math.floor((port + endPort) / 2);
      return [
        { ...one, endPort: middle },
        { ...one, port: middle + 1 },
      ];
    }),
  'labels under other names select the same': (objects) =>
    renameLabels(objects, (text) => SWAPPED.get(text) ?? text),
  'a label that no selector mentions means nothing': (objects) =>
    objects.map((object) => {
      if (object.kind !== 'Pod') return object;
      const labels = { ...object.metadata.labels, unmentioned: 'x' };
      return { ...object, metadata: { ...object.metadata, labels } };
    }),
  'what is written out is what is defaulted': (objects) =>
    eachPolicy(objects, (one, spec) => [
      {
        ...one,
        spec: {
          podSelector: spec.podSelector ?? {},
          policyTypes: effectiveTypes(spec),
          ingress: (spec.ingress ?? []).map((rule) => rule ?? {}),
          egress: (spec.egress ?? []).map((rule) => rule ?? {}),
        },
      },
    ]),
};

/** One by one, and into a name that every object has. */
const SWAPPED = new Map([
  ['app', 'valueOf'],
  ['constructor', 'app'],
  ['toString', 'constructor'],
  ['a', 'b'],
  ['b', 'hasOwnProperty'],
]);

for (const [name, rewrite] of Object.entries(EQUIVALENT)) {
  t.test(name, async (t) => {
    await holds(fc.tuple(worlds(), fc.nat(100)), 0.005, ([objects, salt]) =>
      changes(objects, rewrite(objects, salt)),
    );
    t.pass('no counterexample');
  });
}

type Check = (objects: Objects, extra: KubeObject, more: KubeRule) => Promise<string[]>;

/** Everything else that must hold of a world, a policy to add and a rule to add. */
const RELATIONS: Readonly<Record<string, Check>> = {
  'a policy that selects nothing changes nothing': (objects, extra) =>
    changes(objects, [
      ...objects,
      named(extra, { ...extra.spec, podSelector: { matchLabels: { absent: 'x' } } }),
    ]),
  'another rule in a policy only adds': (objects, _, more) =>
    surplus(withTypes(objects), withTypes(objects, more)),
  'another policy only adds where everybody is isolated already': async (objects, extra) => {
    const closed = [
      ...objects,
      ...NAMESPACES.map((name) => policyObject(name, 'closed', { policyTypes: BOTH })),
    ];
    return surplus(closed, [...closed, named(extra)]);
  },
  'the first policy of a namespace only takes away': (objects, extra) => {
    const open = objects.filter(({ kind }) => kind !== 'NetworkPolicy');
    return surplus([...open, named(extra)], open);
  },
  'an empty rule allows everything in its direction': async (objects) => {
    const open = await matrix(withTypes(objects, {}));
    return [...open].flatMap(([key, cell]) =>
      equalConnections(cell.allowed, ALL_PORTS) ? [] : [`${key}: ${printCell(cell)}`],
    );
  },
  'deny-all with allow-all is no isolation': async (objects) => {
    const open = onlyDirection(objects, 'egress');
    const types = { policyTypes: ['Ingress'] };
    const both = NAMESPACES.flatMap((name) => [
      policyObject(name, 'deny-all', types),
      policyObject(name, 'allow-all', { ...types, ingress: [{}] }),
    ]);
    return changes(open, [...open, ...both], { print: printSets });
  },
  'default-deny everywhere only takes away': (objects) =>
    surplus(
      [
        ...objects,
        ...NAMESPACES.map((name) => policyObject(name, 'closed', { policyTypes: BOTH })),
      ],
      objects,
    ),
  'a pod that is gone leaves the others as they were': (objects) => {
    const gone = objects.find(({ kind, spec }) => kind === 'Pod' && spec?.hostNetwork !== true);
    return changes(
      objects.filter((object) => object !== gone),
      objects,
    );
  },
  'In and NotIn together select everybody, and nobody twice': async (objects) => {
    const open = objects.filter(({ kind }) => kind !== 'NetworkPolicy');
    const select = (operator: string, namespace: string): KubeObject =>
      policyObject(namespace, `only-${operator.toLowerCase()}`, {
        podSelector: { matchExpressions: [{ key: 'app', operator, values: ['a', ''] }] },
      });
    const all = NAMESPACES.map((name) => policyObject(name, 'all', {}));
    const parts = ['In', 'NotIn'].map((operator) =>
      NAMESPACES.map((name) => select(operator, name)),
    );
    const union = await changes([...open, ...all], [...open, ...parts.flat()]);
    const [one, other] = await Promise.all(parts.map((part) => matrix([...open, ...part])));
    if (one === undefined || other === undefined) return ['two halves'];
    const twice = [...one].filter(([key, cell]) => {
      const denied = intersect(cell.denied, other.get(key)?.denied ?? cell.denied);
      return printConnections(denied) !== 'none';
    });
    return [...union, ...twice.map(([key]) => `${key} is denied by both halves`)];
  },
  'without ports, the mirror image of the policies is the mirror image of the answers': async (
    objects,
  ) => {
    const plain = eachRule(withTypes(objects), ({ from, to }) => ({
      ...(from ? { from } : {}),
      ...(to ? { to } : {}),
    }));
    const options = { localNode: 'none' } as const;
    const mirrored = await matrix(mirror(plain), options);
    const swapped = rekey(
      mirrored,
      ({ from, to, family }) => `${to.ref} -> ${from.ref} @${family ?? '?'}`,
    );
    return differences(await matrix(plain, options), swapped);
  },
  'a block is its halves': async (objects) => {
    const halved = eachPeer(objects, (one) => {
      if (!one.ipBlock || (one.ipBlock.except ?? []).length !== 0) return [one];
      return halvesOf(one.ipBlock.cidr)?.map((cidr) => ({ ipBlock: { cidr } })) ?? [one];
    });
    // Halves of a block that holds an unknown address for sure each hold it perhaps.
    return changes(objects, halved, { where: ({ from, to }) => from.located && to.located });
  },
  'an except never adds': async (objects) => {
    const cut = eachPeer(objects, (one) => {
      if (!one.ipBlock) return [one];
      const [, half] = halvesOf(one.ipBlock.cidr) ?? [];
      if (half === undefined) return [one];
      return [{ ipBlock: { ...one.ipBlock, except: [...(one.ipBlock.except ?? []), half] } }];
    });
    return surplus(cut, objects);
  },
  'an IPv4 block changes nothing for IPv6': (objects) => {
    const more: KubePeer = { ipBlock: { cidr: '0.0.0.0/0', except: ['10.0.0.0/24'] } };
    const wider = eachRule(objects, (one) => ({
      ...one,
      ...(one.from && one.from.length !== 0 ? { from: [...one.from, more] } : {}),
      ...(one.to && one.to.length !== 0 ? { to: [...one.to, more] } : {}),
    }));
    return changes(objects, wider, { where: ({ family }) => family === 6 });
  },
  'a namespace under another name has the same answers': async (objects) => {
    const renamed = rekey(await matrix(renameNamespace(objects, 'n0', 'other')), (_, key) =>
      key.replaceAll('other/', 'n0/'),
    );
    return differences(await matrix(objects), renamed);
  },
  'a connection is what egress and ingress both allow': async (objects) => {
    const [whole, egress, ingress] = await Promise.all([
      matrix(objects),
      matrix(onlyDirection(objects, 'egress')),
      matrix(onlyDirection(objects, 'ingress')),
    ]);
    return [...whole].flatMap(([key, cell]) => {
      const [out, into] = [egress.get(key), ingress.get(key)];
      if (out === undefined || into === undefined) return [];
      const allowed = equalConnections(cell.allowed, intersect(out.allowed, into.allowed));
      const denied = equalConnections(cell.denied, union(out.denied, into.denied));
      return allowed && denied ? [] : [`${key}: ${printCell(cell)}`];
    });
  },
};

for (const [name, check] of Object.entries(RELATIONS)) {
  t.test(name, async (t) => {
    const values = fc.tuple(worlds(), policy(), rule('from'));
    await holds(values, 0.005, ([objects, extra, more]) => check(objects, extra, more));
    t.pass('no counterexample');
  });
}

t.test('the same objects have one digest, in every format and order', async (t) => {
  await holds(fc.tuple(worlds(), fc.nat(100)), 0.002, async ([objects, salt]) => {
    const { digest } = await snapshotOf(objects);
    const source = 'MANIFESTS';
    const others = await Promise.all([
      snapshotOf(rotated(objects, salt)),
      snapshotOfText(objects.map((object) => JSON.stringify(object)).join('\n'), { source }),
      snapshotOfText(objects.map((object) => stringify(object)).join('---\n'), { source }),
      snapshotOfText(stringify({ apiVersion: 'v1', kind: 'List', items: objects }), { source }),
    ]);
    const dump = await snapshotOfDump(objects, EVERY_KIND);
    const written = await snapshotOfText(dumpOf(objects, EVERY_KIND), { source: 'LIVE' });
    return [
      ...others.flatMap((other, i) => (other.digest === digest ? [] : [`form ${i} has another`])),
      ...(dump.digest === written.digest ? [] : ['a dump as text has another']),
    ];
  });
  t.pass('no counterexample');
});

/** `extra` by a name that no policy of a world has. */
function named(extra: KubeObject, spec = extra.spec ?? {}): KubeObject {
  return policyObject(extra.metadata.namespace ?? '', 'extra', spec);
}

/** Policies with their types written out, and with `more` as another rule of each direction. */
function withTypes(objects: Objects, more?: KubeRule): KubeObject[] {
  const extra = more === undefined ? [] : [more];
  const peers = more?.from === undefined ? {} : { to: more.from };
  const egress = extra.map(({ from: _, ...rest }) => ({ ...rest, ...peers }));
  return eachPolicy(objects, (one, spec) => [
    {
      ...one,
      spec: {
        ...spec,
        policyTypes: effectiveTypes(spec),
        ingress: [...(spec.ingress ?? []), ...extra],
        egress: [...(spec.egress ?? []), ...egress],
      },
    },
  ]);
}

/** One policy per rule, and one without rules. */
function splitRules(objects: Objects, explicit: boolean): KubeObject[] {
  return eachPolicy(objects, ({ metadata: { namespace = '', name } }, spec) => {
    const { podSelector = {}, policyTypes } = spec;
    const types = explicit
      ? { policyTypes: effectiveTypes(spec) }
      : { policyTypes: policyTypes ?? [] };
    const parts = SIDES.flatMap((side) =>
      (spec[side] ?? []).map((rule, i) =>
        policyObject(namespace, `${name}-${side}-${i}`, { podSelector, ...types, [side]: [rule] }),
      ),
    );
    return [policyObject(namespace, `${name}-none`, { podSelector, ...types }), ...parts];
  });
}

/** Ingress as egress and the reverse; types must be written out. */
function mirror(objects: Objects): KubeObject[] {
  return eachPolicy(objects, (one, { podSelector = {}, policyTypes, ingress, egress }) => [
    {
      ...one,
      spec: {
        podSelector,
        policyTypes: (policyTypes ?? []).map((type) => (type === 'Ingress' ? 'Egress' : 'Ingress')),
        ingress: (egress ?? []).map((rule) => (rule?.to ? { from: rule.to } : {})),
        egress: (ingress ?? []).map((rule) => (rule?.from ? { to: rule.from } : {})),
      },
    },
  ]);
}

/** The two halves of a block; undefined for one address. */
function halvesOf(cidr: string): readonly [string, string] | undefined {
  const { family, first, last } = parseNet(cidr);
  if (first === last) return undefined;
  const prefix = Number(cidr.split('/')[1]) + 1;
  const middle = first + (last - first + 1n) / 2n;
  const text = (value: bigint): string => `${canonical(printIp(family, value))}/${prefix}`;
  return [text(first), text(middle)];
}

/** IPv6 as an API server writes it, for the blocks that worlds use: the last run of zeros is `::`. */
function canonical(text: string): string {
  return parseIp(text)?.family === 6 ? text.replace(/(:0)+$/, '::').replace(/^0::$/, '::') : text;
}

function rotated<Value>(list: readonly Value[], salt: number): Value[] {
  const start = list.length === 0 ? 0 : salt % list.length;
  const turned = [...list.slice(start), ...list.slice(0, start)];
  return salt % 2 === 0 ? turned : turned.reverse();
}

/** Every list of every policy in another order, and the objects too. */
function shuffled(objects: Objects, salt: number): KubeObject[] {
  const inside = (value: unknown): unknown => {
    if (Array.isArray(value)) return rotated(value, salt).map(inside);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .reverse()
        .map(([key, one]) => [key, inside(one)]),
    );
  };
  return rotated(objects, salt).map((object) =>
    object.kind === 'NetworkPolicy' ? (inside(object) as KubeObject) : object,
  );
}
