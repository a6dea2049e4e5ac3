import { EVERY_ADDRESS, parseCidr, subtractRanges } from '../../model/address.ts';
import type { AddressRange } from '../../model/address.ts';

/** Blocks that are not the internet, with the tag of semantics 5.2 they have instead. */
const SPECIAL: Readonly<Record<string, readonly string[]>> = {
  // RFC 1918, RFC 4193
  private: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
  // RFC 6598
  shared: ['100.64.0.0/10'],
  // RFC 3927, RFC 4291
  'link-local': ['169.254.0.0/16', 'fe80::/10'],
  // RFC 1122, RFC 4291
  loopback: ['127.0.0.0/8', '::1/128'],
  // RFC 5771, RFC 4291
  multicast: ['224.0.0.0/4', 'ff00::/8'],
  reserved: [
    '0.0.0.0/8', // this network, RFC 791
    '192.0.0.0/24', // protocol assignments, RFC 6890
    '192.88.99.0/24', // relays of 6to4, deprecated by RFC 7526
    '198.18.0.0/15', // benchmarking, RFC 2544
    '240.0.0.0/4', // reserved and limited broadcast, RFC 1112, RFC 8190
    '::/128', // unspecified, RFC 4291
    '::ffff:0:0/96', // IPv4 in IPv6, RFC 4291
    '64:ff9b:1::/48', // translation of one site, RFC 8215
    '100::/64', // discard, RFC 6666
    '100:0:0:1::/64', // dummy prefix, RFC 9780
    '2001::/23', // protocol assignments, RFC 2928
    '2002::/16', // 6to4, RFC 3056
    '5f00::/16', // segment routing, RFC 9602
    'fec0::/10', // site-local, deprecated by RFC 3879
  ],
};

/** Blocks inside those of {@link SPECIAL} that the registries call globally reachable. */
const GLOBAL_EXCEPTIONS = [
  '192.0.0.9/32', // port control anycast, RFC 7723
  '192.0.0.10/32', // TURN anycast, RFC 8155
  '2001:1::1/128', // port control anycast, RFC 7723
  '2001:1::2/128', // TURN anycast, RFC 8155
  '2001:1::3/128', // DNS-SD anycast, RFC 9665
  '2001:3::/32', // multicast tunnelling, RFC 7450
  '2001:4:112::/48', // AS112, RFC 7535
  '2001:20::/28', // ORCHIDv2, RFC 7343
  '2001:30::/28', // drone identifiers, RFC 9374
];

/**
 * Every address tagged `internet`: both families without private, shared, link-local, loopback,
 * multicast and reserved blocks. Documentation blocks count as internet, so that examples behave.
 *
 * @see semantics 5.2, "Tags"
 * @see https://www.iana.org/assignments/iana-ipv4-special-registry
 * @see https://www.iana.org/assignments/iana-ipv6-special-registry
 */
export const INTERNET_RANGES: readonly AddressRange[] = Object.freeze(
  subtractRanges(
    [EVERY_ADDRESS[4], EVERY_ADDRESS[6]],
    subtractRanges(rangesOf(Object.values(SPECIAL).flat()), rangesOf(GLOBAL_EXCEPTIONS)),
  ),
);

/**
 * {@link INTERNET_RANGES} without `clusterCidrs`: an address of the pod network is the cluster's
 * even while nothing owns it. A text that is no CIDR takes nothing away.
 */
export function internetRanges(clusterCidrs: readonly string[]): AddressRange[] {
  return subtractRanges(INTERNET_RANGES, rangesOf(clusterCidrs));
}

function rangesOf(cidrs: readonly string[]): AddressRange[] {
  return cidrs.flatMap((cidr) => parseCidr(cidr)?.range ?? []);
}
