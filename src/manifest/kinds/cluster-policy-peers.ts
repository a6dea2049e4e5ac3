import { addFault, child, isAbsent, textOf } from '../fields.ts';
import type { Field } from '../fields.ts';
import { parseCidr, printAddress } from '../../model/address.ts';
import type { Direction, PeerAtom, PeerTerm, PodSelection } from '../../model/policy.ts';
import { MATCH_ALL } from '../../model/selector.ts';
import type { LabelSelector } from '../../model/selector.ts';
import type { SnapshotSource } from '../../model/snapshot.ts';
import { decodeSelector, entriesOf } from './cluster-policy-fields.ts';
import { refuseUnknown, splitKeys, variantOf } from './cluster-policy-fields.ts';
import type { ClusterRuleContext } from './cluster-policy-fields.ts';

/** Most `networks` or `domainNames` of one peer. */
const VALUES_MAX = 25;

const SUBJECT_KINDS = ['namespaces', 'pods'] as const;
/** Nothing but pods can be named as a source (semantics R3.10). */
const PEER_KINDS = {
  INGRESS: SUBJECT_KINDS,
  EGRESS: [...SUBJECT_KINDS, 'nodes', 'networks', 'domainNames'] as const,
} as const satisfies Record<Direction, readonly string[]>;

const LABEL = '[A-Za-z0-9](?:[-\\w]{0,61}[A-Za-z0-9])?';
const DOMAIN_NAME = new RegExp(`^(?:\\*\\.)?(?:${LABEL}\\.)+${LABEL}\\.?$`);
/** Of a DNS name in text form, with the `*.` before it. */
const DOMAIN_NAME_LENGTH_MAX = 255;

/**
 * The pods a policy is about; undefined, with a fault, where that cannot be read.
 *
 * @see semantics R3.2
 */
export function decodeClusterSubject(
  field: Field,
  source: SnapshotSource,
): PodSelection | undefined {
  refuseUnknown(field, SUBJECT_KINDS, source);
  const { known } = splitKeys(field, SUBJECT_KINDS);
  const [kind] = known;
  if (kind === undefined || known.length !== 1) {
    addFault(field, 'the subject must have exactly one of `namespaces`, `pods`');
    return undefined;
  }
  const body = child(field, kind);
  return kind === 'namespaces' ? selectionOf(decodeSelector(body)) : decodePods(body, source);
}

/**
 * The peers of a rule. An entry with several networks is several terms of one index.
 *
 * @returns undefined where an entry says something that is not known here
 * @see semantics R3.10
 */
export function decodeClusterPeers(
  rule: Field,
  direction: Direction,
  context: ClusterRuleContext,
): readonly PeerTerm[] | undefined {
  const key = direction === 'INGRESS' ? 'from' : 'to';
  const list = child(rule, key);
  if (isAbsent(list)) addFault(list, `a rule must have \`${key}\`, with at least one entry`);
  const entries = entriesOf(list, context.api.itemsMax, context.source);
  const each = entries.map((entry) => decodePeer(entry, direction, context));
  if (each.includes('unreadable')) return undefined;
  return each.flatMap((atoms, index) =>
    atoms === undefined || atoms === 'unreadable'
      ? []
      : atoms.map((atom) => ({ index, negated: false, atom })),
  );
}

/** What one entry names, something that is not known here, or undefined with a fault. */
type Decoded = readonly PeerAtom[] | 'unreadable' | undefined;

function decodePeer(entry: Field, direction: Direction, context: ClusterRuleContext): Decoded {
  const { source } = context;
  const kind = variantOf<(typeof PEER_KINDS)['EGRESS'][number]>(
    entry,
    PEER_KINDS[direction],
    source,
  );
  if (kind === undefined || kind === 'unreadable') return kind;
  const body = child(entry, kind);
  switch (kind) {
    case 'namespaces':
      return podsAtom(decodeNamespaces(body, context));
    case 'pods':
      return podsAtom(
        context.api.oldPeers && !isAbsent(child(body, 'namespaces'))
          ? decodeOldPods(body, context)
          : decodePods(body, source),
      );
    case 'nodes':
      return [{ kind: 'nodes', selector: decodeSelector(body) }];
    case 'networks':
      return decodeNetworks(body, source);
    case 'domainNames':
      return decodeDomainNames(body, source);
  }
}

function podsAtom(selection: PodSelection | 'unreadable' | undefined): Decoded {
  if (selection === undefined || selection === 'unreadable') return selection;
  return [{ kind: 'pods', selection }];
}

function selectionOf(namespaces: LabelSelector, pods: LabelSelector = MATCH_ALL): PodSelection {
  return { namespaces: { kind: 'selected', selector: namespaces }, pods };
}

