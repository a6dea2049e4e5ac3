import type { AnswerKind, Renderer } from './answer-kind.ts';
import { effectiveListText } from './text/effective-text.ts';
import { exposureListText } from './text/exposure-text.ts';
import { PLAIN } from './text/layout.ts';
import type { Look } from './text/layout.ts';
import {
  isolationListText,
  policyListText,
  reachListText,
  resolutionText,
} from './text/list-text.ts';
import { pathText, pathsText } from './text/path-text.ts';
import { clusterListText, snapshotListText, snapshotText } from './text/snapshot-text.ts';
import { wayListText } from './text/way-text.ts';
import type { Json } from './wire.ts';

/** Without a terminal to ask. */
const PLAIN_LOOK: Look = { paint: PLAIN, width: 100 };

const WRITERS: Readonly<Record<AnswerKind, (answer: Json, look: Look) => string[]>> = {
  path: pathText,
  paths: pathsText,
  'reach-list': reachListText,
  'isolation-list': isolationListText,
  'exposure-list': exposureListText,
  'effective-list': effectiveListText,
  'policy-list': policyListText,
  'way-list': wayListText,
  resolution: resolutionText,
  snapshot: snapshotText,
  'snapshot-list': snapshotListText,
  'cluster-list': clusterListText,
};

/** Text for people: the verdict first, then why. Not stable; programs read one of the others. */
export const text: Renderer = {
  mediaType: 'text/plain; charset=utf-8',
  render: (kind, answer) => renderText(kind, answer, PLAIN_LOOK),
};

/** {@link text} with colours and the width of a terminal. */
export function renderText(kind: AnswerKind, answer: Json, look: Look): string {
  return `${WRITERS[kind](answer, look).join('\n')}\n`;
}
