import { looksLikeAddresses } from '../engine/refs/parse-addresses.ts';
import { isWellKnownType } from '../engine/refs/workload-types.ts';

/**
 * `ref` in `namespace`, where it names none: `api`, `deploy/api`, `?app=api`, `*`. Addresses,
 * `internet`, nodes and refs with a namespace stay as they are.
 *
 * With a namespace given apart, `deploy/api` is a Deployment, as in kubectl.
 */
export function qualifyRef(ref: string, namespace: string | undefined): string {
  if (namespace === undefined || ref === 'internet' || ref.startsWith('{')) return ref;
  const query = ref.indexOf('?');
  if (query !== -1) return query === 0 ? namespace + ref : ref;
  if (looksLikeAddresses(ref)) return ref;
  const [first = '', second, third] = ref.split('/');
  if (second === undefined) return `${namespace}/${ref}`;
  const isTyped = third === undefined && isWellKnownType(first.toLowerCase());
  return isTyped ? `${namespace}/${ref}` : ref;
}
