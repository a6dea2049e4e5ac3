import { PORT_MAX, PORT_MIN, PROTOCOLS } from '../model/connection-set.ts';
import { numberAt, textAt } from './json-access.ts';
import type { Json } from './wire.ts';

/**
 * Ports in the grammar in which they are asked (contract 2): `tcp/80,tcp/8000-8100,udp`, `any` when
 * all protocols are full, `''` for none.
 */
export function printPorts(ports: readonly Json[]): string {
  const texts = ports.map(printRange);
  const isEverything = PROTOCOLS.every((protocol) => texts.includes(protocol.toLowerCase()));
  return isEverything ? 'any' : texts.join(',');
}

function printRange(range: Json): string {
  const protocol = textAt(range, 'protocol').toLowerCase();
  const from = numberAt(range, 'from');
  const to = numberAt(range, 'to');
  if (from === PORT_MIN && to === PORT_MAX) return protocol;
  return from === to ? `${protocol}/${from}` : `${protocol}/${from}-${to}`;
}
