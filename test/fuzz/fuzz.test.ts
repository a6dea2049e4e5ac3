import t from 'tap';
import { SEED } from '../support/property.ts';
import { fuzz } from './targets.ts';

/** Of all targets together; `npm run fuzz:inputs` sends as many as it is told to. */
const INPUTS = Number(process.env['PODREACH_FUZZ_INPUTS'] ?? 5000);

t.setTimeout(1_800_000);
t.comment(`PODREACH_SEED=${SEED} PODREACH_FUZZ_INPUTS=${INPUTS}`);

t.test('whatever is sent, it is taken or refused: quickly, and the same every time', async (t) => {
  const reports = await fuzz({ inputs: INPUTS, seed: SEED }, (report) => {
    const { name, count, accepted, refused, failure } = report;
    t.comment(`${name}: ${count} inputs, ${accepted} accepted, ${refused} refused`);
    t.equal(failure, undefined, `${name} failed`);
    // Generators that only ever make what is refused at once would test little.
    const isBlind = ['an upload of any bytes', 'an injection into a parameter'].includes(name);
    t.ok(isBlind || count < 100 || 0 < accepted, `${name}: something is accepted`);
  });
  t.ok(INPUTS <= reports.reduce((sum, { count }) => sum + count, 0), 'as many inputs as wanted');
});
