import { readAddresses, writeAddresses } from './address-column.ts';
import { integer, list, oneOf, optional, record, text } from './json-codec.ts';
import type { Codec } from './json-codec.ts';
import { once } from './lazy-member.ts';
import { broken } from './sections.ts';
import type { SectionReader, SectionWriter } from './sections.ts';
import type { EndpointGroup } from './snapshot.ts';
import { readInterned, readTexts, writeInterned, writeTexts } from './text-column.ts';

type Endpoint = EndpointGroup['endpoints'][number];
type EndpointPort = EndpointGroup['ports'][number];

/** A group of endpoints without them; they stand in columns. */
export interface EndpointGroupHead extends Omit<EndpointGroup, 'endpoints'> {
  /** How many endpoints it has. */
  readonly count: number;
}

/** Ports of a group, as JSON values. */
export const endpointPorts: Codec<EndpointGroup['ports']> = list(
  record<EndpointPort>({
    name: optional(text),
    protocol: oneOf('TCP', 'UDP', 'SCTP'),
    port: optional(integer),
  }),
);

/** Heads as JSON values. */
export const endpointGroupHead: Codec<EndpointGroupHead> = record<EndpointGroupHead>({
  source: oneOf('EndpointSlice', 'Endpoints'),
  ports: endpointPorts,
  count: integer,
});

const READY = 1;
const SERVING = 2;
const TERMINATING = 4;
/** It says which node it is on. */
const HAS_NODE = 8;

/** Rows of no pod, and of a pod that is not in the table. */
const NO_POD = -1;
const OTHER_POD = -2;

/** The pods that endpoints speak of by row. */
export interface EndpointHome {
  readonly namespace: string;
  readonly podNames: () => readonly string[];
}

/** Writes endpoints, one after the other. */
export function writeEndpoints(
  out: SectionWriter,
  endpoints: readonly Endpoint[],
  { namespace, podNames }: EndpointHome,
): void {
  const rows = new Map(podNames().map((name, row) => [`${namespace}/${name}`, row]));
  const others: string[] = [];
  const podRows = Int32Array.from(endpoints, ({ pod }) => {
    if (pod === undefined) return NO_POD;
    const row = rows.get(pod);
    if (row === undefined) others.push(pod);
    return row ?? OTHER_POD;
  });
  writeAddresses(
    out,
    endpoints.map(({ addresses }) => addresses),
  );
  out.addColumn(podRows);
  writeTexts(out, others);
  writeInterned(
    out,
    endpoints.map(({ node }) => node ?? ''),
  );
  out.add(Uint8Array.from(endpoints, flagsOf));
}

function flagsOf({ ready, serving, terminating, node }: Endpoint): number {
  return (
    (ready ? READY : 0) |
    (serving ? SERVING : 0) |
    (terminating ? TERMINATING : 0) |
    (node === undefined ? 0 : HAS_NODE)
  );
}

/** Endpoints of which some can be had. */
export interface EndpointColumns {
  readonly length: number;
  /** Those from row `first` to before `end`, frozen. @throws `snapshot-corrupt` */
  readonly slice: (first: number, end: number) => readonly Endpoint[];
}

/** Reads the endpoints of {@link writeEndpoints}. @throws `snapshot-corrupt` */
export function readEndpoints(
  sections: SectionReader,
  { namespace, podNames }: EndpointHome,
): EndpointColumns {
  const addressColumn = readAddresses(sections);
  const podRows = sections.nextColumn();
  const others = readTexts(sections);
  const nodeColumn = readInterned(sections);
  const flags = sections.next();
  const { length } = flags;
  const columns = [addressColumn.kinds, podRows, nodeColumn.ids];
  if (columns.some((column) => column.length !== length)) throw broken('a column is too short');
  const addresses = once(addressColumn.all);
  const nodes = once(nodeColumn.texts);
  // What is no row of a pod is listed in the order of the rows.
  const otherPods = once(() => {
    const texts = others.all();
    const rows = [...podRows.keys()].filter((row) => podRows[row] === OTHER_POD);
    return new Map(rows.map((row, i) => [row, texts[i]]));
  });
  const podOf = (row: number): string | undefined => {
    const pod = podRows[row] ?? NO_POD;
    if (pod === NO_POD) return undefined;
    const name = pod === OTHER_POD ? otherPods().get(row) : podNames()[pod];
    if (name === undefined) throw broken('the pod of an endpoint is missing');
    return pod === OTHER_POD ? name : `${namespace}/${name}`;
  };
  const endpointAt = (row: number): Endpoint => {
    const bits = flags[row] ?? 0;
    const pod = podOf(row);
    return Object.freeze({
      addresses: addresses()[row] ?? [],
      ...(pod === undefined ? {} : { pod }),
      ...((bits & HAS_NODE) === 0 ? {} : { node: nodes()[nodeColumn.ids[row] ?? -1] ?? '' }),
      ready: (bits & READY) !== 0,
      serving: (bits & SERVING) !== 0,
      terminating: (bits & TERMINATING) !== 0,
    });
  };
  return {
    length,
    slice: (first, end) =>
      Object.freeze(Array.from({ length: end - first }, (_, i) => endpointAt(first + i))),
  };
}
