import { createHash } from 'node:crypto';

/**
 * The key of an address range peer: `cidr:10.0.0.0/8`, or `cidr:<first>+<n-1>~<8 hex>` for several,
 * with the start of the SHA-256 of the comma-joined list (contract 5).
 *
 * @param cidrs minimal and sorted, as `cidrsOf` gives them
 */
export function cidrKey(cidrs: readonly string[]): string {
  const [first = 'none'] = cidrs;
  if (cidrs.length < 2) return `cidr:${first}`;
  const hash = createHash('sha256').update(cidrs.join(',')).digest('hex').slice(0, 8);
  return `cidr:${first}+${cidrs.length - 1}~${hash}`;
}
