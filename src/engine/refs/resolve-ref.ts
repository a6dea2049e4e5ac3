import { singleAddress, subtractRanges } from '../../model/address.ts';
import type { AddressRange } from '../../model/address.ts';
import { PodreachError } from '../../model/errors.ts';
import type { Directory } from '../directory.ts';
import { nodeOrdinals } from '../model-view.ts';
import type { NodeOrdinal, ViewService } from '../model-view.ts';
import { DEFAULT_OPTIONS } from '../options.ts';
import type { EndSet } from './end-set.ts';
import { namespacesWith, standForSamePods, thingsNamed, thingsOfType } from './named-things.ts';
import type { NamedThing } from './named-things.ts';
import { namespaceIndex } from './namespace-pods.ts';
import { parseRef } from './parse-ref.ts';
import type { RefSyntax } from './parse-ref.ts';
import { resolveAddresses, resolveInternet, serviceOfAddresses } from './resolve-addresses.ts';
import { resolvePods } from './resolve-pods.ts';
import { endpointsOf } from './service-endpoints.ts';
import { suggestRefs } from './suggest-refs.ts';

/** Which end a ref is asked for; a Service means its ports as a target, its pods as a source. */
export type RefRole = 'source' | 'target';

/** Candidates named by an `ambiguous-ref`. */
const CANDIDATES_MAX = 100;

/**
 * What the ref `text` stands for in the snapshot (contract 2).
 *
 * A ref that names something which has no pods is an empty end, not an error.
 *
 * @throws PodreachError `bad-ref`; `ambiguous-ref` with `candidates`; `ref-not-found` with up to
 *   five `suggestions`, for an ExternalName Service as a target too (semantics R2.13)
 */
export function resolveRef(directory: Directory, text: string, role: RefRole): EndSet {
  const syntax = parseRef(text);
  switch (syntax.kind) {
    case 'addresses': {
      const service = serviceOfAddresses(directory, syntax);
      if (service !== undefined) return serviceEnd(directory, service, role);
      return resolveAddresses(directory, syntax);
    }
    case 'internet':
      return resolveInternet(directory);
    case 'pods': {
      const { namespaces } = syntax;
      if (namespaces.kind === 'named') requireNamespace(directory, namespaces.name, syntax);
      return resolvePods(directory, syntax);
    }
    case 'node':
      return resolveNode(directory, syntax);
    case 'typed': {
      const { namespace, type, name } = syntax;
      requireNamespace(directory, namespace, syntax);
      const things = thingsOfType(directory, syntax);
      const missing = `namespace \`${namespace}\` has no ${type} \`${name}\``;
      return settle(directory, { things, syntax, missing, role });
    }
    case 'named':
      return resolveNamed(directory, syntax, role);
  }
}

function resolveNamed(
  directory: Directory,
  syntax: RefSyntax & { kind: 'named' },
  role: RefRole,
): EndSet {
  const { namespace, name } = syntax;
  if (namespace !== undefined) {
    requireNamespace(directory, namespace, syntax);
    const things = thingsNamed(directory, namespace, name);
    const missing = `namespace \`${namespace}\` has no Service, workload or pod \`${name}\``;
    return settle(directory, { things, syntax, missing, role });
  }
  const found = namespacesWith(directory, name)
    .map((one) => thingsNamed(directory, one, name))
    .filter((things) => things.length !== 0);
  if (1 < found.length) {
    const first = found.flatMap((things) =>
      standForSamePods(things) ? things.slice(0, 1) : things,
    );
    throw ambiguity(`\`${name}\` is in ${found.length} namespaces`, first);
  }
  const missing = `no namespace has a Service, workload or pod \`${name}\``;
  return settle(directory, { things: found.flat(), syntax, missing, role });
}

/** The one end that `things` are, or why there is none. */
function settle(
  directory: Directory,
  options: {
    readonly things: readonly NamedThing[];
    readonly syntax: RefSyntax;
    readonly missing: string;
    readonly role: RefRole;
  },
): EndSet {
  const { things, syntax, missing, role } = options;
  const [first] = things;
  if (first === undefined) throw notFound(directory, syntax, missing);
  if (1 < things.length && !standForSamePods(things)) {
    const where = `${first.peer.namespace ?? ''}/${first.peer.name ?? ''}`;
    throw ambiguity(`\`${where}\` stands for several things`, things);
  }
  if (first.service !== undefined) return serviceEnd(directory, first.service, role);
  return {
    peer: first.peer,
    pods: first.members,
    nodes: [],
    ranges: [],
    untranslated: things.flatMap(({ service }) => service ?? []),
  };
}

function serviceEnd(directory: Directory, service: ViewService, role: RefRole): EndSet {
  const { view } = directory;
  const peer = directory.servicePeer(service);
  const { type, externalName } = service.service;
  if (type === 'ExternalName' && role === 'target') {
    const alias = externalName === undefined ? '' : ` of \`${externalName}\``;
    throw new PodreachError(
      'ref-not-found',
      `\`${peer.ref}\` is only a DNS alias${alias}: where it leads is not in the snapshot; ask for ` +
        'the addresses behind it',
      { suggestions: [] },
    );
  }
  const { members } = endpointsOf(view, service, DEFAULT_OPTIONS);
  const nodes = new Set<NodeOrdinal>();
  const ranges: AddressRange[] = [];
  for (const { address } of members) {
    const owner = address === undefined ? undefined : view.ownerOf(address);
    if (owner?.kind === 'node') nodes.add(owner.node);
    else if (address !== undefined && owner === undefined) ranges.push(singleAddress(address));
  }
  return {
    peer,
    pods: members.flatMap(({ pod }) => pod ?? []),
    nodes: [...nodes].sort((a, b) => a - b),
    ranges: subtractRanges(ranges, []),
    service,
    untranslated: [],
  };
}

function resolveNode(directory: Directory, syntax: RefSyntax & { kind: 'node' }): EndSet {
  const { view } = directory;
  const { name } = syntax;
  const empty = { pods: [], ranges: [], untranslated: [] };
  if (name === undefined) {
    const peer = { key: 'node/*', ref: 'node/*', kind: 'Node' };
    return { ...empty, peer, nodes: [...nodeOrdinals(view)] };
  }
  const node = view.findNode(name);
  if (node === undefined) throw notFound(directory, syntax, `there is no node \`${name}\``);
  return { ...empty, peer: directory.nodePeer(node), nodes: [node] };
}

function requireNamespace(directory: Directory, name: string, syntax: RefSyntax): void {
  if (0 <= namespaceIndex(directory.view, name)) return;
  throw notFound(directory, syntax, `there is no namespace \`${name}\``);
}

function notFound(directory: Directory, syntax: RefSyntax, what: string): PodreachError {
  const suggestions = suggestRefs(directory, syntax);
  const help =
    suggestions.length === 0
      ? '`*/*` stands for every pod there is'
      : `did you mean ${suggestions.map((ref) => `\`${ref}\``).join(', ')}`;
  return new PodreachError('ref-not-found', `${what}; ${help}`, { suggestions });
}

function ambiguity(what: string, things: readonly NamedThing[]): PodreachError {
  const candidates = things.slice(0, CANDIDATES_MAX).map(({ peer }) => peer);
  const some = candidates.slice(0, 5).map(({ ref }) => `\`${ref}\``);
  const more = things.length <= some.length ? '' : ` or another of ${things.length}`;
  const message = `${what}; ask for ${some.join(', ')}${more}`;
  return new PodreachError('ambiguous-ref', message, { candidates });
}
