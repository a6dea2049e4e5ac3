// Puts snapshots until it is killed, and prints the id of each one that was acknowledged.
//
// usage: put-loop.ts DATABASE FIRST_NUMBER
import { writeSync } from 'node:fs';

import { openStore } from '../../src/store/open-store.ts';
import { sampleNamespace, sampleSnapshot } from './sample-snapshots.ts';

const [url = '', first = '0'] = process.argv.slice(2);
const store = await openStore(url, { snapshotsPerClusterMax: 8 });
writeSync(1, 'ready\n');
for (let number = Number(first); ; number += 1) {
  const pods = Array.from({ length: 300 }, (_, i) => `pod-${number}-${i}`);
  const names = ['one', 'two', 'three'];
  const namespaces = names.map((name) => sampleNamespace(name, { pods }));
  const { stored } = await store.put('prod', sampleSnapshot(namespaces), new Date(number));
  writeSync(1, `${number} ${stored.id} ${stored.digest}\n`);
  if (number % 3 === 0)
    await store.putIndex(stored.id, '1', Buffer.from(stored.digest.repeat(1000)));
}
