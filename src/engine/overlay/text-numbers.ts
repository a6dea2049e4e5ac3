import type { LabelSelector } from '../../model/selector.ts';
import { selectorText } from '../index/ir-tables.ts';
import { portNameKey } from '../index/policy-texts.ts';
import type { PolicyTexts } from '../index/policy-texts.ts';
import { SelectorIndex } from '../index/selector-index.ts';

/** The numbers of {@link PolicyTexts}, by text. */
export class TextNumbers {
  readonly selectors: ReadonlyMap<string, number>;
  readonly namespaceSelectors: ReadonlyMap<string, number>;
  readonly blocks: ReadonlyMap<string, number>;
  readonly portLists: ReadonlyMap<string, number>;
  readonly portNames: ReadonlyMap<string, number>;
  readonly #selectors: readonly LabelSelector[];
  #index: SelectorIndex | undefined;

  constructor(texts: PolicyTexts) {
    this.selectors = numbersOf(texts.selectors.map(selectorText));
    this.namespaceSelectors = numbersOf(texts.namespaceSelectors.map(selectorText));
    this.blocks = numbersOf(texts.blocks);
    this.portLists = numbersOf(texts.portLists);
    this.portNames = numbersOf(texts.portNames.map(portNameKey));
    this.#selectors = texts.selectors;
  }

  /** All selectors, to be tried on labels. */
  get index(): SelectorIndex {
    this.#index ??= new SelectorIndex(this.#selectors);
    return this.#index;
  }
}

const KNOWN = new WeakMap<PolicyTexts, TextNumbers>();

/** The numbers of `texts`, worked out once. */
export function numbersBehind(texts: PolicyTexts): TextNumbers {
  const known = KNOWN.get(texts);
  if (known !== undefined) return known;
  const numbers = new TextNumbers(texts);
  KNOWN.set(texts, numbers);
  return numbers;
}

/** By text; of equal ones the first. */
function numbersOf(texts: readonly string[]): ReadonlyMap<string, number> {
  const numbers = new Map<string, number>();
  for (const [i, text] of texts.entries()) if (!numbers.has(text)) numbers.set(text, i);
  return numbers;
}
