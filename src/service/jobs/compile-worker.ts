// The thread that compiles snapshots which were stored without their index. It is started by
// `compile-thread.ts`.
import { parentPort, workerData } from 'node:worker_threads';
import { chunkMemory } from './chunk-memory.ts';
import type { CompileReply, CompileRequest } from './compile-messages.ts';
import { errorToMessage } from './error-message.ts';
import { engineCodec } from './index-codec.ts';
import { indexKeeper } from './ingest-runner.ts';
import type { JobSettings } from './job-settings.ts';
import { openStore } from '../../store/open-store.ts';

// Given by our own server.
const { database, storeOptions, engineOptions, chunkMemoryBytesMax } = workerData as JobSettings;
const store = await openStore(database, {
  ...storeOptions,
  chunkCache: chunkMemory(chunkMemoryBytesMax),
});
const keepIndex = indexKeeper({ store, codec: engineCodec(), options: engineOptions });

async function answer({ number, id }: CompileRequest): Promise<CompileReply> {
  try {
    const bytes = await keepIndex(id, await store.get(id));
    return bytes === undefined ? { number } : { number, index: shared(bytes) };
  } catch (error) {
    return { number, error: errorToMessage(error) };
  }
}

/** Memory that the server reads where it is, whole numbers aligned. */
function shared(bytes: Uint8Array): SharedArrayBuffer {
  const memory = new SharedArrayBuffer(bytes.length);
  new Uint8Array(memory).set(bytes);
  return memory;
}

parentPort?.on('message', (request: CompileRequest) => {
  void answer(request).then((reply) => parentPort?.postMessage(reply));
});
