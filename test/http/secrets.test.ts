import { readFileSync, readdirSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync, inflateRawSync } from 'node:zlib';
import Database from 'better-sqlite3';
import t from 'tap';
import { stringify } from 'yaml';
import { CANARY, brokenWithSecrets, objectsWithSecrets } from '../support/canaries.ts';
import { childrenOf } from '../support/children.ts';
import type { Body } from '../support/http-app.ts';
import { readsOf } from '../support/reads.ts';
import { podreach, startServer } from '../support/server.ts';
import { tarOf } from '../support/tar.ts';

t.setTimeout(120_000);

const folder = t.testdir({});

/** As it is, and as base64 would show it wherever it begins. */
const TRACES = [CANARY.source.slice(0, 7), 'canary', 'canary-1', 'canary-2', 'canary-3'].flatMap(
  (text, i) => (i === 0 ? [text] : ['', 'x', 'xx'].map((before) => base64Middle(before, text))),
);

/** The part of the base64 of `text` that does not depend on what is around it. */
function base64Middle(before: string, text: string): string {
  const all = Buffer.from(before + text).toString('base64');
  return all.slice(before === '' ? 0 : 4, Math.floor(((before + text).length / 3) | 0) * 4);
}

/** The first secret in `bytes`, with what is around it. */
function found(bytes: Buffer | string): string | undefined {
  const text = typeof bytes === 'string' ? bytes : bytes.toString('latin1');
  for (const trace of TRACES) {
    const at = text.indexOf(trace);
    if (at !== -1) return text.slice(Math.max(0, at - 60), at + 60);
  }
  return undefined;
}

/** Every value of every table, unpacked where it is packed. */
function* valuesOf(file: string): Generator<readonly [table: string, value: Buffer]> {
  const database = new Database(file, { readonly: true });
  const tables = database
    .prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table'")
    .pluck()
    .all();
  for (const table of tables) {
    for (const row of database
      .prepare<[], Record<string, unknown>>(`SELECT * FROM "${table}"`)
      .iterate()) {
      for (const value of Object.values(row)) {
        if (typeof value === 'string') yield [table, Buffer.from(value)];
        if (Buffer.isBuffer(value)) yield [table, unpacked(value)];
      }
    }
  }
  database.close();
}

function unpacked(bytes: Buffer): Buffer {
  try {
    return inflateRawSync(bytes);
  } catch {
    return bytes;
  }
}

/** Files that a process has open: deleted ones too, but for a spool while it is read. */
function openFiles(pid: number): readonly (readonly [name: string, bytes: Buffer])[] {
  const at = `/proc/${pid}/fd`;
  try {
    return readdirSync(at)
      .map((name) => join(at, name))
      .filter((path) => statSync(path).isFile())
      .map((path) => [readlinkSync(path), readFileSync(path)] as const);
  } catch {
    return [];
  }
}

t.test('a secret in a manifest is nowhere afterwards', async (t) => {
  const objects = objectsWithSecrets();
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
  const secrets = new Set(list.match(CANARY));
  t.ok(60 < secrets.size, `${secrets.size} secrets`);
  const database = join(folder, 'secrets.db');
  const audit = join(folder, 'audit.jsonl');
  const server = await startServer(
    t,
    database,
    ...['--log-level', 'debug', '--audit', audit, '--metrics-cluster-names'],
  );
  const see = (what: string, bytes: Buffer | string): void => {
    const secret = found(bytes);
    if (secret !== undefined) t.fail(`${what}: ${secret}`);
  };
  const send = async (cluster: string, body: string | Buffer, query = ''): Promise<number> => {
    const url = `${server.url}/api/v1/clusters/${cluster}/snapshots${query}`;
    const response = await fetch(url, { method: 'POST', body });
    see(`the answer to an upload to ${cluster}`, await response.text());
    for (const pid of [server.pid, ...childrenOf(server.pid)]) {
      for (const [name, bytes] of openFiles(pid)) {
        // What is taken in later is spooled where nobody else finds it, not even by a name.
        if (query !== '?async=true' || !name.endsWith('upload (deleted)')) see(name, bytes);
      }
    }
    return response.status;
  };
  const yaml = objects.map((one) => stringify(one)).join('---\n');
  const files = [
    { name: 'dump/objects.yaml', content: yaml },
    { name: 'dump/.env', content: brokenWithSecrets()[8] ?? '' },
    { name: 'dump/logs/a.log', content: brokenWithSecrets()[7] ?? '' },
  ];
  t.equal(await send('prod', list), 201);
  t.equal(await send('yaml', yaml), 201);
  t.equal(await send('lines', gzipSync(objects.map((one) => JSON.stringify(one)).join('\n'))), 201);
  t.equal(await send('tar', tarOf(files)), 201);
  for (const query of ['', '?strict=true', '?async=true']) {
    for (const text of brokenWithSecrets()) {
      const status = await send('broken', text, query);
      t.equal(status, query === '?async=true' ? 202 : 422, text.slice(0, 60));
    }
  }
  const document = (await (await fetch(`${server.url}/openapi.json`)).json()) as Body;
  const graphql = `query={snapshot(ref:"prod"){problems{nodes{code,message,path}}resolve(ref:"*/*"){nodes{key,name}}connectivity{nodes{from{key}to{key}reasons{message}because{pointer}}}policies{nodes{policy{name}}}}}`;
  const urls = [
    ...readsOf(document),
    '/metrics',
    '/readyz?verbose',
    `/graphql?${encodeURI(graphql)}`,
  ];
  let rows = 0;
  for (const url of urls) {
    const response = await fetch(server.url + url);
    const text = await response.text();
    see(url, text);
    if (response.status === 200 && text.includes('web-00')) rows += 1;
  }
  for (const [name, bytes] of openFiles(server.pid)) see(name, bytes);
  t.ok(30 < rows, `${rows} of ${urls.length} answers are about these objects`);

  const copy = join(folder, 'copy.db');
  t.equal(podreach('backup', copy, '--database', `sqlite:${database}`).code, 0);
  const read = (): void => {
    const names = readdirSync(folder);
    t.ok(names.includes('audit.jsonl') && names.includes('copy.db'));
    for (const name of names) see(name, readFileSync(join(folder, name)));
  };
  read();
  const [code, log] = await server.stop();
  t.equal(code, 0);
  read();
  t.match(log, '"route":"/api/v1/clusters/:cluster/snapshots"', 'the log was written');
  see('the log', log);
  let isThere = false;
  for (const file of [database, copy]) {
    for (const [table, value] of valuesOf(file)) {
      see(`${file}, table ${table}`, value);
      isThere ||= table === 'chunks' && value.includes('web-00');
    }
  }
  t.ok(isThere, 'what is stored was unpacked');
  t.ok(found(list) && found(Buffer.from(list).toString('base64')), 'a secret would have been seen');
});
