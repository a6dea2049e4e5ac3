// Puts a snapshot that the limit on file sizes does not let through, then a small one.
//
// usage: put-big.ts DATABASE
import { randomBytes } from 'node:crypto';
import { writeSync } from 'node:fs';

import { PodreachError } from '../../src/model/errors.ts';
import { openStore } from '../../src/store/open-store.ts';
import { sampleNamespace, sampleSnapshot } from './sample-snapshots.ts';

const store = await openStore(process.argv[2] ?? '', { snapshotsPerClusterMax: 8 });
const pods = Array.from({ length: 40_000 }, () => randomBytes(20).toString('hex'));
const big = sampleSnapshot([sampleNamespace('big', { pods })]);
try {
  await store.put('prod', big, new Date(2e12));
  writeSync(1, 'stored\n');
} catch (error) {
  writeSync(1, `${error instanceof PodreachError ? error.code : String(error)}\n`);
}
const small = sampleSnapshot([sampleNamespace('small')]);
const { created } = await store.put('prod', small, new Date(2e12));
writeSync(1, `put again: ${created}\n`);
await store.close();
