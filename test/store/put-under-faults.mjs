// Takes in snapshots while calls of the system fail, each until it is acknowledged or five times, and prints
// what came of each attempt.
//
// usage: put-under-faults.mjs DIST URL COUNT
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [dist, url, count] = process.argv.slice(2);
const load = (path) => import(pathToFileURL(join(dist, path)).href);
const { openStore } = await load('store/open-store.js');
const { localRunner } = await load('service/jobs/ingest-runner.js');
const { DEFAULT_INGEST_LIMITS: limits } = await load('model/input.js');

const podsOf = (number) =>
  Array.from({ length: 400 }, (_, i) =>
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `pod-${i}-${(i * 7919 * number) % 10_007}`, namespace: 'shop' },
    }),
  );
async function* bytesOf(number) {
  yield Buffer.from(podsOf(number).join('\n'));
}
async function* inputsOf(number) {
  yield { bytes: bytesOf(number) };
}

let runner;
for (let number = 1; number <= Number(count); number += 1) {
  for (let attempt = 0; attempt < 5; attempt += 1) {
    try {
      const store = runner === undefined && (await openStore(url, { snapshotsPerClusterMax: 100 }));
      runner ??= localRunner({ store, limits });
      const task = { cluster: 'prod', takenAt: new Date(number * 1000), reading: {} };
      const { id } = await runner.run(task, inputsOf(number));
      writeSync(1, `${number} ${id}\n`);
      break;
    } catch (error) {
      writeSync(1, `${number} ${error.code ?? error.stack}\n`);
    }
  }
}
