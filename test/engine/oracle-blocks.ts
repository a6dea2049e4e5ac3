/** Whether an address block holds an end: the oracle's reading of semantics R1.25 to R1.28. */
import type { KubeBlock } from '../support/kube-objects.ts';
import { parseNet } from './oracle-world.ts';
import type { Ip, Side, World } from './oracle-world.ts';

/** `maybe`: it depends on an address that is not known. */
export type Match = 'yes' | 'no' | 'maybe';

/** R1.25-R1.28, R2.3, R2.6, and decisions 7 for an address that is not known. */
export function matchBlock(
  world: World,
  block: KubeBlock,
  peer: Side,
  family: 4 | 6 | null,
): Match {
  const { ipBlockMatchesPods = true, ipBlockMatchesNodes = true } = world.options ?? {};
  if (peer.kind === 'pod' && !ipBlockMatchesPods) return 'no';
  if (peer.kind === 'node' && !ipBlockMatchesNodes) return 'no';
  const net = parseNet(block.cidr);
  const holes = (block.except ?? []).map(parseNet);
  const within = (ip: Ip, { family, first, last }: typeof net): boolean =>
    ip.family === family && first <= ip.value && ip.value <= last;
  const holds = (ip: Ip): boolean => within(ip, net) && !holes.some((hole) => within(ip, hole));
  const known = peer.addresses.filter((ip) => ip.family === family);
  if (peer.addresses.length !== 0) return unanimous(known.map(holds));
  if (peer.kind === 'pod' && peer.pod?.status?.phase !== undefined) return 'no'; // seen without one
  if (net.family !== (family ?? net.family)) return 'no';
  // Where the address may be: pods get private or shared space, anything else may be anywhere.
  // Between neighbouring borders all addresses are alike, so that the borders stand for all.
  const borders = [net, ...holes].flatMap(({ first, last }) => [
    first,
    first - 1n,
    last,
    last + 1n,
  ]);
  const points = (peer.kind === 'pod' ? POD_SPACE : ALL_SPACE)
    .map(parseNet)
    .filter((part) => part.family === net.family)
    .flatMap((part) =>
      [part.first, part.last, ...borders]
        .map((value) => ({ family: part.family, value }))
        .filter((ip) => within(ip, part)),
    );
  const match = unanimous(points.map(holds));
  return match === 'yes' && family === null && net.family === 6 ? 'maybe' : match;
}

const POD_SPACE = ['10.0.0.0/8', '100.64.0.0/10', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'];
const ALL_SPACE = ['0.0.0.0/0', '::/0'];

function unanimous(results: readonly boolean[]): Match {
  if (!results.includes(true)) return 'no';
  return results.includes(false) ? 'maybe' : 'yes';
}