/** Namespaces by a label selector, in either of the two shapes that v1alpha1 has had. */
function decodeNamespaces(
  body: Field,
  context: ClusterRuleContext,
): PodSelection | 'unreadable' | undefined {
  const old = ['namespaceSelector', 'sameLabels', 'notSameLabels'];
  if (!context.api.oldPeers || splitKeys(body, old).known.length === 0) {
    return selectionOf(decodeSelector(body));
  }
  const selector = decodeOldNamespaces(body, context);
  return selector === undefined || selector === 'unreadable' ? selector : selectionOf(selector);
}

/** `pods: {namespaces: {namespaceSelector}, podSelector}`, as it was up to v0.1.2. */
function decodeOldPods(
  body: Field,
  context: ClusterRuleContext,
): PodSelection | 'unreadable' | undefined {
  refuseUnknown(body, ['namespaces', 'podSelector'], context.source);
  const namespaces = decodeOldNamespaces(child(body, 'namespaces'), context);
  const pods = requiredSelector(body, 'podSelector');
  if (namespaces === undefined || namespaces === 'unreadable') return namespaces;
  return pods === undefined ? undefined : selectionOf(namespaces, pods);
}

/**
 * `{namespaceSelector}`. As a file it is read as its author meant it; a newer server would drop the
 * field and select every namespace (semantics R3.1).
 */
function decodeOldNamespaces(
  body: Field,
  { source }: ClusterRuleContext,
): LabelSelector | 'unreadable' | undefined {
  const kind = variantOf(body, ['namespaceSelector'], source);
  if (kind === undefined || kind === 'unreadable') return kind;
  if (source !== 'LIVE') {
    const outcome = 'since v0.1.3 a server drops it, and selects every namespace';
    addFault(child(body, kind), `\`${kind}\` is of an older version of the API; ${outcome}`, {
      code: 'OLD_PEER_SHAPE',
    });
  }
  return decodeSelector(child(body, kind));
}

function decodePods(body: Field, source: SnapshotSource): PodSelection | undefined {
  refuseUnknown(body, ['namespaceSelector', 'podSelector'], source);
  const namespaces = requiredSelector(body, 'namespaceSelector');
  const pods = requiredSelector(body, 'podSelector');
  return namespaces === undefined || pods === undefined ? undefined : selectionOf(namespaces, pods);
}

function requiredSelector(body: Field, key: string): LabelSelector | undefined {
  const field = child(body, key);
  if (!isAbsent(field)) return decodeSelector(field);
  addFault(field, `\`${key}\` is missing; write \`{}\` to select everything`);
  return undefined;
}

/** Networks match pods and nodes as well, whatever an `ipBlock` does (semantics R3.10). */
function decodeNetworks(list: Field, source: SnapshotSource): PeerAtom[] {
  const seen = new Set<string>();
  return entriesOf(list, VALUES_MAX, source).flatMap((entry): PeerAtom[] => {
    const text = textOf(entry);
    const cidr = text === undefined ? undefined : parseCidr(text);
    if (cidr === undefined) {
      if (text !== undefined || isAbsent(entry)) {
        addFault(entry, `\`${text ?? ''}\` is not a CIDR such as \`10.0.0.0/8\``);
      }
      return [];
    }
    const { family, first } = cidr.range;
    const masked = `${printAddress({ family, value: first })}/${cidr.prefix}`;
    if (cidr.address !== first) {
      addFault(entry, `\`${text}\` has bits set beyond its prefix; it is read as \`${masked}\``, {
        severity: 'warning',
        code: 'LENIENT_CIDR',
      });
    }
    if (seen.has(masked)) return [];
    seen.add(masked);
    return [{ kind: 'addresses', cidr: masked, except: [], owned: 'always' }];
  });
}

/** What a name resolves to is in no snapshot: a match is conditional. */
function decodeDomainNames(list: Field, source: SnapshotSource): PeerAtom[] {
  const names = entriesOf(list, VALUES_MAX, source).flatMap((entry) => {
    const name = textOf(entry);
    const isName =
      name !== undefined && name.length <= DOMAIN_NAME_LENGTH_MAX && DOMAIN_NAME.test(name);
    if (!isName && (name !== undefined || isAbsent(entry))) {
      addFault(entry, `\`${name ?? ''}\` is not a DNS name such as \`*.example.com\``);
    }
    return name === undefined ? [] : [name];
  });
  const reason = `whether DNS gives the other end one of the names ${names.join(', ')} is not known`;
  return [{ kind: 'opaque', reason }];
}

/** Notes that a policy names hosts in a way that plugins refuse or ignore. */
export function warnOfNames(rule: Field, action: string): void {
  addFault(
    rule,
    `\`domainNames\` are for rules that accept; what \`${action}\` does is not defined`,
    {
      severity: 'warning',
      code: 'NAMES_NOT_ACCEPTED',
      affectsVerdicts: true,
    },
  );
}
