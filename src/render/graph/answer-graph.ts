import type { AnswerKind } from '../answer-kind.ts';
import { listAt, member, numberAt, objectAt, textAt } from '../json-access.ts';
import { printPorts } from '../port-text.ts';
import { rowsOf } from '../rows.ts';
import { cutRanges, printPeer, printPolicy } from '../text/phrases.ts';
import { visible } from '../text/layout.ts';
import type { Json } from '../wire.ts';

/** How sure what a line or a box stands for is, and whether it holds. */
export type Tone = 'allowed' | 'partial' | 'denied' | 'unsure' | 'plain';

/** A box of a drawing. */
export interface GraphNode {
  /** Unique in the graph. */
  readonly key: string;
  readonly label: string;
  /** Namespace whose frame the box stands in; `''` for none. */
  readonly namespace: string;
  /** `AddressRange`, `Node` and `Policy` are drawn in shapes of their own. */
  readonly kind: string;
  readonly tone: Tone;
}

/** An arrow of a drawing. */
export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  readonly label: string;
  readonly tone: Tone;
}

/** An answer as boxes and arrows, each key once, in the order of the answer. */
export interface Graph {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
  /** What the drawing must not be read without: rows left out, facts that are missing. */
  readonly remarks: readonly string[];
}

/** Kinds of answers that can be drawn. */
export const DRAWN: ReadonlySet<AnswerKind> = new Set([
  'path',
  'paths',
  'reach-list',
  'isolation-list',
  'policy-list',
  'way-list',
  'exposure-list',
  'effective-list',
  'resolution',
]);

/** `answer` as a graph; a kind that is not {@link DRAWN} is an empty one. */
export function graphOf(kind: AnswerKind, answer: Json): Graph {
  const graph = new GraphBuilder();
  for (const row of rowsOf(kind, answer)) draw(graph, kind, answer, row);
  return { ...graph.done(), remarks: remarksOf(kind, answer) };
}

function draw(graph: GraphBuilder, kind: AnswerKind, answer: Json, row: Json): void {
  switch (kind) {
    case 'path':
    case 'paths':
      drawPath(graph, row);
      break;
    case 'reach-list':
      drawReach(graph, row);
      break;
    case 'isolation-list':
      drawIsolation(graph, row);
      break;
    case 'policy-list':
      drawPolicy(graph, row);
      break;
    case 'way-list':
      drawWay(graph, row);
      break;
    case 'exposure-list':
      drawExposure(graph, row);
      break;
    case 'effective-list':
      drawEffective(graph, answer, row);
      break;
    case 'resolution': {
      const peer = member(answer, 'peer') ?? answer;
      graph.edge(graph.peer(peer), graph.peer(row), '', 'plain');
      break;
    }
    case 'snapshot':
    case 'snapshot-list':
    case 'cluster-list':
      break;
  }
}

/** Also a denied path is an arrow: it was asked for. */
function drawPath(graph: GraphBuilder, row: Json): void {
  if (objectAt(row, 'error') !== undefined) return;
  const verdict = textAt(row, 'verdict');
  const port = visible(textAt(row, 'askedText'));
  const tone = toneOf(verdict);
  const label = tone === 'allowed' ? port : `${port} ${visible(verdict)}`;
  graph.edge(graph.peer(member(row, 'from')), graph.peer(member(row, 'to')), label.trim(), tone);
}

function drawReach(graph: GraphBuilder, row: Json): void {
  const tone = toneOf(textAt(row, 'verdict'));
  const certain = printPorts(listAt(row, 'ports'));
  const unsure = printPorts(listAt(row, 'undetermined'));
  const label = [certain, unsure === '' ? '' : `${unsure}?`].filter((one) => one !== '').join(' ');
  graph.edge(graph.peer(member(row, 'from')), graph.peer(member(row, 'to')), label, tone);
}

/** Pods that stand alone, in the colour of what protects them. */
function drawIsolation(graph: GraphBuilder, row: Json): void {
  const state = (name: 'ingress' | 'egress'): boolean | null => {
    const isolated = member(objectAt(row, name), 'isolated');
    return typeof isolated === 'boolean' ? isolated : null;
  };
  const words = (name: 'ingress' | 'egress'): string => {
    const isolated = state(name);
    return `${name} ${isolated === null ? 'unknown' : isolated ? 'isolated' : 'open'}`;
  };
  const isPoliced = member(row, 'policed') !== false;
  const both = [state('ingress'), state('egress')];
  const tone: Tone = both.includes(null)
    ? 'unsure'
    : both.includes(false)
      ? both.includes(true)
        ? 'partial'
        : 'denied'
      : 'allowed';
  const detail = isPoliced ? `${words('ingress')}, ${words('egress')}` : 'not policed';
  graph.peer(member(row, 'peer'), detail, isPoliced ? tone : 'unsure');
}

/** A policy and what it selects. */
function drawPolicy(graph: GraphBuilder, row: Json): void {
  const policy = objectAt(row, 'policy');
  const namespace = textAt(policy, 'namespace');
  const from = graph.node({
    key: `policy ${printPolicy(policy)}`,
    label: printPolicy(policy),
    namespace,
    kind: 'Policy',
    tone: member(row, 'evaluated') === false ? 'unsure' : 'plain',
  });
  const subject = visible(textAt(row, 'subject'));
  const to = graph.node({
    key: `subject ${subject}`,
    label: subject,
    namespace,
    kind: 'PodSet',
    tone: 'plain',
  });
  const pods = numberAt(objectAt(row, 'selects'), 'podCount');
  graph.edge(from, to, `${pods} ${pods === 1 ? 'pod' : 'pods'}`, 'plain');
}

