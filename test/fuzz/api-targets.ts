import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import fc from 'fast-check';
import { Compile } from 'typebox/schema';
import { DEFAULT_OPTIONS } from '../../src/engine/options.ts';
import { buildApp } from '../../src/http/app.ts';
import { DEFAULT_INGEST_LIMITS } from '../../src/model/input.ts';
import { createPodreach } from '../../src/service/create-podreach.ts';
import { openStore } from '../../src/store/open-store.ts';
import { entrances, shop } from '../support/http-app.ts';
import type { Body } from '../support/http-app.ts';
import { readOperations } from '../support/operations.ts';
import type { Operation, Parameter } from '../support/operations.ts';
import { INJECTIONS } from './injections.ts';
import { mutatedText } from './mutations.ts';
import type { FuzzedServer } from './request-targets.ts';
import { demand, targetOf } from './target.ts';

/** Values that parameters of this name have when all is well; others are made from their schemas. */
const GOOD: Readonly<Record<string, readonly string[]>> = {
  ref: ['prod', 'prod@2126-01-01T00:00:00Z', 'shop/api', 'shop/*', '10.0.0.0/8', 'none'],
  from: ['shop/web-00', 'shop/*', '*/*', 'internet', 'shop?app=web'],
  to: ['shop/api', 'shop/svc/api', 'shop/db-0', '0.0.0.0/0', 'node/*'],
  of: ['shop/api', 'shop/*', '*/*'],
  target: ['shop/api', 'shop/svc/api', 'shop/*', '10.1.2.3'],
  source: ['shop/web-00', 'shop?app=web', 'internet'],
  selecting: ['shop/api', 'shop/*'],
  via: ['shop/svc/api', 'shop/api-0'],
  host: ['0.example', '1.example'],
  port: ['any', '80', 'tcp/8080', 'udp', 'tcp/http', 'tcp/8000-8100,udp/53'],
  q: ['shop/web-00~shop/api', 'shop/web-00~shop/api~tcp/8080'],
  exclude: ['shop/db-0', 'shop?app=web'],
  fields: ['verdict', 'from,to', 'items', 'totalCount'],
  engine: ['2', '1'],
  cluster: ['prod', 'other', 'none'],
  after: ['s_00000000000000000000000000'],
  takenAt: ['2026-01-01T00:00:00Z'],
  kind: ['NetworkPolicy', 'Pod'],
  namespace: ['shop', '-'],
  name: ['allow-web', 'lock-db', 'none'],
  code: ['NOT_ISOLATED', 'SELF.md', 'NONE'],
  file: ['api.md', 'none.md'],
};

const QUESTION = { from: 'shop/web-00', to: 'shop/api', port: 'tcp/80' };
const BATCHES: readonly string[] = [
  JSON.stringify({ questions: [QUESTION, { from: 'nobody', to: 'shop/*' }] }),
  JSON.stringify({ questions: [{ from: '*/*', to: 'internet' }], detail: 'full' }),
];

/** What is deleted is never what the other questions are about. */
function goodValues({ name, in: place }: Parameter, method: string): readonly string[] {
  if (method === 'DELETE') return ['other', 'none', 's_00000000000000000000000000'];
  return GOOD[place === 'path' && name === 'ref' ? 'cluster' : name] ?? [];
}

/** A request, as plain data. */
interface Asked {
  readonly operation: number;
  /** Values by the names of parameters; one that is not there is left out. */
  readonly values: Readonly<Record<string, readonly string[]>>;
  readonly body: string;
  readonly accept: string;
}

/**
 * The HTTP surface as its own OpenAPI document describes it: requests that are right, nearly right and
 * hostile, whose answers must have a status and a form that the document names.
 */
