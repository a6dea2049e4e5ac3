import { judgedBy } from '../engine/dialects.ts';
import { PodreachError } from '../model/errors.ts';
import { choiceOf } from '../model/reading.ts';
import type { ReadingChoice } from '../model/reading.ts';
import type { Problem, SnapshotSource } from '../model/snapshot.ts';
import { visible } from '../render/text/layout.ts';
import { openFiles } from '../service/answer-files.ts';
import type { FileAnswers } from '../service/answer-files.ts';
import { loadSettings } from './config.ts';
import { CLIENT_LIMITS } from './fixed-limits.ts';
import { dialectCalled } from './dialect-settings.ts';
import { report } from './io.ts';
import type { Io } from './io.ts';
import { findManifests, manifestInputs, totalSize } from './manifest-files.ts';
import { startProgress } from './progress.ts';
import { engineOptions, ingestLimits, readingChoice } from './settings-parts.ts';
import type { Judging } from '../model/dialect.ts';

/** How manifests are read, as options of the command line. */
export interface ReadingOptions {
  readonly file?: readonly string[];
  readonly source?: string;
  readonly assumeNoPolicies?: boolean;
  readonly strict?: boolean;
  readonly defaultNamespace?: string;
  readonly unknownFields?: 'error' | 'prune';
  readonly strictCidr?: 'true' | 'false';
  readonly invalidPolicy?: 'exclude' | 'strict';
  readonly dialect?: string;
  readonly ignoreVendorPolicies?: boolean;
}

/**
 * Reads the files of `-f` and says on stderr what is wrong with them.
 *
 * Limits, dialect and what flags leave open come from the environment: one `PODREACH_*` means the same everywhere.
 *
 * @throws `bad-input`, `bad-query` and what reading throws
 */
export async function openManifests(
  io: Io,
  paths: readonly string[],
  options: ReadingOptions,
): Promise<FileAnswers> {
  const settings = loadSettings({ flags: {}, environment: io.environment });
  const files = await findManifests(paths, io.stdin);
  const { assumeNoPolicies, strict, defaultNamespace } = options;
  const source = sourceOf(options.source);
  const progress = startProgress(io, 'reading', totalSize(files));
  try {
    const answers = await openFiles(manifestInputs(files), {
      limits: ingestLimits(settings),
      engineOptions: judgedBy(engineOptions(settings), judgingOf(options)),
      onProgress: progress.report,
      ...(source === undefined ? {} : { source }),
      ...(assumeNoPolicies === undefined ? {} : { assumeNoPolicies }),
      ...(strict === undefined ? {} : { strict }),
      ...(defaultNamespace === undefined ? {} : { defaultNamespace }),
      ...readingChoice(settings),
      ...chosenIn(options),
    });
    progress.stop();
    await warn(io, answers);
    return answers;
  } finally {
    progress.stop();
  }
}

function chosenIn({ unknownFields, strictCidr, invalidPolicy }: ReadingOptions): ReadingChoice {
  const strictCIDR = strictCidr === undefined ? undefined : strictCidr === 'true';
  return choiceOf({ unknownFields, strictCIDR, invalidPolicy });
}

/** How the options ask to be judged. @throws `bad-query` */
function judgingOf({ dialect, ignoreVendorPolicies }: ReadingOptions): Judging {
  return {
    ...(dialect === undefined ? {} : { dialect: dialectCalled(dialect) }),
    ...(ignoreVendorPolicies === true ? { ignoreVendorPolicies } : {}),
  };
}

/** What `--source` names. @throws `bad-query` */
export function sourceOf(text: string | undefined): SnapshotSource | undefined {
  if (text === undefined) return undefined;
  if (text === 'live') return 'LIVE';
  if (text === 'manifests') return 'MANIFESTS';
  throw new PodreachError(
    'bad-query',
    `\`--source ${text}\` is neither \`live\` nor \`manifests\``,
  );
}

async function warn(io: Io, { snapshot, hint }: FileAnswers): Promise<void> {
  if (hint !== undefined) await report(io, `note: ${visible(hint)}`);
  const problems = snapshot.problems.filter(({ severity }) => severity !== 'info');
  const shown = problems.slice(0, CLIENT_LIMITS.problemsShown);
  for (const problem of shown) await report(io, visible(printProblem(problem)));
  const rest = problems.length - shown.length;
  if (0 < rest) await report(io, `and ${rest} more problems; \`-o json\` has those that matter`);
}

function printProblem({ severity, object, path, message, file, line }: Problem): string {
  const place = file === undefined ? '' : ` (${file}${line === undefined ? '' : `:${line}`})`;
  return `${severity}: ${object}${path === '' ? '' : ` ${path}`}: ${message}${place}`;
}
