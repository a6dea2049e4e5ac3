import { PodreachError, type ErrorDetails } from '../../model/errors.ts';
import type { IngestLimits } from '../../model/input.ts';
import type { Problem } from '../../model/snapshot.ts';
import type { KeepList, ReadItem } from '../read-item.ts';

/** A place in an object: property names and array indexes. */
export type ObjectPath = readonly (string | number)[];

/** Longest text of a message or a path, in UTF-16 code units. */
const TEXT_LENGTH_MAX = 200;

/** What all inputs of one ingest share. */
export interface ReadRun {
  readonly keep: KeepList;
  readonly limits: IngestLimits;
  readonly counts: ByteCounts;
  /** See {@link ReadContext}. */
  readonly countObject: () => void;
  /** Tells how far it has come, now and then; always when it is the last time. */
  readonly report: (isLast: boolean) => void;
}

/** Bytes counted over all inputs of one ingest. */
export interface ByteCounts {
  /** As sent. */
  sent: number;
  /** After decompression. */
  decoded: number;
}

/** What the readers of one input share. */
export interface ReadContext {
  /** File name for messages; absent for a request body or stdin. */
  readonly file: string | undefined;
  readonly keep: KeepList;
  readonly limits: IngestLimits;
  /** Leave all to the general readers, which the fast ones must agree with. */
  readonly generalOnly?: boolean;
  /** Takes what was read, in order. */
  readonly emit: (item: ReadItem) => void;
  /**
   * Counts one object, skipped ones included.
   *
   * @throws PodreachError `upload-too-large` past `objectsMax`
   */
  readonly countObject: () => void;
}

/** A reader of one text format: takes the decoded bytes as they come. */
export interface FormatReader {
  readonly push: (chunk: Buffer) => void;
  /** The input is complete. */
  readonly end: () => void;
}

/** Which object a message is about; all parts as far as they could be read. */
export interface ObjectIdentity {
  readonly kind?: string;
  readonly namespace?: string;
  readonly name?: string;
}

/** `spec.ingress[0].ports`; keys that are no plain words stand quoted in brackets. */
export function formatPath(path: ObjectPath): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else if (/^[A-Za-z_]\w*$/.test(part)) text += text === '' ? part : `.${part}`;
    else text += `[${JSON.stringify(part)}]`;
  }
  return cut(text);
}

/** `NetworkPolicy shop/allow-web`; the file, or `input`, when nothing of the object is known. */
export function formatObject(identity: ObjectIdentity, file: string | undefined): string {
  const { kind, namespace, name } = identity;
  if (kind === undefined && name === undefined) return file ?? 'input';
  const ref = namespace === undefined ? name : `${namespace}/${name ?? '?'}`;
  return cut(ref === undefined ? (kind ?? '') : `${kind ?? 'object'} ${ref}`);
}

/**
 * The error for text that cannot be read: the whole ingest fails, so that nothing is half read.
 *
 * `message` must not quote values of the input: they may be secrets.
 */
export function badInput(
  context: Pick<ReadContext, 'file'>,
  line: number | undefined,
  message: string,
  hint?: string,
): PodreachError {
  const { file } = context;
  const place = [file === undefined ? '' : `\`${file}\``, line === undefined ? '' : `line ${line}`]
    .filter((part) => part !== '')
    .join(' ');
  const details: ErrorDetails = {
    errors: [
      {
        object: file ?? 'input',
        field: '',
        message,
        ...(file === undefined ? {} : { file }),
        ...(line === undefined ? {} : { line }),
      },
    ],
    ...(hint === undefined ? {} : { hint }),
  };
  return new PodreachError(
    'bad-input',
    cut(place === '' ? message : `${place}: ${message}`),
    details,
  );
}

/** What of an upload can be too large. */
export type UploadPart =
  'upload' | 'decoded' | 'ratio' | 'object' | 'document' | 'objects' | 'entries' | 'entry';

/** The error for an upload over a limit; `objects` and `entries` count, all others are bytes. */
export function tooLarge(
  which: UploadPart,
  sizes: { readonly limit: number; readonly received: number; readonly hint: string },
  where: { readonly file?: string | undefined; readonly line?: number } = {},
): PodreachError {
  const isCount = which === 'objects' || which === 'entries';
  const unit = isCount ? ` ${which}` : which === 'ratio' ? ':1' : ' bytes';
  const place = where.line === undefined ? '' : ` at line ${where.line}`;
  const file = where.file === undefined ? '' : `\`${where.file}\`${place}: `;
  return new PodreachError(
    'upload-too-large',
    cut(`${file}${TOO_LARGE_TEXT[which]} the limit of ${sizes.limit}${unit}`),
    { limitBytes: sizes.limit, receivedBytes: sizes.received, which, hint: sizes.hint },
  );
}

const TOO_LARGE_TEXT: Readonly<Record<UploadPart, string>> = {
  upload: 'the upload is over',
  decoded: 'the decompressed upload is over',
  ratio: 'the upload decompresses to more than',
  object: 'one object is over',
  document: 'one YAML document is over',
  objects: 'the upload has more objects than',
  entries: 'the archive has more entries than',
  entry: 'one file of the archive is over',
};

/** A problem of one object; severity `error` and `affectsVerdicts` unless said otherwise. */
export function objectProblem(
  context: Pick<ReadContext, 'file'>,
  identity: ObjectIdentity,
  problem: Pick<Problem, 'code' | 'message'> & Partial<Problem> & { readonly at?: ObjectPath },
): ReadItem {
  const { at = [], code, message, severity = 'error', affectsVerdicts = true, line } = problem;
  return {
    type: 'problem',
    problem: {
      severity,
      code,
      object: formatObject(identity, context.file),
      ...(identity.namespace === undefined ? {} : { namespace: identity.namespace }),
      path: formatPath(at),
      message: cut(message),
      affectsVerdicts,
      ...(context.file === undefined ? {} : { file: context.file }),
      ...(line === undefined ? {} : { line }),
    },
  };
}

/**
 * Whether objects of this kind are lists: a Kubernetes list kind is its item kind plus `List`.
 *
 * @see https://github.com/kubernetes/community/blob/master/contributors/devel/sig-architecture/api-conventions.md#lists-and-simple-kinds
 */
export function isListKind(kind: string | undefined): kind is string {
  return kind?.endsWith('List') === true;
}

/** The kind of the items of a list that do not say it themselves; undefined for a plain `List`. */
export function itemKindOf(listKind: string | undefined): string | undefined {
  if (!isListKind(listKind) || listKind === 'List') return undefined;
  return listKind.slice(0, -'List'.length);
}

function cut(text: string): string {
  return text.length <= TEXT_LENGTH_MAX ? text : `${text.slice(0, TEXT_LENGTH_MAX - 1)}…`;
}
