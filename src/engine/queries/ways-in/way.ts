import type { Reason } from '../../../model/answer.ts';
import type { ConnectionSet } from '../../../model/connection-set.ts';
import type { Peer } from '../../../model/peer.ts';
import type { WayInBackend, WayInVia } from '../../../model/way-in.ts';
import type { PodOrdinal, ViewService } from '../../model-view.ts';
import type { TargetGroup } from '../cases.ts';

/** Whom an object expects to pass its traffic on. */
export interface ControllerQuestion {
  readonly kind: 'IngressClass' | 'GatewayClass';
  /** Absent: none is named, so the default one, if there is any. */
  readonly className?: string;
  /** The Gateway, whose own pods carry its name. */
  readonly gateway?: { readonly namespace: string; readonly name: string };
}

/** What is behind a way in, with the ports as each member sees them. */
export interface BackendDraft {
  readonly name: Pick<WayInBackend, 'kind' | 'namespace' | 'name' | 'port'>;
  readonly peer: Peer | null;
  readonly service?: ViewService;
  readonly groups: readonly TargetGroup[];
  /** Pods of `groups`. */
  readonly pods: readonly PodOrdinal[];
  /** Endpoints that are no pods. */
  readonly others: number;
  /** Ports of the pods. */
  readonly targets: ConnectionSet;
}

/** A way in before policies are asked. */
export interface WayDraft {
  readonly via: WayInVia;
  readonly addresses: readonly string[];
  /** Absent: nobody stands between. */
  readonly controller?: ControllerQuestion;
  /** Absent: nothing is behind it. */
  readonly backend?: BackendDraft;
  /** Why nothing answers here, whatever policies say. */
  readonly refused?: Reason;
  /** Why it may be other than it looks: then nothing is certain. */
  readonly doubts: readonly Reason[];
  /** What else a reader must know. */
  readonly notes: readonly Reason[];
}
