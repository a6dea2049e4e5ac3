import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { parseArgs } from 'node:util';
import { createGzip } from 'node:zlib';
import { SHAPES, clusterSpec } from './cluster-spec.ts';
import { DUMP_FORMATS, dumpBytes } from './dump-text.ts';
import { KINDS } from './kube-object.ts';
import { planCluster } from './plan/plan-cluster.ts';

const USAGE = `Writes the dump of a generated cluster to stdout.

  node --import tsx bench/generate/main.ts --size 100k/10k --format raw > cluster.json

  --size PODS/POLICIES  such as 10k/1k; each shape has its own default
  --shape SHAPE         ${SHAPES.join(', ')}
  --format FORMAT       ${DUMP_FORMATS.join(', ')} (default json)
  --seed NUMBER         default 1; equal seeds give equal bytes
  --managed-fields      with metadata.managedFields, which \`raw\` always has
  --kinds KIND,KIND     only these: ${KINDS.join(', ')}
  --admin-policies      with ten AdminNetworkPolicies and a baseline
  --gzip                compress
`;

/** Writes the dump that the command line asks for. @throws RangeError, TypeError for what it cannot */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      size: { type: 'string' },
      shape: { type: 'string' },
      format: { type: 'string', default: 'json' },
      seed: { type: 'string', default: '1' },
      'managed-fields': { type: 'boolean', default: false },
      kinds: { type: 'string', default: KINDS.join() },
      'admin-policies': { type: 'boolean', default: false },
      gzip: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stderr.write(USAGE);
    return;
  }
  const { size, shape, seed } = values;
  const format = oneOf(DUMP_FORMATS, values.format);
  const spec = clusterSpec({
    ...(size === undefined ? {} : { size }),
    ...(shape === undefined ? {} : { shape }),
    seed: Number(seed),
  });
  const named = values.kinds.split(',').map((kind) => oneOf(KINDS, kind));
  const kinds = KINDS.filter((kind) => named.includes(kind));
  const managedFields = values['managed-fields'] || format === 'raw';
  const adminPolicies = values['admin-policies'];
  const options = { format, managedFields, kinds, adminPolicies };
  const bytes = Readable.from(dumpBytes(planCluster(spec), options));
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  if (values.gzip) await pipeline(bytes, createGzip({ level: 1 }), process.stdout);
  else await pipeline(bytes, process.stdout);
}

function oneOf<Word extends string>(words: readonly Word[], text: string): Word {
  const word = words.find((each) => each === text);
  if (word === undefined) throw new RangeError(`\`${text}\` is none of ${words.join(', ')}`);
  return word;
}

try {
  await main();
} catch (error) {
  // What was asked for cannot be; anything else is a bug and ends the process with its stack.
  if (!(error instanceof RangeError || error instanceof TypeError)) throw error;
  process.stderr.write(`${error.message}\n\n${USAGE}`);
  process.exitCode = 2;
}