export async function apiTargets(): Promise<FuzzedServer> {
  const folder = mkdtempSync(join(tmpdir(), 'podreach-fuzz-'));
  const file = join(folder, 'fuzz.db');
  const store = await openStore(`sqlite:${file}`, { snapshotsPerClusterMax: 20 });
  const podreach = createPodreach({
    store,
    engineOptions: DEFAULT_OPTIONS,
    limits: DEFAULT_INGEST_LIMITS,
    indexCacheBytesMax: 64 * 1024 * 1024,
  });
  const app = await buildApp({
    podreach,
    host: '127.0.0.1',
    uploadBytesMax: 1024 * 1024,
    eventLoopDelayMaxMs: 60_000,
  });
  const url = '/api/v1/clusters/prod/snapshots';
  await app.inject({ method: 'POST', url, payload: shop(3) + entrances(2) });
  const document = (await app.inject('/openapi.json')).json();
  const operations = readOperations(document).filter(({ path }) => !path.endsWith('/events'));
  const check = answerCheck(document);
  const database = new Database(file, { readonly: true });
  const whole = contentOf(database);
  return {
    targets: [
      // First, while nothing was sent that changes the database.
      targetOf({
        name: 'an injection into a parameter',
        weight: 6,
        inputs: injections(operations),
        bytesOf: ({ values }) => JSON.stringify(values).length,
        outcomeOf: async (asked) => {
          const [operation, request] = requestOf(operations, asked);
          const isPart = 0 < (asked.values['fields']?.length ?? 0);
          const looked = { changes: false, isPart };
          const outcome = check(operation, await app.inject(request), looked);
          demand(contentOf(database) === whole, `the database changed: ${request.url as string}`);
          return outcome;
        },
      }),
      targetOf({
        name: 'a request of the OpenAPI document',
        weight: 6,
        inputs: requests(operations),
        bytesOf: ({ body }) => body.length + 1000,
        outcomeOf: async (asked) => {
          const [operation, request] = requestOf(operations, asked);
          const isPart = 0 < (asked.values['fields']?.length ?? 0);
          const changes = changesSomething(operation);
          return check(operation, await app.inject(request), { changes, isPart });
        },
      }),
    ],
    close: async () => {
      database.close();
      await app.close();
      await podreach.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** Everything in the database but what can be made anew from the rest. */
function contentOf(database: Database.Database): string {
  const hash = createHash('sha256');
  const tables = database
    .prepare<[], { name: string; sql: string }>(
      "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name <> 'indexes' ORDER BY name",
    )
    .all();
  for (const { name, sql } of tables) {
    hash.update(sql);
    for (const row of database.prepare<[], object>(`SELECT * FROM ${name}`).iterate()) {
      hash.update(JSON.stringify(Object.values(row)));
    }
  }
  return hash.digest('hex');
}

/** Looks at an answer to an operation. */
type AnswerCheck = (
  operation: Operation,
  response: LightMyRequestResponse,
  what: {
    /** Whether the next answer to the same may be another one. */
    readonly changes: boolean;
    /** Whether it has some of the members only, those that were asked for. */
    readonly isPart: boolean;
  },
) => string;

/** Whatever is asked, the answer is one that the document describes. */
function answerCheck(document: Body): AnswerCheck {
  const { components } = document;
  const compiled = new Map<string, ReturnType<typeof Compile>>();
  const schemaOf = (schema: Body): ReturnType<typeof Compile> => {
    const key = JSON.stringify(schema);
    const known = compiled.get(key) ?? Compile({ ...schema, components });
    compiled.set(key, known);
    return known;
  };
  return ({ name, responses }, { statusCode, headers, body }, { changes, isPart }) => {
    const what = `${name}: ${statusCode} ${body.slice(0, 300)}`;
    demand(statusCode < 500, what);
    const described = responses[statusCode] ?? responses[`${Math.floor(statusCode / 100)}XX`];
    demand(described !== undefined, `no such status in the document: ${what}`);
    const type = String(headers['content-type'] ?? '').split(';')[0] ?? '';
    if (body !== '') {
      const content = described?.content?.[type];
      demand(content !== undefined, `no such media type in the document: ${type} ${what}`);
      if (/[/+]json$/.test(type) && !(isPart && statusCode < 400)) {
        const validator = schemaOf(content?.schema);
        const value: unknown = JSON.parse(body);
        const [, errors] = validator.Errors(value);
        demand(validator.Check(value), `not as described: ${JSON.stringify(errors[0])} ${what}`);
      }
    }
    const refused = statusCode < 400 ? '' : 'refused: ';
    if (changes) return 'taken';
    return `${refused}${statusCode} ${body.slice(0, 2000).replace(DIFFERING, '')}`;
  };
}

/** Whether asking it changes what is answered next. */
function changesSomething({ method, path }: Operation): boolean {
  return method === 'DELETE' || (method === 'POST' && path.endsWith('/snapshots'));
}

/** What differs between two answers to the same. */
const DIFFERING = /"(instance|requestId|lastSeenAt)": ?"?[^",}]*"?/g;

/** Values that the schema of a parameter names, and some about which it says nothing. */
function valuesOf(parameter: Parameter, method: string): fc.Arbitrary<string> {
  const { schema } = parameter;
  const { enum: words = [], minimum = 0, maximum = 5, type } = schema.items ?? schema;
  const numbers = [minimum - 1, minimum, minimum + 1, maximum, maximum + 1].map(String);
  const right = [
    ...words,
    ...(type === 'boolean' ? ['true', 'false'] : []),
    ...(type === 'integer' ? numbers : []),
    ...goodValues(parameter, method),
  ];
  return fc.oneof(
    ...(0 < right.length ? [{ weight: 12, arbitrary: fc.constantFrom(...right) }] : []),
    { weight: 1, arbitrary: fc.constantFrom(...INJECTIONS) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
  );
}

function requests(operations: readonly Operation[]): fc.Arbitrary<Asked> {
  return fc.oneof(
    ...operations.map((operation, i) => {
      const values = operation.parameters.map((parameter) => {
        const isNeeded = parameter.in === 'path' || parameter.required;
        const some = fc.array(valuesOf(parameter, operation.method), {
          minLength: 1,
          maxLength: 2,
        });
        const one = fc.tuple(valuesOf(parameter, operation.method));
        const given = fc.oneof({ weight: 9, arbitrary: one }, some);
        const always = parameter.in === 'path' ? one : fc.option(given, { nil: [], freq: 20 });
        return [parameter.name, isNeeded ? always : rarely(given)] as const;
      });
      return fc.record({
        operation: fc.constant(i),
        values: fc.record(Object.fromEntries(values)),
        body: bodies(operation),
        accept: fc.constantFrom('*/*', 'application/json', 'text/plain', 'x'),
      });
    }),
  );
}

function rarely(given: fc.Arbitrary<string[]>): fc.Arbitrary<string[]> {
  return fc.oneof({ weight: 4, arbitrary: fc.constant<string[]>([]) }, given);
}

function bodies({ method, path }: Operation): fc.Arbitrary<string> {
  if (method !== 'POST') return fc.constant('');
  return path.endsWith('/paths') ? mutatedText(BATCHES) : mutatedText([shop(1)]);
}

/** One parameter of an operation that is right otherwise. */
function injections(operations: readonly Operation[]): fc.Arbitrary<Asked> {
  const places = operations.flatMap(({ method, parameters }, operation) =>
    // What may change something is named in a way that nothing is.
    method === 'POST' ? [] : parameters.map(({ name }) => ({ operation, name })),
  );
  return fc
    .record({ place: fc.constantFrom(...places), text: fc.constantFrom(...INJECTIONS) })
    .map(({ place: { operation, name }, text }) => {
      const { parameters = [], method = '' } = operations[operation] ?? {};
      const values = parameters
        .filter((one) => one.in === 'path' || one.required === true)
        .map((one) => [one.name, [goodValues(one, method)[0] ?? 'x']]);
      return {
        operation,
        values: { ...(Object.fromEntries(values) as Asked['values']), [name]: [text] },
        body: '',
        accept: '*/*',
      };
    });
}

function requestOf(
  operations: readonly Operation[],
  { operation: i, values, body, accept }: Asked,
): readonly [Operation, InjectOptions] {
  const operation = operations[i];
  if (operation === undefined) throw new Error('no such operation');
  const { method, path, parameters } = operation;
  const place = path.replace(/\{(\w+)\}/g, (_all, name: string) => {
    const value = values[name]?.[0] ?? '';
    // What would be another path is another operation.
    return encoded(/^\.{0,2}$/.test(value) ? 'x' : value);
  });
  const query = parameters
    .filter((one) => one.in === 'query')
    .flatMap(({ name }) => (values[name] ?? []).map((value) => `${name}=${encoded(value)}`));
  const url = [place, query.join('&')].join('?').replace(/\?$/, '');
  const type = path.endsWith('/paths') ? { 'content-type': 'application/json' } : {};
  const payload = method === 'POST' ? { payload: body } : {};
  return [operation, { method, url, ...payload, headers: { accept, ...type } }];
}

function encoded(text: string): string {
  return encodeURIComponent(text);
}
