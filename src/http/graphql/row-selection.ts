import { Kind, isAbstractType } from 'graphql';
import type {
  FieldNode,
  FragmentDefinitionNode,
  GraphQLSchema,
  SelectionNode,
  SelectionSetNode,
} from 'graphql';
import type { Reach, SharedRows } from '../../model/answer.ts';
import type { PortRange } from '../../model/connection-set.ts';
import type { Peer } from '../../model/peer.ts';
import { tagOf } from '../caching.ts';
import type { RowForm, RowShare } from '../shared-rows.ts';
import { peerTypeOf } from './peer-type.ts';

/** How the rows of a list are written for one selection of their fields, each after a comma. */
export type RowSelection = (rows: SharedRows | undefined) => RowForm;

/** Fragments of a query by name. */
export type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

/** What selections are read with. */
interface Reading {
  readonly schema: GraphQLSchema;
  readonly fragments: Fragments;
}

/** Thrown where a selection has something that is not written here. */
class NotPlain extends Error {}

/**
 * Reads a selection of fields of `Reach` in which every field is plain: without arguments and
 * directives, and nothing that has to be explained.
 *
 * @returns undefined for any other: it is for the library to run
 */
export function readRowSelection(
  schema: GraphQLSchema,
  fragments: Fragments,
  selection: SelectionSetNode,
): RowSelection | undefined {
  try {
    const reading = { schema, fragments };
    const members = fieldsOf(selection, 'Reach', reading).map((one) => rowMember(one, reading));
    const ends = members.flatMap(({ end }) => end ?? []);
    if (new Set(ends).size !== ends.length) return undefined;
    const name = tagOf([members.map(({ label }) => label), textOf(selection, fragments)]);
    return (rows) => formOf(members, rows, name);
  } catch (error) {
    if (error instanceof NotPlain) return undefined;
    throw error;
  }
}

/** A selection with all that it spreads, so that equal texts are equal selections. */
function textOf(selection: SelectionSetNode, fragments: Fragments): string {
  const withoutPlace = (key: string, value: unknown): unknown =>
    key === 'loc' ? undefined : value;
  return JSON.stringify([selection, ...fragments.values()], withoutPlace);
}

/** What fields of a row are read from: what it shares with others, or all of it. */
type Told = Omit<RowShare, 'differs'> & Partial<Pick<Reach, 'hops' | 'implicit'>>;

/** One field of a row as it is written, or the place of one of its ends. */
type RowMember = {
  /** Its name or alias in JSON, with the colon. */
  readonly label: string;
  readonly isPodPairs: boolean;
} & (
  | { readonly end?: undefined; readonly text: (share: Told) => string }
  | { readonly end: 'from' | 'to'; readonly text: (peer: Peer) => string }
);

function formOf(
  members: readonly RowMember[],
  rows: SharedRows | undefined,
  name: string,
): RowForm {
  const place = rows === undefined ? -1 : members.findIndex(({ end }) => end === rows.end);
  const varying = members[place];
  const write = (
    member: RowMember,
    share: Told,
    ends: Partial<Pick<Reach, 'from' | 'to'>>,
  ): string => {
    if (member.end === undefined) return member.label + member.text(share);
    const peer = ends[member.end];
    if (peer === undefined) throw new RangeError(`a row has no \`${member.end}\``);
    return member.label + member.text(peer);
  };
  const shared = (some: readonly RowMember[], share: RowShare): string[] => {
    const other = rows?.other;
    const ends = other === undefined ? {} : { from: other, to: other };
    return some.map((member) => write(member, share, ends));
  };
  return {
    name: `graphql ${place} ${name}`,
    peerText: (peer) => (varying?.end === undefined ? '' : varying.text(peer)),
    around: (share) => {
      if (varying === undefined) return [`,{${shared(members, share).join()}`, '}'];
      const before = [...shared(members.slice(0, place), share), varying.label];
      const after = ['', ...shared(members.slice(place + 1), share)];
      return [`,{${before.join()}`, `${after.join()}}`];
    },
    rowText: (row) => `,{${members.map((member) => write(member, row, row)).join()}}`,
    hasReasons: false,
    hasPodPairs: members.some(({ isPodPairs }) => isPodPairs),
    hasParts: false,
  };
}

function rowMember(field: FieldNode, reading: Reading): RowMember {
  const name = field.name.value;
  const label = labelOf(field);
  if (name === 'from' || name === 'to') {
    return { label, isPodPairs: false, end: name, text: peerWriter(field, reading) };
  }
  const text = rowText(field, reading);
  return { label, isPodPairs: name === 'podPairs', text };
}

function rowText(field: FieldNode, reading: Reading): (share: Told) => string {
  switch (field.name.value) {
    case '__typename':
      return () => '"Reach"';
    case 'verdict':
      return ({ verdict }) => JSON.stringify(verdict);
    case 'implicit':
      return ({ implicit = null }) => JSON.stringify(implicit);
    case 'podPairs':
      return ({ podPairs }) => String(podPairs);
    case 'hops':
      return ({ hops = null }) => String(hops);
    case 'ports': {
      const write = portsWriter(field, reading);
      return ({ ports }) => write(ports);
    }
    case 'undetermined': {
      const write = portsWriter(field, reading);
      return ({ undetermined }) => write(undetermined);
    }
    default:
      throw new NotPlain();
  }
}

