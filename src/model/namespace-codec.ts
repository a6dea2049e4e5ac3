import { namespaceHead, namespaceLists, services } from './chunk-codec.ts';
import type { NamespaceHead, NamespaceLists, StoredService } from './chunk-codec.ts';
import { readEndpoints, writeEndpoints } from './endpoint-columns.ts';
import type { EndpointColumns } from './endpoint-columns.ts';
import { decodeAs } from './json-codec.ts';
import type { Codec } from './json-codec.ts';
import { lazyMembers } from './lazy-member.ts';
import { readPods, writePods } from './pod-columns.ts';
import { SectionReader, SectionWriter, broken, jsonOf } from './sections.ts';
import type { EndpointGroup, NamespaceChunk, PodTable, Service } from './snapshot.ts';

/*
 * A namespace as bytes: sections (sections.ts) of its format, its head, lists as JSON, and columns of
 * pods and endpoints. A namespace that was read is views on its bytes: what is no number becomes a
 * value when it is first asked for.
 */

/** Keeps chunks of other kinds and later formats apart from these. */
const FORMAT = Buffer.from('podreach/namespace/2');

type ListName = keyof NamespaceLists;
// The members of this constant are exactly those of the type.
const LIST_NAMES = Object.keys(namespaceLists) as readonly ListName[];

const withLists = lazyMembers<Pick<NamespaceChunk, ListName | 'services'>>(
  ...LIST_NAMES,
  'services',
);
const withGroups = lazyMembers<Pick<Service, 'endpoints'>>('endpoints');

/**
 * Canonical bytes of a namespace: equal chunks, equal bytes.
 *
 * @throws TypeError, RangeError for what could not be read back
 */
export function encodeNamespaceChunk(chunk: NamespaceChunk): Uint8Array {
  const out = new SectionWriter();
  out.add(FORMAT);
  out.addJson(namespaceHead.encode(chunk));
  for (const name of LIST_NAMES) out.addJson(listCodec(name).encode(chunk[name]));
  out.addJson(services.encode(chunk.services.map(withoutEndpoints)));
  writePods(out, chunk.pods);
  const groups = chunk.services.flatMap(({ endpoints }) => endpoints);
  writeEndpoints(
    out,
    groups.flatMap(({ endpoints }) => endpoints),
    homeOf(chunk.name, chunk.pods),
  );
  return out.finish();
}

/**
 * The namespace of {@link encodeNamespaceChunk}, frozen. It keeps `bytes`, which must not change.
 *
 * @throws `snapshot-corrupt`, also later by members that are asked for
 */
export function decodeNamespaceChunk(bytes: Uint8Array): NamespaceChunk {
  const sections = new SectionReader(bytes);
  if (!FORMAT.equals(sections.next())) throw broken('it is no namespace, or of another format');
  const head: NamespaceHead = decodeAs(namespaceHead, jsonOf(sections.next()), 'namespace');
  const lists = LIST_NAMES.map((name) => [name, lazyList(name, sections.next())] as const);
  const servicesJson = sections.next();
  const pods = readPods(sections);
  const endpoints = readEndpoints(sections, homeOf(head.name, pods));
  sections.end();
  return withLists(
    { ...head, pods },
    {
      // One of each list, by the table they are written from.
      ...(Object.fromEntries(lists) as { readonly [Name in ListName]: () => NamespaceLists[Name] }),
      services: () =>
        withEndpoints(decodeAs(services, jsonOf(servicesJson), 'services'), endpoints),
    },
  );
}

function lazyList(name: ListName, json: Uint8Array): () => unknown {
  return () => decodeAs(listCodec(name), jsonOf(json), name);
}

/** The codec of a list, for the values of that list. */
function listCodec(name: ListName): Codec<unknown> {
  return namespaceLists[name];
}

function homeOf(namespace: string, pods: PodTable): Parameters<typeof readEndpoints>[1] {
  return { namespace, podNames: () => pods.name };
}

function withoutEndpoints(service: Service): StoredService {
  const endpoints = service.endpoints.map(({ source, ports, endpoints: { length } }) => ({
    source,
    ports,
    count: length,
  }));
  return { ...service, endpoints };
}

/** Few questions look at the endpoints of more than one Service. */
function withEndpoints(
  stored: readonly StoredService[],
  columns: EndpointColumns,
): readonly Service[] {
  let next = 0;
  const all = stored.map(({ endpoints: heads, ...service }): Service => {
    const start = next;
    for (const { count } of heads) next += count;
    return withGroups(service, {
      endpoints: () => {
        let first = start;
        const groups = heads.map(({ source, ports, count }): EndpointGroup => {
          first += count;
          return Object.freeze({ source, ports, endpoints: columns.slice(first - count, first) });
        });
        return Object.freeze(groups);
      },
    });
  });
  if (next !== columns.length) throw broken('endpoints are missing');
  return Object.freeze(all);
}