/** From outside to the pods, step by step; each arrow once, however many ways it is part of. */
function drawWay(graph: GraphBuilder, row: Json): void {
  const via = objectAt(row, 'via');
  const host = visible(`${textAt(via, 'host')}${textAt(via, 'path')}`);
  for (const leg of listAt(row, 'legs')) {
    const ports = printPorts(listAt(leg, 'ports'));
    const label = textAt(leg, 'leg') === 'BACKEND' ? `${host} ${ports}`.trim() : ports;
    const tone = toneOf(textAt(leg, 'verdict'));
    graph.edge(graph.peer(member(leg, 'from')), graph.peer(member(leg, 'to')), label, tone);
  }
}

/** What policies permit from and to the internet, and each thing that brings traffic from there. */
function drawExposure(graph: GraphBuilder, row: Json): void {
  const peer = graph.peer(member(row, 'peer'));
  const internet = { key: 'internet', ref: 'internet', kind: 'AddressRange' };
  const permitted = (name: 'ingress' | 'egress'): string | undefined => {
    const side = objectAt(row, name);
    if (['', 'NONE'].includes(textAt(side, 'class'))) return undefined;
    const sure = printPorts(listAt(side, 'ports'));
    return sure === '' ? visible(textAt(side, 'class').toLowerCase()) : sure;
  };
  const [entering, leaving] = [permitted('ingress'), permitted('egress')];
  if (entering !== undefined) graph.edge(graph.peer(internet), peer, entering, 'plain');
  if (leaving !== undefined) graph.edge(peer, graph.peer(internet), leaving, 'plain');
  for (const entry of listAt(row, 'entryPaths')) {
    const via = objectAt(entry, 'via');
    const name = ['namespace', 'name']
      .map((part) => textAt(via, part))
      .filter((part) => part !== '');
    const label = visible(`${textAt(via, 'kind')} ${name.join('/')} ${textAt(via, 'host')}`.trim());
    const namespace = visible(textAt(via, 'namespace'));
    const from = graph.node({
      key: `via ${label}`,
      label,
      namespace,
      kind: 'Policy',
      tone: 'plain',
    });
    graph.edge(from, peer, '', EFFECTIVE.get(textAt(entry, 'effective')) ?? 'unsure');
  }
}

const EFFECTIVE: ReadonlyMap<string, Tone> = new Map([
  ['YES', 'allowed'],
  ['NO', 'denied'],
]);

/** Each rule as arrows between the pods it holds for and those it is about. */
function drawEffective(graph: GraphBuilder, answer: Json, row: Json): void {
  const subject = graph.peer(member(answer, 'peer'));
  const names = listAt(row, 'peers').map((one) => textAt(one, 'text'));
  const action = textAt(row, 'action');
  const tone: Tone = action === 'ALLOW' ? 'allowed' : action === 'DENY' ? 'denied' : 'unsure';
  const ports = printPorts(listAt(row, 'ports'));
  const label = `${numberAt(row, 'position')} ${visible(action.toLowerCase())} ${ports}`.trim();
  for (const name of names.length === 0 ? ['everyone'] : names) {
    const text = visible(cutRanges(name));
    const other = graph.node({
      key: `peer ${text}`,
      label: text,
      namespace: '',
      kind: 'PodSet',
      tone: 'plain',
    });
    if (textAt(row, 'direction') === 'INGRESS') graph.edge(other, subject, label, tone);
    else graph.edge(subject, other, label, tone);
  }
}

function toneOf(verdict: string): Tone {
  if (verdict === 'ALLOWED') return 'allowed';
  if (verdict === 'PARTIAL') return 'partial';
  return verdict === 'DENIED' ? 'denied' : 'unsure';
}

function remarksOf(kind: AnswerKind, answer: Json): string[] {
  const shown = rowsOf(kind, answer).length;
  const total = numberAt(answer, 'totalCount');
  const cut = shown < total ? [`${shown} of ${total} rows are shown`] : [];
  const isComplete = member(answer, 'complete') !== false;
  return isComplete ? cut : ['incomplete: a missing fact could add or change rows', ...cut];
}

class GraphBuilder {
  readonly #nodes = new Map<string, GraphNode>();
  readonly #edges = new Map<string, GraphEdge>();

  /** Adds the box of a peer, if it is new; returns its key. */
  peer(peer: Json | undefined, detail = '', tone: Tone = 'plain'): string {
    const ref = textAt(peer, 'ref') || textAt(peer, 'key');
    const name = cutRanges(visible(ref)) || printPeer(peer);
    return this.node({
      key: textAt(peer, 'key') || ref,
      label: detail === '' ? name : `${name}: ${detail}`,
      namespace: visible(textAt(peer, 'namespace')),
      kind: visible(textAt(peer, 'kind')),
      tone,
    });
  }

  node(node: GraphNode): string {
    if (!this.#nodes.has(node.key)) this.#nodes.set(node.key, node);
    return node.key;
  }

  edge(from: string, to: string, label: string, tone: Tone): void {
    const key = JSON.stringify([from, to, label, tone]);
    if (!this.#edges.has(key)) this.#edges.set(key, { from, to, label, tone });
  }

  done(): Pick<Graph, 'nodes' | 'edges'> {
    return { nodes: [...this.#nodes.values()], edges: [...this.#edges.values()] };
  }
}

/** Boxes by the namespace they stand in, those of none last. */
export function framesOf(nodes: readonly GraphNode[]): readonly (readonly [string, GraphNode[]])[] {
  const frames = new Map<string, GraphNode[]>();
  for (const node of nodes) {
    const frame = frames.get(node.namespace);
    if (frame === undefined) frames.set(node.namespace, [node]);
    else frame.push(node);
  }
  return [...frames].sort(([a], [b]) => Number(a === '') - Number(b === ''));
}
