import { load } from 'js-yaml';
import { parse } from 'yaml';
import { contest } from '../harness/measure.ts';
import { fasterThan } from '../harness/row.ts';
import type { Row } from '../harness/row.ts';
import { firstItems, parseItems, podList } from '../reference/item-slices.ts';
import type { ListText } from '../reference/item-slices.ts';
import { keepList } from '../../src/manifest/kinds.ts';
import { readObjects } from '../../src/manifest/read/read-objects.ts';
import { DEFAULT_INGEST_LIMITS } from '../../src/model/input.ts';
import type { ManifestInput } from '../../src/model/input.ts';

/** Pods in the texts that are scanned. */
const SIZE = '5k/500';
/** Pods for the YAML libraries, which take milliseconds for each. */
const JS_YAML_PODS = 150;
const YAML_PODS = 40;
/** Pieces in which a socket or file gives its bytes. */
const PIECE_BYTES = 64 * 1024;
const BUDGET_MS = 30_000;

/** Rows about reading text, without anything behind it. */
export const ingestRows: readonly Row[] = [
  {
    id: '21',
    area: 'ingest',
    title: 'reading pods from JSON, only what is kept',
    against: 'JSON.parse of each item',
    bound: 'looking at every byte once: about 1 GB/s in JavaScript',
    async run(context) {
      const checks = [];
      for (const [format, atLeast] of [
        ['raw', 3],
        ['json', 1.5],
      ] as const) {
        const list = podList(context.planOf('realistic', SIZE), format);
        const outcome = await contest({
          figure: () => readAll(list),
          reference: () => parseItems(list),
          pairs: context.pairs,
          budgetMs: BUDGET_MS,
        });
        const operations = list.slices.length;
        const mbPerS = list.bytes.length / 1000 / outcome.figure.cpuMs;
        const name = format === 'raw' ? 'as API servers send it' : 'as kubectl prints it';
        const what = `${name}, ${Math.round(mbPerS)} MB/s`;
        const goal = { ratioAtLeast: atLeast };
        checks.push(fasterThan(outcome, { what, unit: 'us', operations, goal }));
      }
      return checks;
    },
  },
  {
    id: '22',
    area: 'ingest',
    title: 'reading pods from YAML as kubectl prints it',
    against: 'YAML libraries',
    bound: 'finding the lines that matter: about 2 GB/s in JavaScript',
    async run(context) {
      const list = podList(context.planOf('realistic', SIZE), 'yaml');
      const against = async (
        name: string,
        pods: number,
        read: (text: string) => unknown,
        atLeast: number,
      ): Promise<ReturnType<typeof fasterThan>> => {
        const text = firstItems(list, pods);
        const outcome = await contest({
          figure: () => readAll(list),
          reference: () => read(text),
          pairs: context.pairs,
          budgetMs: BUDGET_MS,
        });
        const mbPerS = list.bytes.length / 1000 / outcome.figure.cpuMs;
        return fasterThan(outcome, {
          what: `against ${name}, ${Math.round(mbPerS)} MB/s`,
          unit: 'us',
          operations: list.slices.length,
          referenceOperations: pods,
          goal: { ratioAtLeast: atLeast },
        });
      };
      return [
        await against('js-yaml', JS_YAML_PODS, (text) => load(text), 40),
        await against('yaml', YAML_PODS, (text) => parse(text) as unknown, 150),
      ];
    },
  },
];

/** Reads a list as an ingest does. @throws Error when not all of its items come out */
async function readAll(list: ListText): Promise<void> {
  let objects = 0;
  const items = readObjects(inputOf(list), { keep: keepList, limits: DEFAULT_INGEST_LIMITS });
  for await (const { type } of items) if (type === 'object') objects += 1;
  if (objects !== list.slices.length) throw new Error(`${objects} objects were read`);
}

async function* inputOf({ bytes }: ListText): AsyncIterable<ManifestInput> {
  yield { bytes: piecesOf(bytes) };
}

async function* piecesOf(bytes: Buffer): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    yield bytes.subarray(at, at + PIECE_BYTES);
  }
}
