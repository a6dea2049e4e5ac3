import type { Command } from 'commander';
import { PodreachError } from '../../model/errors.ts';
import { isObject, listAt, member } from '../../render/json-access.ts';
import type { Json, JsonObject } from '../../render/wire.ts';
import { addReadingOptions, addServerOption, chooseServer } from '../ask.ts';
import type { ServerOptions } from '../credential.ts';
import { report } from '../io.ts';
import type { Io } from '../io.ts';
import { findManifests, totalSize } from '../manifest-files.ts';
import type { ReadingOptions } from '../open-files.ts';
import { addOutputOption, printAnswer } from '../output.ts';
import { startProgress } from '../progress.ts';
import { parametersOf } from '../questions.ts';
import type { Run } from '../run.ts';
import { uploadBody } from '../upload-body.ts';
import type { UploadBody } from '../upload-body.ts';

interface IngestCommandOptions extends ReadingOptions, ServerOptions {
  readonly takenAt?: string;
  readonly idempotencyKey?: string;
  readonly output: string;
}

/** `podreach ingest CLUSTER -f FILE` */
export function addIngest(parent: Command, run: Run): void {
  const command = parent
    .command('ingest')
    .description('send files to a server as a new snapshot of a cluster')
    .argument('<cluster>', 'name of the cluster, made when it is new')
    .option('--taken-at <time>', 'when the objects were read, ISO 8601 (default: now)')
    .option(
      '--idempotency-key <key>',
      'name of this upload: sent again under the same one it is the same snapshot',
    );
  addOutputOption(addServerOption(addReadingOptions(command))).action(
    (cluster: string, options: IngestCommandOptions) => run((io) => ingest(io, cluster, options)),
  );
}

async function ingest(io: Io, cluster: string, options: IngestCommandOptions): Promise<number> {
  const { file, takenAt, source, strict, assumeNoPolicies, output, idempotencyKey } = options;
  const { unknownFields, strictCidr: strictCIDR, invalidPolicy } = options;
  if (file === undefined) {
    throw new PodreachError(
      'bad-query',
      'nothing to send: name files with `-f`, or `-f -` for stdin',
    );
  }
  const files = await findManifests(file, io.stdin);
  const server = chooseServer(io, options);
  const upload = await uploadBody(files);
  const progress = startProgress(io, 'sending', totalSize(files));
  const parameters = parametersOf({
    takenAt,
    source,
    strict,
    assume: assumeNoPolicies === true ? 'no-policies' : undefined,
    unknownFields,
    strictCIDR,
    invalidPolicy,
  });
  const route = `clusters/${encodeURIComponent(cluster)}/snapshots`;
  try {
    const bytes = watched(upload.bytes, (sent) => {
      progress.report({ bytes: sent, objects: 0 });
    });
    const headers = idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey };
    const { status, body } = await server.upload(route, parameters, bytes, headers);
    progress.stop();
    const known =
      idempotencyKey === undefined
        ? 'already holds exactly this as its latest snapshot'
        : 'already holds exactly this';
    const what =
      status === 201 ? `stored as a new snapshot of \`${cluster}\`` : `\`${cluster}\` ${known}`;
    await report(io, what);
    return await printAnswer(io, 'snapshot', output, [withPlaces(body, upload)]);
  } catch (error) {
    throw error instanceof PodreachError ? errorWithPlaces(error, upload) : error;
  } finally {
    progress.stop();
  }
}

async function* watched(
  bytes: AsyncIterable<Uint8Array>,
  report: (sent: number) => void,
): AsyncGenerator<Uint8Array> {
  let sent = 0;
  for await (const chunk of bytes) {
    sent += chunk.length;
    report(sent);
    yield chunk;
  }
}

/** The server knows lines of the body; people know files. */
function withPlaces(snapshot: JsonObject, upload: UploadBody): JsonObject {
  const problems = listAt(snapshot, 'problems').map((problem): Json => {
    const line = member(problem, 'line');
    if (!isObject(problem) || typeof line !== 'number' || Object.hasOwn(problem, 'file')) {
      return problem;
    }
    const place = upload.placeOf(line);
    if (place === undefined) return problem;
    const rest = Object.entries(problem).filter(([name]) => name !== 'line');
    return { ...Object.fromEntries(rest), ...place };
  });
  return { ...snapshot, problems };
}

function errorWithPlaces(error: PodreachError, upload: UploadBody): PodreachError {
  const errors = error.details.errors?.map((one) => {
    const { line, ...rest } = one;
    const place = line === undefined || one.file !== undefined ? undefined : upload.placeOf(line);
    return place === undefined ? one : { ...rest, ...place };
  });
  if (errors === undefined) return error;
  return new PodreachError(error.code, error.message, { ...error.details, errors }, error);
}
