import { parseDocument } from 'yaml';
import { PodreachError } from '../model/errors.ts';

/**
 * Settings by key, as texts; lists joined by commas.
 *
 * @param isKnown whether there is a setting of this key
 * @throws `bad-query` naming what is unknown or no plain value
 */
export function readSettingsFile(
  { path, text }: { readonly path: string; readonly text: string },
  isKnown: (key: string) => boolean,
): ReadonlyMap<string, string> {
  const content = parseFile(path, text);
  if (content === null || content === undefined) return new Map();
  if (typeof content !== 'object' || Array.isArray(content)) {
    throw new PodreachError('bad-query', `\`${path}\` is no mapping of settings to values`);
  }
  return new Map(
    Object.entries(content).map(([key, value]) => {
      if (!isKnown(key)) {
        throw new PodreachError(
          'bad-query',
          `unknown setting \`${key}\` in \`${path}\`; \`serve --help\` lists all settings`,
        );
      }
      const texts: unknown[] = Array.isArray(value) ? value : [value];
      if (texts.some((one) => typeof one === 'object')) {
        throw new PodreachError('bad-query', `\`${key}\` in \`${path}\` is no plain value`);
      }
      return [key, texts.map(String).join(',')];
    }),
  );
}

function parseFile(path: string, text: string): unknown {
  try {
    const document = parseDocument(text);
    // A tag that means nothing is a warning to the library, which then reads the value without it.
    const [wrong] = [...document.errors, ...document.warnings];
    if (wrong !== undefined) throw wrong;
    return document.toJS();
  } catch (error) {
    const message = error instanceof Error ? (error.message.split('\n')[0] ?? '') : '';
    throw new PodreachError('bad-query', `\`${path}\` is no YAML: ${message}`, {}, error);
  }
}
