import type { Renderer } from '../answer-kind.ts';
import { DRAWN, framesOf, graphOf } from './answer-graph.ts';
import type { GraphNode, Tone } from './answer-graph.ts';

/** The DOT language of Graphviz (graphviz.org/doc/info/lang.html): one frame for each namespace. */
export const dot: Renderer = {
  mediaType: 'text/vnd.graphviz; charset=utf-8',
  fits: DRAWN,
  render: (kind, answer) => {
    const { nodes, edges, remarks } = graphOf(kind, answer);
    const ids = new Map(nodes.map(({ key }, position) => [key, `n${position}`]));
    const frames = framesOf(nodes).flatMap(([namespace, members], position) => {
      const lines = members.map((node) => `${ids.get(node.key)} [${nodeLook(node)}];`);
      if (namespace === '') return lines.map((line) => `  ${line}`);
      return [
        `  subgraph cluster_${position} {`,
        `    label=${quote(namespace)};`,
        ...lines.map((line) => `    ${line}`),
        '  }',
      ];
    });
    const arrows = edges.map(
      ({ from, to, label, tone }) =>
        `  ${ids.get(from)} -> ${ids.get(to)} [label=${quote(label)}${EDGE_LOOKS[tone]}];`,
    );
    const remark = remarks.length === 0 ? [] : [`  label=${quote(remarks.join('; '))};`];
    const head = ['digraph podreach {', '  rankdir=LR;', '  node [shape=box];'];
    return `${[...head, ...remark, ...frames, ...arrows, '}'].join('\n')}\n`;
  },
};

function nodeLook({ label, kind, tone }: GraphNode): string {
  const shape = SHAPES.get(kind);
  return `label=${quote(label)}${shape === undefined ? '' : `, shape=${shape}`}${NODE_LOOKS[tone]}`;
}

const SHAPES: ReadonlyMap<string, string> = new Map([
  ['AddressRange', 'ellipse'],
  ['Node', 'component'],
  ['Policy', 'note'],
]);

const EDGE_LOOKS: Readonly<Record<Tone, string>> = {
  allowed: '',
  plain: '',
  partial: ', color="darkorange"',
  denied: ', color="red", style="dotted"',
  unsure: ', color="gray40", style="dashed"',
};

const NODE_LOOKS: Readonly<Record<Tone, string>> = {
  allowed: ', color="darkgreen"',
  plain: '',
  partial: ', color="darkorange"',
  denied: ', color="red"',
  unsure: ', color="gray40", style="dashed"',
};

/** A double-quoted ID: only the quote and what begins an escape in labels need one. */
function quote(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
