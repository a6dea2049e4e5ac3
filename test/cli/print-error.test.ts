import { spawn } from 'node:child_process';
import { once } from 'node:events';
import t from 'tap';
import { printError } from '../../src/cli/print-error.ts';
import { PodreachError } from '../../src/model/errors.ts';
import { environment, program } from '../support/server.ts';

t.test('a bug is one line without a stack trace, and the whole of it when asked for', async (t) => {
  const bug = new TypeError('x is not a function\nsecond line');
  const { text, exitCode } = printError(bug);
  t.equal(exitCode, 4);
  t.equal(text.split('\n').length, 2);
  t.match(text, /internal error.*x is not a function.*PODREACH_DEBUG=1/);
  t.notMatch(text, /second line|\bat /);
  t.match(printError(bug, true).text, /print-error\.test/);
});

t.test('an error of ours says what would help', async (t) => {
  const error = new PodreachError('ref-not-found', 'nothing is called `shop/apii`', {
    suggestions: ['shop/deploy/api'],
  });
  t.same(printError(error), {
    text: 'podreach: nothing is called `shop/apii`\n  did you mean\n    shop/deploy/api\n',
    exitCode: 2,
  });
});

t.test('what nobody handles ends a command with 4: 1 would be a verdict', async (t) => {
  for (const bug of ['throw new Error("a bug")', 'void Promise.reject(new Error("a bug"))']) {
    // When somebody listens for it, as happens before anything else is done.
    const isHeard = "0 < process.listenerCount('uncaughtException')";
    const script = `const look = setInterval(() => { if (${isHeard}) { clearInterval(look); ${bug} } }, 20)`;
    const later = `data:text/javascript,${encodeURIComponent(script)}`;
    // It waits for its input for as long as that takes.
    const args = ['--import', later, program(), 'path', 'shop/a', 'shop/b', '-f', '-'];
    const child = spawn(process.execPath, args, { env: environment, timeout: 30_000 });
    let [out, err] = ['', ''];
    child.stdout.on('data', (part: Buffer) => (out += part.toString()));
    child.stderr.on('data', (part: Buffer) => (err += part.toString()));
    const [code] = (await once(child, 'close')) as [number];
    t.match({ code, out }, { code: 4, out: '' }, bug);
    t.match(err, /^podreach: internal error, please report it: a bug\nError: a bug\n/);
  }
});
