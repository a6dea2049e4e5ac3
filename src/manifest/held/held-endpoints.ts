import { NumberList } from './number-list.ts';
import { Numbered } from './numbered.ts';
import { TextArena } from './text-arena.ts';
import { endpointOf } from '../kinds/endpoints.ts';
import type { EndpointsObject } from '../kinds/endpoints.ts';
import type { Faulty, Version } from '../versions.ts';
import type { EndpointGroup } from '../../model/snapshot.ts';

type Endpoint = EndpointGroup['endpoints'][number];
type HeldObject = EndpointsObject & Faulty;

const READY = 1;
const SERVING = 2;
const TERMINATING = 4;
/** No address has one. */
const SEPARATOR = ' ';

/** Endpoints as columns: there are as many as pods, and they are needed one namespace at a time. */
export class HeldEndpoints {
  readonly #flags = new NumberList();
  readonly #node = new NumberList();
  /** Two texts an endpoint: its addresses, and its pod (empty: none). */
  readonly #texts = new TextArena();
  readonly #nodes = new Numbered<string | undefined>();

  /** Equal to `version`, with endpoints that are made anew each time they are asked for. */
  hold(version: Version<HeldObject>): Version<HeldObject> {
    const { service, groups, faulty } = version.content;
    const held = groups.map(({ source, ports, endpoints }) => {
      const first = this.#flags.length;
      for (const endpoint of endpoints) this.#add(endpoint);
      return { source, ports, first, count: endpoints.length };
    });
    const make = (): EndpointGroup[] =>
      held.map(({ source, ports, first, count }) => ({
        source,
        ports,
        endpoints: Array.from({ length: count }, (_, i) => this.#at(first + i)),
      }));
    const content: HeldObject = {
      service,
      get groups() {
        return make();
      },
      faulty,
    };
    return { ...version, content };
  }

  #add({ addresses, pod = '', node, ready, serving, terminating }: Endpoint): void {
    this.#flags.push(
      (ready ? READY : 0) | (serving ? SERVING : 0) | (terminating ? TERMINATING : 0),
    );
    this.#node.push(this.#nodes.numberOf(node));
    this.#texts.add(addresses.join(SEPARATOR));
    this.#texts.add(pod);
  }

  #at(endpoint: number): Endpoint {
    const flags = this.#flags.at(endpoint);
    const addresses = this.#texts.at(2 * endpoint);
    const pod = this.#texts.at(2 * endpoint + 1) || undefined;
    const node = this.#nodes.at(this.#node.at(endpoint));
    return endpointOf(
      { addresses: addresses === '' ? [] : addresses.split(SEPARATOR), pod, node },
      {
        ready: (flags & READY) !== 0,
        serving: (flags & SERVING) !== 0,
        terminating: (flags & TERMINATING) !== 0,
      },
    );
  }
}
