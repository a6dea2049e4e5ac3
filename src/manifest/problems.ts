import { INVALID_FIELD, printPath } from './fields.ts';
import type { Fault, FieldPath } from './fields.ts';
import type { ReadFrom } from './read-item.ts';
import { PodreachError } from '../model/errors.ts';
import { printObject } from '../model/policy.ts';
import type { ObjectRef } from '../model/policy.ts';
import type { Problem } from '../model/snapshot.ts';

/** Errors named in a refusal; the message counts the others. */
const ERRORS_SHOWN_MAX = 100;

const NO_PROBLEMS: readonly Problem[] = [];

/** An object as problems name it. */
export interface FaultyObject {
  readonly ref: ObjectRef;
  readonly from: ReadFrom;
}

/** A problem of the whole object `ref`, or of the field at `path`. */
export function problemAt(
  { ref, from }: FaultyObject,
  fault: Omit<Fault, 'path'> & { readonly path?: FieldPath },
): Problem {
  const { severity, code, path = [], message, affectsVerdicts } = fault;
  const namespace = ref.kind === 'Namespace' ? ref.name : ref.namespace;
  const line = lineNear(from, path);
  return {
    severity,
    code,
    object: printObject(ref),
    ...(namespace === undefined ? {} : { namespace }),
    path: printPath(path),
    message,
    affectsVerdicts,
    ...(from.file === undefined ? {} : { file: from.file }),
    ...(line === undefined ? {} : { line }),
  };
}

/** The problems that `faults` are; `invalid` is the code for fields that are not valid. */
export function problemsOf(
  object: FaultyObject,
  faults: readonly Fault[],
  invalid: 'INVALID_POLICY' | 'INVALID_OBJECT',
): readonly Problem[] {
  if (faults.length === 0) return NO_PROBLEMS;
  return faults.map((fault) =>
    problemAt(object, { ...fault, code: fault.code === INVALID_FIELD ? invalid : fault.code }),
  );
}

/**
 * Each problem once, at most `countMax` of them. What would not fit is counted in one more problem,
 * and those that could change verdicts are the last to go.
 */
export function limitProblems(problems: readonly Problem[], countMax: number): Problem[] {
  const distinct = [...new Map(problems.map((problem) => [JSON.stringify(problem), problem]))];
  if (distinct.length <= countMax) return distinct.map(([, problem]) => problem);
  const ranked = distinct
    .map(([text, problem]) => ({ key: `${rank(problem)} ${text}`, problem }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  const kept = ranked.slice(0, Math.max(0, countMax - 1)).map(({ problem }) => problem);
  const dropped = ranked.slice(kept.length).map(({ problem }) => problem);
  const affectsVerdicts = dropped.some((problem) => problem.affectsVerdicts);
  const summary: Problem = {
    severity: dropped.some(({ severity }) => severity === 'error') ? 'error' : 'warning',
    code: 'MORE_PROBLEMS',
    object: 'input',
    path: '',
    message: `${dropped.length} more problems are not kept; mend the others first`,
    affectsVerdicts,
  };
  return [...kept, summary];
}

/** The refusal of strict ingest. @throws `bad-input` when any of `problems` is an error */
export function refuseErrors(problems: readonly Problem[]): void {
  const errors = problems.filter(({ severity }) => severity === 'error').sort(byPlace);
  const [first] = errors;
  if (first === undefined) return;
  const place = first.path === '' ? '' : ` at \`${first.path}\``;
  const others = errors.length === 1 ? '' : `; ${errors.length - 1} more`;
  throw new PodreachError('bad-input', `${first.object}${place}: ${first.message}${others}`, {
    errors: errors.slice(0, ERRORS_SHOWN_MAX).map(({ object, path, message, file, line }) => ({
      object,
      field: path,
      message,
      ...(file === undefined ? {} : { file }),
      ...(line === undefined ? {} : { line }),
    })),
  });
}

/** The line of the field, or of the closest thing around it that has one. */
function lineNear({ line, lineOf }: ReadFrom, path: FieldPath): number | undefined {
  for (let length = path.length; 0 < length; length -= 1) {
    const found = lineOf?.(path.slice(0, length));
    if (found !== undefined) return found;
  }
  return line;
}

function byPlace(a: Problem, b: Problem): number {
  return placeOf(a) < placeOf(b) ? -1 : 1;
}

function placeOf({ file, line, object, path, message }: Problem): string {
  const row = String(line ?? 0).padStart(12, '0');
  return [file ?? '', row, object, path, message].join('\u0000');
}

function rank({ affectsVerdicts, severity }: Problem): string {
  const order = { error: 0, warning: 1, info: 2 }[severity];
  return `${affectsVerdicts ? 0 : 1}${order}`;
}
