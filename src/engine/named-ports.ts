import type { Protocol } from '../model/connection-set.ts';
import type { ContainerPort, Pod } from '../model/snapshot.ts';
import type { EngineOptions } from './options.ts';

/** Containers that declare names, in the order in which Kubernetes looks through them. */
const DECLARING: Readonly<
  Record<EngineOptions['namedPortContainers'], readonly ContainerPort['container'][]>
> = {
  'regular+sidecars': ['regular', 'sidecar'],
  regular: ['regular'],
  'regular+init': ['regular', 'sidecar', 'init'],
};

/**
 * The numbers that `name` has on `pod`; without `protocol`, those of any protocol.
 *
 * Distinct, in the order declared, those of regular containers first; more than one when the name
 * is declared twice (semantics R1.49), none when no container that counts declares it.
 *
 * @see semantics R1.43 to R1.49
 */
export function namedPorts(
  pod: Pod,
  name: string,
  protocol: Protocol | undefined,
  options: Pick<EngineOptions, 'namedPortContainers'>,
): number[] {
  const numbers = DECLARING[options.namedPortContainers].flatMap((container) =>
    pod.ports
      .filter(
        (port) =>
          port.container === container &&
          port.name === name &&
          (protocol === undefined || port.protocol === protocol),
      )
      .map(({ port }) => port),
  );
  return [...new Set(numbers)];
}
