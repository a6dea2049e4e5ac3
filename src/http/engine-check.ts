import { PodreachError } from '../model/errors.ts';

/** The error for a caller who insists on another engine than `engine`; undefined for all others. */
export function otherEngine(asked: string | undefined, engine: string): PodreachError | undefined {
  if (asked === undefined || asked === engine) return undefined;
  const message = `this is answered with engine \`${engine}\`, not \`${asked.slice(0, 100)}\``;
  return new PodreachError('bad-query', message, { parameter: 'engine', suggestions: [engine] });
}

/** @throws `bad-query` when the caller insists on another engine */
export function checkEngine(asked: string | undefined, engine: string): void {
  const error = otherEngine(asked, engine);
  if (error !== undefined) throw error;
}
