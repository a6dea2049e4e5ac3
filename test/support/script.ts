import { fileURLToPath } from 'node:url';
import { jobEntry } from '../../src/service/jobs/job-settings.ts';

/**
 * Arguments of Node that run the script `name` in the folder of the module `url`: its bundle where the
 * tests are bundled, else its source.
 */
export function scriptArguments(name: string, url: string): readonly string[] {
  const script = fileURLToPath(jobEntry(name, url).url);
  return script.endsWith('.ts') ? ['--import', 'tsx', script] : [script];
}
