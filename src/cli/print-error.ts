import { CLIENT_LIMITS } from './config.ts';
import { ERROR_CODES, PodreachError } from '../model/errors.ts';
import type { InputError } from '../model/errors.ts';
import { visible } from '../render/text/layout.ts';

/** What goes wrong as text for stderr and as an exit code. */
export interface PrintedError {
  readonly text: string;
  readonly exitCode: number;
}

/** A message of ours with what would help, indented; everything else is a bug and shown whole. */
export function printError(error: unknown): PrintedError {
  if (!(error instanceof PodreachError)) {
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { text: `podreach: internal error, please report it\n${stack}\n`, exitCode: 4 };
  }
  const { candidates = [], suggestions = [], errors = [], hint } = error.details;
  const shown = errors.slice(0, CLIENT_LIMITS.inputErrorsShown);
  const lines = [
    `podreach: ${visible(error.message)}`,
    ...(hint === undefined ? [] : [`  ${visible(hint)}`]),
    ...titled(
      'it could be',
      candidates.map(({ ref, kind }) => `${ref}  ${kind}`),
    ),
    ...titled('did you mean', suggestions),
    ...shown.map((one) => `  ${visible(printInputError(one))}`),
    ...(shown.length < errors.length ? [`  and ${errors.length - shown.length} more`] : []),
  ];
  return { text: `${lines.join('\n')}\n`, exitCode: ERROR_CODES[error.code].exit };
}

function titled(title: string, lines: readonly string[]): string[] {
  if (lines.length === 0) return [];
  return [`  ${title}`, ...lines.map((line) => `    ${visible(line)}`)];
}

function printInputError({ object, field, message, file, line }: InputError): string {
  const place = file === undefined ? '' : ` (${file}${line === undefined ? '' : `:${line}`})`;
  const where = [object, field].filter((part) => part !== '').join(' ');
  return `${where === '' ? '' : `${where}: `}${message}${place}`;
}
