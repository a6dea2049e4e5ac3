import { readFile } from 'node:fs/promises';
import { PodreachError } from '../model/errors.ts';
import type { Io } from './io.ts';
import { systemCode } from './system-error.ts';

/** Options of everything that talks to a server. */
export interface ServerOptions {
  readonly server?: string;
  readonly token?: string;
}

/**
 * The credential to send: that of `--token`, of `PODREACH_TOKEN`, or in the file that
 * `PODREACH_TOKEN_FILE` names, which is read each time: what mounts it also changes it.
 *
 * @returns what throws `bad-query`, never with the credential in its message
 */
export function credentialOf(
  { environment }: Io,
  named: string | undefined,
): () => Promise<string | undefined> {
  return async () => {
    if (named !== undefined) return checked(named, '--token');
    const variable = environment['PODREACH_TOKEN'];
    if (variable !== undefined && variable !== '') return checked(variable, 'PODREACH_TOKEN');
    const file = environment['PODREACH_TOKEN_FILE'];
    return file === undefined || file === '' ? undefined : checked(await read(file), file);
  };
}

function checked(text: string, place: string): string {
  const token = text.trim();
  // Anything else cannot stand in a header, and the one who says so would repeat it.
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new PodreachError('bad-query', `what \`${place}\` holds is no token`, {
    parameter: 'token',
  });
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new PodreachError(
      'bad-query',
      `\`${file}\`, which PODREACH_TOKEN_FILE names, cannot be read (${systemCode(error) ?? 'error'})`,
      { parameter: 'token' },
      error,
    );
  }
}
