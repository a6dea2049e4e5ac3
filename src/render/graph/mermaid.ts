import type { Renderer } from '../answer-kind.ts';
import { DRAWN, framesOf, graphOf } from './answer-graph.ts';
import type { GraphNode, Tone } from './answer-graph.ts';

/**
 * Arrows drawn at most. Pages that show Mermaid give up on large drawings (its own limit is 500
 * arrows); what is left out is said in the drawing.
 */
const EDGES_MAX = 400;

/** A Mermaid flowchart (mermaid.js.org/syntax/flowchart.html): one frame for each namespace. */
export const mermaid: Renderer = {
  mediaType: 'text/vnd.mermaid; charset=utf-8',
  fits: DRAWN,
  render: (kind, answer) => {
    const { nodes, edges, remarks } = graphOf(kind, answer);
    const drawn = edges.slice(0, EDGES_MAX);
    const ends = new Set(drawn.flatMap(({ from, to }) => [from, to]));
    const shown = drawn.length === edges.length ? nodes : nodes.filter(({ key }) => ends.has(key));
    const cut = edges.length - drawn.length;
    const said = cut === 0 ? remarks : [...remarks, `${cut} more arrows are not drawn`];
    const ids = new Map(shown.map(({ key }, position) => [key, `n${position}`]));
    const boxes = framesOf(shown).flatMap(([namespace, members], position) => {
      const lines = members.map((node) => box(ids.get(node.key) ?? '', node));
      if (namespace === '') return lines.map((line) => `  ${line}`);
      return [
        `  subgraph g${position}[${quote(namespace)}]`,
        ...lines.map((line) => `    ${line}`),
        '  end',
      ];
    });
    const arrows = drawn.map(({ from, to, label, tone }) => {
      const text = label === '' ? '' : `|${quote(label)}|`;
      return `  ${ids.get(from)} ${ARROWS[tone]}${text} ${ids.get(to)}`;
    });
    const used = new Set(shown.map(({ tone }) => tone));
    const classes = CLASSES.filter(([tone]) => used.has(tone)).map(
      ([tone, look]) => `  classDef ${tone} ${look}`,
    );
    const note = said.length === 0 ? [] : [`  remark[${quote(said.join('; '))}]`];
    return `${['flowchart LR', ...note, ...boxes, ...arrows, ...classes].join('\n')}\n`;
  },
};

function box(id: string, { label, kind, tone }: GraphNode): string {
  const [open, close] = SHAPES.get(kind) ?? ['[', ']'];
  const style = CLASSES.some(([name]) => name === tone) ? `:::${tone}` : '';
  return `${id}${open}${quote(label)}${close}${style}`;
}

const SHAPES: ReadonlyMap<string, readonly [string, string]> = new Map([
  ['AddressRange', ['([', '])']],
  ['Node', ['[[', ']]']],
  ['Policy', ['>', ']']],
]);

const ARROWS: Readonly<Record<Tone, string>> = {
  allowed: '-->',
  plain: '-->',
  partial: '==>',
  denied: '--x',
  unsure: '-.->',
};

const CLASSES: readonly (readonly [Tone, string])[] = [
  ['allowed', 'stroke:#2a2'],
  ['partial', 'stroke:#e80'],
  ['denied', 'stroke:#d22'],
  ['unsure', 'stroke-dasharray:4'],
];

/** Text that Mermaid reads as text alone: what it, or a page around it, would obey is an entity. */
function quote(text: string): string {
  const safe = text.replace(/[^A-Za-z0-9 .,:/?=()_+-]/gu, (char) => `#${char.codePointAt(0)};`);
  return `"${safe}"`;
}
