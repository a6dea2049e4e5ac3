import type { SnapshotInfo } from '../../service/podreach.ts';
import type { GraphqlContext } from './context.ts';
import type { SubscriptionResolvers, SubscriptionSnapshotAddedArgs } from './generated.ts';
import { mapEvents } from './map-events.ts';

/** Where subscriptions begin; each event is the root of an execution of its own. */
export const subscriptionResolvers = {
  snapshotAdded: {
    subscribe: async (
      _root: unknown,
      { cluster }: SubscriptionSnapshotAddedArgs,
      { podreach, viewer, noteAction }: GraphqlContext,
    ) => {
      noteAction('watch', cluster ?? undefined);
      return mapEvents(
        await podreach.watch(viewer, cluster ? { cluster } : {}),
        (snapshot): { readonly snapshotAdded: SnapshotInfo } => ({ snapshotAdded: snapshot }),
      );
    },
  },
} as const satisfies SubscriptionResolvers;
