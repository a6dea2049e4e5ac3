import { parse as parseYaml } from 'yaml';
import type { PathArgs } from '../engine/query.ts';
import { PodreachError } from '../model/errors.ts';
import type { InputError } from '../model/errors.ts';

/**
 * The questions of a batch, in their order.
 *
 * Either one a line, `FROM TO [PORT]` or `FROM~TO[~PORT]` where refs hold spaces, `#` starts a
 * comment; or JSON or YAML, `{questions: [{from, to, port}]}` or that list alone.
 *
 * @throws `bad-input` naming every line or element that cannot be read
 */
export function parseQuestions(text: string, file: string): readonly PathArgs[] {
  const trimmed = text.trimStart();
  const isStructured = /^[{[]|^(---\s*\n\s*)?questions:|^- /m.test(trimmed.slice(0, 1000));
  const parsed = isStructured ? parseStructured(text, file) : parseLines(text);
  const errors = parsed.flatMap((one) =>
    typeof one.question === 'string'
      ? [{ object: one.object, field: '', message: one.question, file, ...at(one.line) }]
      : [],
  );
  if (errors.length !== 0) throw refuse(file, errors);
  const questions = parsed.flatMap(({ question }) =>
    typeof question === 'string' ? [] : [question],
  );
  if (questions.length !== 0) return questions;
  throw refuse(file, []);
}

/** A question, or in its place what is wrong with it. */
interface Parsed {
  readonly object: string;
  readonly line?: number;
  readonly question: PathArgs | string;
}

function at(line: number | undefined): Pick<InputError, 'line'> {
  return line === undefined ? {} : { line };
}

function parseLines(text: string): readonly Parsed[] {
  return text.split('\n').flatMap((written, index) => {
    const line = written.replace(/(^|\s)#.*$/, '').trim();
    if (line === '') return [];
    const parts = line.split(line.includes('~') ? /\s*~\s*/ : /\s+/);
    const [from = '', to = '', port = 'any', ...rest] = parts;
    const isRight = from !== '' && to !== '' && port !== '' && rest.length === 0;
    const question = isRight
      ? { from, to, port }
      : 'write FROM TO [PORT]; with spaces in a ref, FROM~TO~PORT';
    return [{ object: `line ${index + 1}`, line: index + 1, question }];
  });
}

function parseStructured(text: string, file: string): readonly Parsed[] {
  const content = parse(text, file);
  const list = Array.isArray(content) ? (content as unknown[]) : fieldOf(content, 'questions');
  if (!Array.isArray(list)) throw refuse(file, []);
  return list.map((one: unknown, index) => {
    const [from, to, port = 'any'] = ['from', 'to', 'port'].map((name) => fieldOf(one, name));
    const isPort = typeof port === 'string' || typeof port === 'number';
    const isRight = typeof from === 'string' && typeof to === 'string' && isPort;
    return {
      object: `questions[${index}]`,
      question: isRight
        ? { from, to, port: String(port) }
        : 'it needs `from` and `to`, and may have `port`',
    };
  });
}

function parse(text: string, file: string): unknown {
  try {
    return parseYaml(text);
  } catch (error) {
    const message = error instanceof Error ? (error.message.split('\n')[0] ?? '') : '';
    throw refuse(file, [{ object: '', field: '', message, file }], error);
  }
}

function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[name];
}

function refuse(file: string, errors: readonly InputError[], cause?: unknown): PodreachError {
  const message =
    `\`${file}\` holds no questions; write one a line, \`FROM TO [PORT]\`, or JSON or YAML with ` +
    '`questions: [{from, to, port}]`';
  const some = `some questions of \`${file}\` cannot be read`;
  return new PodreachError('bad-input', errors.length === 0 ? message : some, { errors }, cause);
}