function portsWriter(field: FieldNode, reading: Reading): (ports: readonly PortRange[]) => string {
  const members = subfieldsOf(field, 'PortRange', reading).map((one) => ({
    label: labelOf(one),
    value: leafOf<PortRange>(PORT_FIELDS, one),
  }));
  return (ports) =>
    `[${ports.map((port) => objectText(members.map(({ label, value }) => label + JSON.stringify(value(port))))).join()}]`;
}

/** Peers are of several types, each with its own part of a selection. */
function peerWriter(field: FieldNode, reading: Reading): (peer: Peer) => string {
  const peerType = reading.schema.getType('Peer');
  const types = isAbstractType(peerType) ? reading.schema.getPossibleTypes(peerType) : [];
  const byType = new Map(
    types.map(({ name }) => [
      name,
      subfieldsOf(field, name, reading).map((one) => peerMember(one, name, reading)),
    ]),
  );
  return (peer) => objectText((byType.get(peerTypeOf(peer)) ?? []).map((write) => write(peer)));
}

function peerMember(field: FieldNode, type: string, reading: Reading): (peer: Peer) => string {
  const label = labelOf(field);
  if (field.name.value === '__typename') return () => label + JSON.stringify(type);
  if (field.name.value === 'labels') {
    const members = subfieldsOf(field, 'Label', reading).map((one) => ({
      name: labelOf(one),
      value: leafOf<readonly [string, string]>(LABEL_FIELDS, one),
    }));
    return ({ labels = new Map<string, string>() }) =>
      `${label}[${[...labels].map((pair) => objectText(members.map(({ name, value }) => name + JSON.stringify(value(pair))))).join()}]`;
  }
  const value = leafOf<Peer>(PEER_FIELDS, field);
  return (peer) => label + JSON.stringify(value(peer));
}

type Leaves<Source> = Readonly<Record<string, (source: Source) => unknown>>;

const PEER_FIELDS: Leaves<Peer> = {
  key: ({ key }) => key,
  ref: ({ ref }) => ref,
  kind: ({ kind }) => kind,
  name: ({ name = null }) => name,
  namespace: ({ namespace = '' }) => namespace,
  uid: ({ uid = null }) => uid,
  podCount: ({ podCount = null }) => podCount,
  cidrs: ({ cidrs = [] }) => cidrs,
};

const PORT_FIELDS: Leaves<PortRange> = {
  __typename: () => 'PortRange',
  protocol: ({ protocol }) => protocol,
  from: ({ from }) => from,
  to: ({ to }) => to,
};

const LABEL_FIELDS: Leaves<readonly [string, string]> = {
  __typename: () => 'Label',
  key: ([key]) => key,
  value: ([, value]) => value,
};

function leafOf<Source>(leaves: Leaves<Source>, field: FieldNode): (source: Source) => unknown {
  const name = field.name.value;
  const leaf = Object.hasOwn(leaves, name) ? leaves[name] : undefined;
  if (leaf === undefined || field.selectionSet !== undefined) throw new NotPlain();
  return leaf;
}

function labelOf({ alias, name }: FieldNode): string {
  return `${JSON.stringify((alias ?? name).value)}:`;
}

function objectText(members: readonly string[]): string {
  return `{${members.join()}}`;
}

function subfieldsOf(field: FieldNode, type: string, reading: Reading): FieldNode[] {
  if (field.selectionSet === undefined) throw new NotPlain();
  return fieldsOf(field.selectionSet, type, reading);
}

/** The fields that an object of `type` is asked for, in the order in which they are answered. */
function fieldsOf(selection: SelectionSetNode, type: string, reading: Reading): FieldNode[] {
  const fields = new Map<string, FieldNode>();
  for (const field of selection.selections.flatMap((one) => expand(one, type, reading))) {
    if ((field.arguments ?? []).length + (field.directives ?? []).length !== 0) {
      throw new NotPlain();
    }
    const { value: name } = field.alias ?? field.name;
    const known = fields.get(name);
    // The library merges what two fields of one name select; here that is not written.
    if (known !== undefined && known.selectionSet !== undefined) throw new NotPlain();
    if (known === undefined) fields.set(name, field);
  }
  return [...fields.values()];
}

function expand(selection: SelectionNode, type: string, reading: Reading): FieldNode[] {
  if (selection.kind === Kind.FIELD) return [selection];
  if ((selection.directives ?? []).length !== 0) throw new NotPlain();
  const fragment =
    selection.kind === Kind.INLINE_FRAGMENT
      ? selection
      : reading.fragments.get(selection.name.value);
  if (fragment === undefined) throw new NotPlain();
  if (!applies(fragment.typeCondition?.name.value, type, reading.schema)) return [];
  return fragment.selectionSet.selections.flatMap((one) => expand(one, type, reading));
}

function applies(condition: string | undefined, type: string, schema: GraphQLSchema): boolean {
  if (condition === undefined || condition === type) return true;
  const abstract = schema.getType(condition);
  if (!isAbstractType(abstract)) return false;
  return schema.getPossibleTypes(abstract).some(({ name }) => name === type);
}
