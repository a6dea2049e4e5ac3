import { PodreachError } from '../../model/errors.ts';
import { OTHERS } from '../../model/peer.ts';
import { printSelector } from '../../model/selector.ts';
import type { LabelSelector } from '../../model/selector.ts';
import { looksLikeAddresses, parseAddresses, printAddressSyntax } from './parse-addresses.ts';
import type { AddressSyntax } from './parse-addresses.ts';
import { parseSelector } from './parse-selector.ts';

/** Which namespaces a label ref looks in. */
export type NamespacesSyntax =
  | { readonly kind: 'every' }
  | { readonly kind: 'named'; readonly name: string }
  | { readonly kind: 'selected'; readonly selector: LabelSelector };

/** A ref as written: what is named, not yet whether it exists (contract 2). */
export type RefSyntax =
  | { readonly kind: 'addresses'; readonly items: readonly AddressSyntax[] }
  | { readonly kind: 'internet' }
  /** The pods in namespaces that the reader may not see. */
  | { readonly kind: 'others' }
  /** `selector` absent: every pod of the namespaces. */
  | {
      readonly kind: 'pods';
      readonly namespaces: NamespacesSyntax;
      readonly selector?: LabelSelector;
    }
  /** `name` absent: every node. */
  | { readonly kind: 'node'; readonly name?: string }
  /** `type` is `pod`, `svc`, or an owner kind in any spelling, lower case. */
  | {
      readonly kind: 'typed';
      readonly namespace: string;
      readonly type: string;
      readonly name: string;
    }
  /** `namespace` absent: any namespace. */
  | { readonly kind: 'named'; readonly namespace?: string; readonly name: string };

/** Longest name of an object. */
const NAME_LENGTH_MAX = 253;
/** Pods made from a template carry their number: `web[0]`. */
const NAME = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?(?:\[\d+\])?$/;
const FORMS =
  'write `shop/api`, `shop/deploy/api`, `shop/pod/api-1`, `shop/svc/api`, `shop?app=api`, `shop/*`, ' +
  '`node/worker-1`, `10.0.0.0/8` or `internet`';

/**
 * Reads a ref in the grammar of contract 2; the first form that fits decides.
 *
 * @throws PodreachError `bad-ref`
 */
export function parseRef(text: string): RefSyntax {
  const ref = text.trim();
  if (ref === '') throw new PodreachError('bad-ref', `the reference is empty; ${FORMS}`);
  if (ref.startsWith('{')) return parseBraces(ref);
  const question = ref.indexOf('?');
  if (question < 0 && looksLikeAddresses(ref)) {
    return { kind: 'addresses', items: parseAddresses(ref) };
  }
  if (ref === 'internet') return { kind: 'internet' };
  if (ref === OTHERS) return { kind: 'others' };
  if (0 <= question) return parseLabels(ref, ref.slice(0, question).trim(), question);
  return parseNames(ref);
}

/** The ref in its canonical spelling; parsing it again gives the same syntax. */
export function printRef(syntax: RefSyntax): string {
  switch (syntax.kind) {
    case 'addresses':
      return syntax.items.map(printAddressSyntax).join(',');
    case 'internet':
      return 'internet';
    case 'others':
      return OTHERS;
    case 'pods': {
      const { namespaces, selector } = syntax;
      const where = printNamespaces(namespaces);
      return selector === undefined ? `${where}/*` : `${where}?${printSelector(selector)}`;
    }
    case 'node':
      return `node/${syntax.name ?? '*'}`;
    case 'typed':
      return `${syntax.namespace}/${syntax.type}/${syntax.name}`;
    case 'named':
      return syntax.namespace === undefined ? syntax.name : `${syntax.namespace}/${syntax.name}`;
  }
}

function printNamespaces(namespaces: NamespacesSyntax): string {
  switch (namespaces.kind) {
    case 'every':
      return '*';
    case 'named':
      return namespaces.name;
    case 'selected':
      return `{${printSelector(namespaces.selector)}}`;
  }
}

function parseBraces(ref: string): RefSyntax {
  const close = ref.indexOf('}');
  if (close < 0) throw refusal(ref, 'the brace is not closed');
  const inner = ref.slice(1, close);
  const rest = ref.slice(close + 1).trim();
  if (inner.trim() === '') throw refusal(ref, 'for every namespace write `*?app=api`');
  const namespaces = { kind: 'selected', selector: parseSelector(inner) } as const;
  if (rest === '/*') return { kind: 'pods', namespaces };
  if (!rest.startsWith('?')) {
    throw refusal(ref, 'behind `{..}` comes `?` and a selector of pods, or `/*` for every pod');
  }
  if (rest.slice(1).trim() === '') throw refusal(ref, `for every pod write \`{${inner}}/*\``);
  return { kind: 'pods', namespaces, selector: parseSelector(rest.slice(1)) };
}

function parseLabels(ref: string, scope: string, question: number): RefSyntax {
  const selector = ref.slice(question + 1);
  const namespaces: NamespacesSyntax =
    scope === '*' ? { kind: 'every' } : { kind: 'named', name: checkName(ref, scope) };
  if (selector.trim() === '') throw refusal(ref, `for every pod write \`${scope}/*\``);
  return { kind: 'pods', namespaces, selector: parseSelector(selector) };
}

function parseNames(ref: string): RefSyntax {
  const [first = '', second, third, ...more] = ref.split('/');
  if (more.length !== 0) throw refusal(ref, FORMS);
  if (third !== undefined) {
    if (third === '*') throw refusal(ref, `for every pod of a namespace write \`${first}/*\``);
    return {
      kind: 'typed',
      namespace: checkName(ref, first),
      type: checkName(ref, second ?? '').toLowerCase(),
      name: checkName(ref, third),
    };
  }
  if (second === undefined) {
    if (first === '*') throw refusal(ref, 'for every pod write `*/*`');
    return { kind: 'named', name: checkName(ref, first) };
  }
  if (first === 'node') {
    return second === '*' ? { kind: 'node' } : { kind: 'node', name: checkName(ref, second) };
  }
  if (second === '*') {
    const every = first === '*';
    const namespaces: NamespacesSyntax = every
      ? { kind: 'every' }
      : { kind: 'named', name: checkName(ref, first) };
    return { kind: 'pods', namespaces };
  }
  if (first === '*') throw refusal(ref, `for a name in any namespace write \`${second}\``);
  return { kind: 'named', namespace: checkName(ref, first), name: checkName(ref, second) };
}

function checkName(ref: string, name: string): string {
  if (name === '') throw refusal(ref, 'a name is missing');
  if (NAME_LENGTH_MAX < name.length) {
    throw refusal(ref, `a name has at most ${NAME_LENGTH_MAX} characters`);
  }
  if (NAME.test(name)) return name;
  if (name.includes(',')) throw refusal(ref, 'only addresses can be listed with commas');
  throw refusal(ref, `\`${name}\` is no name; ${FORMS}`);
}

function refusal(ref: string, why: string): PodreachError {
  return new PodreachError('bad-ref', `\`${ref}\` cannot be read: ${why}`);
}
