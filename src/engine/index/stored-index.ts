import type { Snapshot } from '../../model/snapshot.ts';
import type { WorkloadRows } from '../grouping.ts';
import { buildModelView } from '../model-view.ts';
import type { ModelView } from '../model-view.ts';
import { engineId } from '../options.ts';
import type { EngineOptions } from '../options.ts';
import type { MentionedNode, ViewTables } from '../view-tables.ts';
import { flatFromSections, flatSections } from './flat-sections.ts';
import type { FlatParts } from './flat-reach.ts';
import type { PolicyTexts } from './policy-texts.ts';
import { decodeSections, encodeSections } from './sections.ts';
import type { Json, Sections, TypedArray } from './sections.ts';

/*
 * A compiled index as one blob: the arrays of the flat index, the tables of the view and the rows by
 * workload, under one header that says of which content and by which engine it was made. Nothing in
 * it repeats an object: names and policies stay in the chunks of the snapshot.
 */

/** The index as bytes; equal parts give equal bytes. */
export function encodeIndex({ view, flat, rows, options, overlays }: FlatParts): Uint8Array {
  const inner = flatSections(flat);
  const { tables } = view;
  const arrays = new Map<string, TypedArray>([
    ['view/podStart', tables.podStart],
    ['view/podNode', tables.podNode],
    ['view/v4', tables.owners.v4],
    ['view/v4Owner', tables.owners.v4Owner],
    ['view/v6', tables.owners.v6],
    ['view/v6Owner', tables.owners.v6Owner],
    ['view/services', tables.services],
    ...ROW_COLUMNS.map((column) => [`rows/${column}`, rows[column]] as const),
    ...[...inner.arrays].map(([name, array]) => [`flat/${name}`, array] as const),
    ['texts', ENCODER.encode(JSON.stringify(flat.texts() ?? null))],
  ]);
  const header = {
    engine: engineId(options),
    digest: view.snapshot.digest,
    overlays,
    mentionedNodes: tables.mentionedNodes.map(({ name, addresses }) => ({ name, addresses })),
    flat: inner.header,
  };
  return encodeSections(header, arrays);
}

const ENCODER = new TextEncoder();

const ROW_COLUMNS = ['rowOf', 'start', 'pods', 'keys', 'keyStart'] as const;

/**
 * The parts of {@link encodeIndex} as views on `bytes`.
 *
 * Undefined when the bytes are of another engine, dialect or content, or are not an index at all:
 * the caller compiles. Damage inside the arrays is not looked for; whoever stores them verifies them.
 */
export function decodeIndex(
  bytes: Uint8Array,
  snapshot: Snapshot,
  options: EngineOptions,
): FlatParts | undefined {
  const sections = decodeSections(bytes);
  const header = sections === undefined ? undefined : readHeader(sections.header);
  if (sections === undefined || header === undefined) return undefined;
  if (header.engine !== engineId(options) || header.digest !== snapshot.digest) return undefined;
  const tables = readTables(sections, header.mentionedNodes);
  const rows = readRows(sections);
  if (tables === undefined || rows === undefined) return undefined;
  if (tables.podStart.length !== snapshot.namespaces.size + 1) return undefined;
  const view: ModelView = buildModelView(snapshot, tables);
  const flat = flatFromSections(
    { header: header.flat, arrays: inside(sections, 'flat/') },
    textsReader(sections),
  );
  return flat === undefined ? undefined : { view, flat, rows, options, overlays: header.overlays };
}

/** Reads the texts when they are first asked for: answers need none of them. */
function textsReader({ arrays }: Sections): () => PolicyTexts | undefined {
  let known: PolicyTexts | null | undefined;
  return () => {
    // Our own JSON, as the engine in the header says. Shared memory is copied to be decoded.
    known ??= JSON.parse(
      new TextDecoder().decode((arrays.get('texts') as Uint8Array | undefined)?.slice()) || 'null',
    ) as PolicyTexts | null;
    return known ?? undefined;
  };
}

interface Header {
  readonly engine: string;
  readonly digest: string;
  readonly overlays: number;
  readonly mentionedNodes: readonly MentionedNode[];
  readonly flat: Json;
}

function readHeader(header: Json): Header | undefined {
  if (typeof header !== 'object' || header === null || Array.isArray(header)) return undefined;
  // Our own JSON, of which the engine and the digest say whether it is of this version.
  const { engine, digest, overlays, mentionedNodes, flat } = header as unknown as Partial<Header>;
  if (typeof engine !== 'string' || typeof digest !== 'string') return undefined;
  if (!Array.isArray(mentionedNodes) || flat === undefined) return undefined;
  if (typeof overlays !== 'number') return undefined;
  return { engine, digest, overlays, mentionedNodes, flat };
}

function readTables(
  { arrays }: Sections,
  mentionedNodes: readonly MentionedNode[],
): ViewTables | undefined {
  const podStart = words(arrays, 'view/podStart');
  const podNode = words(arrays, 'view/podNode');
  const v4 = arrays.get('view/v4');
  const v4Owner = words(arrays, 'view/v4Owner');
  const v6 = arrays.get('view/v6');
  const v6Owner = words(arrays, 'view/v6Owner');
  const services = words(arrays, 'view/services');
  if (!(v4 instanceof Uint32Array) || !(v6 instanceof Uint32Array)) return undefined;
  if (podStart === undefined || podNode === undefined || services === undefined) return undefined;
  if (v4Owner === undefined || v6Owner === undefined) return undefined;
  const owners = { v4, v4Owner, v6, v6Owner };
  return { podStart, podNode, mentionedNodes, owners, services };
}

function readRows({ arrays }: Sections): WorkloadRows | undefined {
  const rowOf = words(arrays, 'rows/rowOf');
  const start = words(arrays, 'rows/start');
  const pods = words(arrays, 'rows/pods');
  const keyStart = words(arrays, 'rows/keyStart');
  const keys = arrays.get('rows/keys');
  if (rowOf === undefined || start === undefined || pods === undefined) return undefined;
  if (keyStart === undefined || !(keys instanceof Uint8Array)) return undefined;
  return { rowOf, start, pods, keys, keyStart };
}

function words(arrays: Sections['arrays'], name: string): Int32Array | undefined {
  const found = arrays.get(name);
  return found instanceof Int32Array ? found : undefined;
}

function inside({ arrays }: Sections, prefix: string): ReadonlyMap<string, TypedArray> {
  return new Map(
    [...arrays].flatMap(([name, array]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), array] as const] : [],
    ),
  );
}
