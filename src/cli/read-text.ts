import { PodreachError } from '../model/errors.ts';

/**
 * All of `bytes` as UTF-8.
 *
 * @throws `upload-too-large` past `bytesMax`, `bad-encoding` when it is no UTF-8
 */
export async function readText(
  bytes: AsyncIterable<Uint8Array>,
  bytesMax: number,
  name: string,
): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of bytes) {
    size += chunk.length;
    if (bytesMax < size) {
      const message = `\`${name}\` is larger than ${bytesMax} bytes`;
      throw new PodreachError('upload-too-large', message, { limitBytes: bytesMax });
    }
    chunks.push(chunk);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch (error) {
    throw new PodreachError('bad-encoding', `\`${name}\` is no UTF-8 text`, {}, error);
  }
}
