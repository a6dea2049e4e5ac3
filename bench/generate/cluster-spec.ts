import { POD_SUFFIXES } from './random.ts';

/** The shapes of clusters: `realistic`, and those that are hard in one way each. */
export const SHAPES = [
  'realistic',
  'identical',
  'small-namespaces',
  'policy-per-pod',
  'port-atoms',
  'split-blocks',
] as const;
/** One of {@link SHAPES}. */
export type Shape = (typeof SHAPES)[number];

/** A cluster to generate; equal ones are equal to the byte. */
export interface ClusterSpec {
  readonly shape: Shape;
  readonly pods: number;
  readonly policies: number;
  readonly seed: number;
}

/** The sizes that figures are given for. */
export const SIZES = ['1k/100', '10k/1k', '100k/10k', '150k/50k', '1M/50k'] as const;

/** The size of a shape when none is given. */
export const DEFAULT_SIZES: Readonly<Record<Shape, string>> = {
  realistic: '10k/1k',
  identical: '10k/10k',
  'small-namespaces': '100k/75k',
  'policy-per-pod': '10k/10k',
  'port-atoms': '2400/4800',
  'split-blocks': '10k/1k',
};

/** Nodes and platform namespaces alone need this many pods. */
const REALISTIC_PODS_MIN = 100;

/** Reads a shape, a size (`100k/10k`: pods and policies) and a seed. @throws RangeError */
export function clusterSpec(
  options: { readonly shape?: string; readonly size?: string; readonly seed?: number } = {},
): ClusterSpec {
  const shape = SHAPES.find((each) => each === (options.shape ?? 'realistic'));
  if (shape === undefined) {
    throw new RangeError(`no shape \`${options.shape ?? ''}\`; there are ${SHAPES.join(', ')}`);
  }
  const size = options.size ?? DEFAULT_SIZES[shape];
  const [pods, policies] = parseSize(size);
  const least = shape === 'realistic' ? REALISTIC_PODS_MIN : 1;
  if (pods < least || POD_SUFFIXES < pods) {
    throw new RangeError(`a ${shape} cluster has ${least} to ${POD_SUFFIXES} pods, not ${pods}`);
  }
  return { shape, pods, policies, seed: options.seed ?? 1 };
}

/** `2400/4800` of a spec; `100k/10k` where that is shorter. */
export function printSize({ pods, policies }: Pick<ClusterSpec, 'pods' | 'policies'>): string {
  return [pods, policies].map(printCount).join('/');
}

function printCount(count: number): string {
  if (count !== 0 && count % 1_000_000 === 0) return `${count / 1_000_000}M`;
  return count !== 0 && count % 1_000 === 0 ? `${count / 1_000}k` : String(count);
}

function parseSize(text: string): [pods: number, policies: number] {
  const match = /^(\d+)([kM]?)\/(\d+)([kM]?)$/.exec(text);
  if (match === null) {
    throw new RangeError(`\`${text}\` is no size; write pods and policies, such as \`100k/10k\``);
  }
  const [, pods, podUnit, policies, policyUnit] = match;
  return [countOf(pods, podUnit), countOf(policies, policyUnit)];
}

function countOf(digits = '', unit = ''): number {
  return Number(digits) * (unit === 'M' ? 1_000_000 : unit === 'k' ? 1_000 : 1);
}
