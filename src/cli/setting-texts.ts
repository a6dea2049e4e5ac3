import { PodreachError } from '../model/errors.ts';
import { SERVICE_LINK, SETTINGS, SETTING_NAMES, environmentName } from './config.ts';
import type { Setting, SettingName, SettingSources } from './config.ts';

/** One line of help: what it is, its unit and default, and its variable. */
export function describeSetting(name: SettingName): string {
  const { kind, fallback, description } = SETTINGS[name] as Setting<unknown>;
  const printed = kind.print(fallback);
  const value = printed === '' ? 'default: none' : `default: ${printed}`;
  return `${description} (${kind.unit}; ${value}; ${environmentName(name)})`;
}

/** @throws `bad-query` for a variable that starts like ours and is none, as a misspelt one does */
export function checkEnvironment(environment: SettingSources['environment']): void {
  const known = new Set([...SETTING_NAMES.map(environmentName), ...OTHER_VARIABLES]);
  for (const name of Object.keys(environment)) {
    if (!name.startsWith('PODREACH_') || known.has(name) || SERVICE_LINK.test(name)) continue;
    throw new PodreachError(
      'bad-query',
      `unknown variable \`${name}\`; \`serve --help\` lists all settings`,
    );
  }
}

/** Variables that are no settings of the server. */
const OTHER_VARIABLES = [
  'PODREACH_CONFIG',
  'PODREACH_DEBUG',
  'PODREACH_SERVER',
  'PODREACH_SNAPSHOT',
  'PODREACH_TOKEN',
  'PODREACH_TOKEN_FILE',
];
