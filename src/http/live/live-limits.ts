import { HTTP_LIMITS } from '../http-limits.ts';

/** Limits of what stays open: streams of events and WebSockets. */
export type LiveLimits = Readonly<Record<(typeof LIVE_LIMIT_NAMES)[number], number>>;

const LIVE_LIMIT_NAMES = [
  'eventHeartbeatMs',
  'eventRetryMs',
  'eventStallMs',
  'eventStreamsPerViewerMax',
  'eventStreamsMax',
  'socketsPerViewerMax',
  'socketsMax',
  'socketInitMs',
  'socketSubscriptionsMax',
  'socketMessageBytesMax',
  'socketMessagesPerSecondMax',
  'socketPingMs',
  'socketBufferBytesMax',
  'socketClosingMs',
  'credentialCheckMs',
] as const satisfies readonly (keyof typeof HTTP_LIMITS)[];

/** Those of {@link HTTP_LIMITS}, except what is `set`. */
export function liveLimits(set: Partial<LiveLimits> = {}): LiveLimits {
  const entries = LIVE_LIMIT_NAMES.map((name) => [name, set[name] ?? HTTP_LIMITS[name]]);
  // One entry for each name.
  return Object.fromEntries(entries) as LiveLimits;
}
