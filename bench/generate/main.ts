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
  --gzip                compress
`;

const { values } = parseArgs({
  options: {
    size: { type: 'string' },
    shape: { type: 'string' },
    format: { type: 'string', default: 'json' },
    seed: { type: 'string', default: '1' },
    'managed-fields': { type: 'boolean', default: false },
    kinds: { type: 'string', default: KINDS.join() },
    gzip: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const format = DUMP_FORMATS.find((each) => each === values.format);
if (values.help || format === undefined) {
  process.stderr.write(USAGE);
  process.exitCode = values.help ? 0 : 2;
} else {
  const { size, shape, seed } = values;
  const spec = clusterSpec({
    ...(size === undefined ? {} : { size }),
    ...(shape === undefined ? {} : { shape }),
    seed: Number(seed),
  });
  const managedFields = values['managed-fields'] || format === 'raw';
  const wanted = values.kinds.split(',');
  const kinds = KINDS.filter((kind) => wanted.includes(kind));
  const options = { format, managedFields, kinds };
  const bytes = Readable.from(dumpBytes(planCluster(spec), options));
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  if (values.gzip) await pipeline(bytes, createGzip({ level: 1 }), process.stdout);
  else await pipeline(bytes, process.stdout);
}
