import type { FastifyReply, FastifyRequest } from 'fastify';
import fc from 'fast-check';
import { loadSettings } from '../../src/cli/config.ts';
import { parsePort, printAskedPorts } from '../../src/engine/refs/parse-port.ts';
import { parseRef, printRef } from '../../src/engine/refs/parse-ref.ts';
import { parseSelector } from '../../src/engine/refs/parse-selector.ts';
import { isFresh } from '../../src/http/caching.ts';
import { parseCursor, printCursor } from '../../src/http/cursor.ts';
import { parseGlobalId } from '../../src/http/graphql/global-id.ts';
import { parseQueryString } from '../../src/http/query-string.ts';
import { parseAddress, parseCidr, printAddress, printRange } from '../../src/model/address.ts';
import { printSelector } from '../../src/model/selector.ts';
import { checkClusterName, parseSnapshotRef } from '../../src/service/snapshot-ref.ts';
import { grammarTexts, mutatedText } from './mutations.ts';
import { demand, targetOf } from './target.ts';
import type { AnyTarget } from './target.ts';

const LONG = 'a'.repeat(5000);
const NAMES = [
  'shop',
  'api',
  'app',
  'a',
  'constructor',
  '__proto__',
  '-',
  '.',
  '_',
  '0',
  'A',
  LONG,
];
const SIGNS = [
  '/',
  '*',
  '?',
  '=',
  '!',
  ',',
  '(',
  ')',
  '{',
  '}',
  '[',
  ']',
  ':',
  '@',
  '%',
  ' ',
  '\t',
];
const ADDRESSES = [
  '10.0.0.1',
  '10.0.0.0/8',
  '::',
  '::1',
  'fe80',
  ':',
  '.',
  '/128',
  '/33',
  '/0',
  '%e',
];
const NUMBERS = [
  '0',
  '1',
  '80',
  '443',
  '65535',
  '65536',
  '00',
  '1e3',
  '-',
  '9'.repeat(40),
  '255',
  '256',
];

/** A parser whose result can be written in its grammar again. */
interface Grammar {
  readonly name: string;
  readonly pieces: readonly string[];
  readonly examples: readonly string[];
  /** What the text means, in a canonical spelling that means the same. */
  readonly respell: (text: string) => string;
}

const GRAMMARS: readonly Grammar[] = [
  {
    name: 'a label selector',
    pieces: [...NAMES, ...SIGNS, ' in ', ' notin ', '!=', '==', 'in', '<'],
    examples: ['app=api,tier!=db,env in (a,b),!legacy', 'example.org/app notin (a, )', 'app'],
    respell: (text) => printSelector(parseSelector(text)),
  },
  {
    name: 'a ref',
    pieces: [...NAMES, ...SIGNS, ...ADDRESSES, 'internet', 'node/', 'svc', 'deploy', 'in (a)'],
    examples: [
      'shop/api',
      'shop/deploy/api',
      '{team=a}?app=api',
      '*/*',
      '10.0.0.0/8,::1',
      'node/*',
    ],
    respell: (text) => printRef(parseRef(text)),
  },
  {
    name: 'a port',
    pieces: [...NUMBERS, 'tcp', 'UDP', 'sctp', 'icmp', '/', '-', ',', ' ', 'any', 'http', LONG],
    examples: ['any', 'tcp/8000-8100,udp/53', '443/TCP', 'tcp/http,80', 'udp'],
    respell: (text) => printAskedPorts(parsePort(text)),
  },
  {
    name: 'a snapshot ref',
    pieces: [...NAMES, ...NUMBERS, 's_', '@', '2026-01-01', 'T00:00:00', 'Z', '+01:00', ':', '.5'],
    examples: ['prod', 's_01abc', 'prod@2026-01-01T00:00:00Z', 'prod@2026-01-01'],
    respell: (text) => {
      const ref = parseSnapshotRef(text);
      if (ref.kind === 'id') return ref.id;
      return ref.at === undefined ? ref.cluster : `${ref.cluster}@${ref.at.toISOString()}`;
    },
  },
  {
    name: 'a cluster name',
    pieces: [...NAMES, ...SIGNS, 's_', 'ü'],
    examples: ['prod', 'arn:aws:eks:x:1:cluster/prod'],
    respell: (text) => checkClusterName(text),
  },
];

const CURSOR = { snapshot: 's_1', engine: '2', question: 'q'.repeat(16), offset: 100 };

