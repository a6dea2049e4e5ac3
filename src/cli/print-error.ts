import { CLIENT_LIMITS } from './fixed-limits.ts';
import { ERROR_CODES, PodreachError } from '../model/errors.ts';
import type { InputError } from '../model/errors.ts';
import { visible } from '../render/text/layout.ts';

/** What goes wrong as text for stderr and as an exit code. */
export interface PrintedError {
  readonly text: string;
  readonly exitCode: number;
}

/**
 * A message of ours with what would help, indented. Everything else is a bug: one line, and the
 * whole of it with `PODREACH_DEBUG=1`.
 */
export function printError(error: unknown, debug = false): PrintedError {
  if (!(error instanceof PodreachError)) {
    const message = error instanceof Error ? error.message : String(error);
    const [first = ''] = message.split('\n');
    const whole = debug && error instanceof Error ? `${error.stack ?? ''}\n` : '';
    const hint = debug ? '' : ' (PODREACH_DEBUG=1 shows where)';
    const line = `podreach: internal error, please report it: ${visible(first.slice(0, 200))}${hint}\n`;
    return { text: line + whole, exitCode: 4 };
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
