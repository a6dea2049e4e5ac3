import t from 'tap';
import { printError } from '../../src/cli/print-error.ts';
import { PodreachError } from '../../src/model/errors.ts';

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