/** What people and programs write in one line. */
export const TEXT_TARGETS: readonly AnyTarget[] = [
  ...GRAMMARS.map(grammarTarget),
  textTarget(
    'an address',
    4,
    [...ADDRESSES, ...NUMBERS, 'ffff', '::ffff:10.0.0.1', '2001:db8::/32', '192.168.0.0/16', 'g'],
    (text) => {
      const address = parseAddress(text);
      if (address !== undefined) {
        const again = printAddress(address);
        demand(parseAddress(again)?.value === address.value, `\`${again}\` is another address`);
      }
      const cidr = parseCidr(text);
      if (cidr !== undefined) {
        const { first, last, family } = cidr.range;
        const bits = BigInt((family === 4 ? 32 : 128) - cidr.prefix);
        demand(last - first + 1n === 1n << bits, 'the block has another size than its prefix says');
        demand(first <= cidr.address && cidr.address <= last, 'the address is not in the block');
      }
      const block = cidr === undefined ? '' : printRange(cidr.range);
      return `${address === undefined ? 'refused' : printAddress(address)} ${block}`;
    },
  ),
  textTarget(
    'a cursor',
    3,
    [
      printCursor(CURSOR),
      Buffer.from('[1,"s","2","q",1e300]').toString('base64url'),
      '=',
      ...NUMBERS,
    ],
    (text) => {
      const { snapshot, engine, question, offset } = parseCursor(text, {
        question: CURSOR.question,
      });
      demand(Number.isSafeInteger(offset) && 0 <= offset, 'the offset is none');
      return JSON.stringify([snapshot, engine, question, offset]);
    },
  ),
  textTarget('a global id', 1, ['U25hcHNob3Q6', 'c18x', 'Q2x1c3Rlcjo=', '=', ...NAMES], (text) =>
    JSON.stringify(parseGlobalId(text)),
  ),
  textTarget(
    'an If-None-Match header',
    2,
    ['"', 'W/', ',', ' ', '*', '"tag"', 'tag', LONG],
    (header) => {
      const isKnown = freshness(header);
      const names = header.split(',').map((one) => one.trim());
      const wanted = names.some((one) => ['*', '"tag"', 'W/"tag"', 'W/*'].includes(one));
      demand(isKnown === wanted, `it is ${isKnown ? '' : 'not '}known`);
      return String(isKnown);
    },
  ),
  textTarget(
    'a query string',
    4,
    ['from=', 'to=', '&', '=', '+', '%', '%20', '%zz', '%c3%28', '?', ...NAMES, 'ü', '\ud800'],
    (text) => {
      const values = parseQueryString(text);
      const other = new URLSearchParams(text);
      const wanted = Object.fromEntries(
        [...other.keys()].map((name) => [name, other.getAll(name)]),
      );
      const [own, others] = [values, wanted].map((one) =>
        JSON.stringify(Object.entries(one).sort()),
      );
      demand(own === others, `it is ${own}, not ${others}`);
      return own ?? '';
    },
  ),
  targetOf({
    name: 'a settings file',
    weight: 2,
    inputs: mutatedText([
      'host: 127.0.0.1\nport: 8471\nuploadBytesMax: 512MiB\nallowedHosts: [a, b]\n',
      'snapshotsAgeMaxMs: never\nanswerCacheBytesMax: 1GiB\nbasePath: /podreach\n',
      'localNode: both\nstrictCIDR: true\nicmp: unspecified\n',
    ]),
    bytesOf: ({ length }) => length,
    outcomeOf: (text) =>
      JSON.stringify(
        loadSettings({ flags: {}, environment: {}, file: { path: 'podreach.yaml', text } }),
      ),
  }),
];

function grammarTarget({ name, pieces, examples, respell }: Grammar): AnyTarget {
  const inputs = fc.oneof(grammarTexts(pieces), mutatedText(examples));
  return targetOf({
    name,
    weight: 4,
    inputs,
    bytesOf: ({ length }) => length,
    outcomeOf: (text) => {
      const spelt = respell(text);
      demand(respell(spelt) === spelt, `\`${spelt}\` is something else when it is read again`);
      return spelt;
    },
  });
}

function textTarget(
  name: string,
  weight: number,
  pieces: readonly string[],
  outcomeOf: (text: string) => string,
): AnyTarget {
  const inputs = fc.oneof(fc.constantFrom(...pieces), grammarTexts(pieces), mutatedText(pieces));
  return targetOf({ name, weight, inputs, bytesOf: ({ length }) => length, outcomeOf });
}

/** Whether a caller that sends the header has what is called `tag`. */
function freshness(header: string): boolean {
  // Of both only what the function uses.
  const reply = {
    header: () => reply,
    getHeader: () => undefined,
    code: () => reply,
  } as unknown as FastifyReply;
  const headers = { 'if-none-match': header };
  return isFresh({ method: 'GET', headers } as unknown as FastifyRequest, reply, 'tag', false);
}
