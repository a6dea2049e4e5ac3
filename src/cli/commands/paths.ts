import { Option } from 'commander';
import type { Command } from 'commander';
import type { PathArgs } from '../../engine/query.ts';
import { paths } from '../../engine/queries/paths.ts';
import { PodreachError } from '../../model/errors.ts';
import { isObject, listAt, member, objectAt, textAt } from '../../render/json-access.ts';
import { answerToJson, toJson } from '../../render/wire.ts';
import type { Json, JsonObject } from '../../render/wire.ts';
import { addAskOptions, findServer, judgingParameters, refuseServerOptions } from '../ask.ts';
import type { AskOptions } from '../ask.ts';
import { CLIENT_LIMITS } from '../fixed-limits.ts';
import type { Io } from '../io.ts';
import { findManifests } from '../manifest-files.ts';
import { openManifests } from '../open-files.ts';
import { printAnswer } from '../output.ts';
import { parseQuestions } from '../parse-questions.ts';
import { qualifyRef } from '../qualify-ref.ts';
import { readText } from '../read-text.ts';
import type { Run } from '../run.ts';

interface PathsOptions extends AskOptions {
  readonly detail: 'verdict' | 'full';
}

/** `podreach paths [FILE]` */
export function addPaths(parent: Command, run: Run): void {
  const command = parent
    .command('paths')
    .description('answer many `path` questions at once, from a file or stdin')
    .argument('[questions]', 'file of questions, `FROM TO [PORT]` a line, or JSON or YAML', '-')
    .addOption(
      new Option('--detail <detail>', 'the verdicts alone, or everything `path` tells')
        .choices(['verdict', 'full'])
        .default('verdict'),
    );
  addAskOptions(command).action((file: string, options: PathsOptions) =>
    run(async (io) => {
      const questions = await readQuestions(io, file, options);
      const answer =
        options.file === undefined
          ? await askServer(io, questions, options)
          : await askFiles(io, questions, options.file, options);
      return printAnswer(io, 'paths', options.output, [answer]);
    }),
  );
}

async function readQuestions(
  io: Io,
  file: string,
  options: PathsOptions,
): Promise<readonly PathArgs[]> {
  if (file === '-' && options.file?.includes('-') === true) {
    const message = 'questions and objects cannot both come from stdin; put one into a file';
    throw new PodreachError('bad-query', message);
  }
  const found = await findManifests([file], io.stdin);
  const [source] = found;
  if (source === undefined || found.length !== 1) {
    throw new PodreachError('bad-input', `\`${file}\` is no file of questions`);
  }
  const name = file === '-' ? 'stdin' : file;
  const text = await readText(source.open(), CLIENT_LIMITS.questionBytesMax, name);
  const { namespace } = options;
  return parseQuestions(text, name).map(({ from, to, port }) => ({
    from: qualifyRef(from, namespace),
    to: qualifyRef(to, namespace),
    port,
  }));
}

async function askFiles(
  io: Io,
  questions: readonly PathArgs[],
  files: readonly string[],
  options: PathsOptions,
): Promise<JsonObject> {
  refuseServerOptions(options);
  const opened = await openManifests(io, files, options);
  const { snapshot, result } = opened.ask(paths, { questions, detail: options.detail });
  const answers = result.map((one) =>
    one instanceof PodreachError
      ? { error: { code: one.code, detail: one.message, ...one.details } }
      : one,
  );
  return answerToJson(snapshot, {
    answers: named(listAt(toJson({ answers }), 'answers'), questions),
  });
}

async function askServer(
  io: Io,
  questions: readonly PathArgs[],
  options: PathsOptions,
): Promise<JsonObject> {
  const { server, snapshot } = await findServer(io, options);
  let ref = snapshot;
  let header: Json = null;
  const answers: Json[] = [];
  const size = CLIENT_LIMITS.questionsPerRequest;
  for (let start = 0; start < questions.length; start += size) {
    const asked = questions.slice(start, start + size);
    const route = `snapshots/${encodeURIComponent(ref)}/paths`;
    const parameters = [['detail', options.detail] as const, ...judgingParameters(options)];
    const answer = await server.post(route, parameters, {
      questions: asked.map(({ from, to, port }) => ({ from, to, port })),
    });
    header = member(answer, 'snapshot') ?? null;
    // All of a batch is about one state of the cluster, also when it takes several requests.
    ref = textAt(objectAt(answer, 'snapshot'), 'id') || ref;
    answers.push(...listAt(answer, 'answers'));
  }
  return { snapshot: header, answers: named(answers, questions) };
}

/** An error says what was asked: the answers around it do so by their ends. */
function named(answers: readonly Json[], questions: readonly PathArgs[]): readonly Json[] {
  return answers.map((answer, position) => {
    const question = questions[position];
    if (question === undefined || !isObject(answer) || !isObject(member(answer, 'error')))
      return answer;
    return { question: toJson(question), ...answer };
  });
}
