import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { SETTINGS, SETTING_NAMES, flagName } from '../../src/cli/config.ts';
import type { Setting } from '../../src/cli/config.ts';
import { CLIENT_LIMITS, JOB_LIMITS } from '../../src/cli/fixed-limits.ts';
import { HTTP_LIMITS } from '../../src/http/http-limits.ts';
import { DEFAULT_INGEST_LIMITS } from '../../src/model/input.ts';
import { startServer } from '../support/server.ts';
import { HTTP_CROSSINGS, INGEST_CROSSINGS, pod } from './crossings.ts';
import { ELSEWHERE, NO_REFUSAL, NO_LIMITS } from './other-limits.ts';

t.setTimeout(120_000);

const folder = t.testdir({});
const CROSSINGS = { ...INGEST_CROSSINGS, ...HTTP_CROSSINGS };

t.test('what crosses a limit is refused as the limit says, and the server goes on', async (t) => {
  const low = Object.entries(INGEST_CROSSINGS).flatMap(([name, { set = '' }]) => [
    `--${flagName(name as keyof typeof SETTINGS)}`,
    set,
  ]);
  const server = await startServer(t, join(folder, 'limits.db'), ...low);
  const shop = await fetch(`${server.url}/api/v1/clusters/shop/snapshots`, {
    method: 'POST',
    body: pod('web'),
  });
  t.equal(shop.status, 201);
  const question = `${server.url}/api/v1/snapshots/shop/path?from=shop/pod/web&to=shop/pod/web`;
  for (const [name, { status, code, says, cross }] of Object.entries(CROSSINGS)) {
    const said = await cross(server.url);
    t.equal(said.status, status, `${name}: ${said.body.slice(0, 300)}`);
    if (code !== undefined) {
      t.match(said.headers['content-type'], 'application/problem+json', name);
      t.match(JSON.parse(said.body), { code, status }, name);
    }
    if (says !== undefined) t.match(said.body, says, name);
    // Sockets of the crossing may still be closing.
    for (let tries = 0; tries < 20; tries += 1) {
      const alive = await fetch(`${server.url}/livez`).catch(() => undefined);
      if (alive?.status === 200) break;
      await sleep(50);
    }
    t.equal((await fetch(question)).status, 200, `after ${name} it answers`);
  }
  server.signal('SIGTERM');
  t.equal((await server.ended)[0], 0);
});

/** Every number that bounds something, by its name; fixed ones as they are, settings as printed. */
function everyLimit(): ReadonlyMap<string, string> {
  const settings = SETTING_NAMES.filter((name) => !NO_LIMITS.includes(name)).map((name) => {
    const { kind, fallback } = SETTINGS[name] as Setting<unknown>;
    return [name, kind.print(fallback)] as const;
  });
  const fixed = [HTTP_LIMITS, JOB_LIMITS, CLIENT_LIMITS].flatMap((table) =>
    Object.entries(table)
      .filter(([name]) => !NO_LIMITS.includes(name) && !Object.hasOwn(SETTINGS, name))
      .map(([name, value]) => [name, String(value)] as const),
  );
  return new Map([...settings, ...fixed]);
}

t.test('every limit is crossed by a test', (t) => {
  const known = new Set([
    ...Object.keys(CROSSINGS),
    ...Object.keys(ELSEWHERE),
    ...Object.keys(NO_REFUSAL),
  ]);
  t.strictSame(
    [...everyLimit().keys()].filter((name) => !known.has(name)),
    [],
    'not crossed yet',
  );
  t.strictSame(
    [...known].filter((name) => !everyLimit().has(name)),
    [],
    'of no limit',
  );
  for (const [name, { file, test }] of Object.entries(ELSEWHERE)) {
    t.ok(readFileSync(file, 'utf8').includes(test), `${name}: ${file} has \`${test}\``);
  }
  for (const name of Object.keys(DEFAULT_INGEST_LIMITS)) {
    t.ok(Object.hasOwn(INGEST_CROSSINGS, name), `${name} can be set and is crossed`);
  }
  t.end();
});

t.test('the page of limits has each of them as it is', (t) => {
  const page = readFileSync('docs/limits.md', 'utf8');
  const rows = new Map(
    [...page.matchAll(/^\| `(\w+)` +\| +(.*?) +\|/gm)].map(([, name = '', value]) => [name, value]),
  );
  for (const [name, value] of everyLimit()) t.equal(rows.get(name), value, name);
  t.strictSame(
    [...rows.keys()].filter((name) => !everyLimit().has(name)),
    [],
    'nothing else is on it',
  );
  for (const [name, { code }] of Object.entries(CROSSINGS)) {
    const row = page.split('\n').find((line) => line.startsWith(`| \`${name}\``)) ?? '';
    if (code !== undefined) t.ok(row.includes(`\`${code}\``), `${name}: ${row} says ${code}`);
  }
  t.end();
});
