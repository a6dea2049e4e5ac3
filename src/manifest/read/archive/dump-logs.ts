import { badInput } from '../report.ts';

const START = '==== START logs for container ';
const END = '==== END logs for container ';
/** What both markers have in common; long, so that looking for it is quick. */
const COMMON = ' logs for container ';
const BEFORE = ['==== START', '==== END'] as const;
/** A marker with the longest names that Kubernetes allows, with room to spare. */
const MARKER_BYTES_MAX = 512;
const LINE_FEED = 0x0a;
const NOTHING = Buffer.alloc(0);

/** Takes the logs out of a text that comes in chunks. */
export interface LogFilter {
  /** What of the text so far is no log. @throws PodreachError `bad-input` for a forged log */
  readonly push: (chunk: Buffer) => Buffer;
  /** The rest. @throws PodreachError `bad-input` when a log does not end */
  readonly end: () => Buffer;
  /** Whether there was a log. */
  readonly found: () => boolean;
}

interface State {
  readonly file: string | undefined;
  readonly countLog: () => void;
  /** The ends of all logs so far. */
  readonly endings: Set<string>;
  /** What may be the beginning of a marker; the next chunk tells. */
  kept: Buffer;
  isLineStart: boolean;
  /** The marker that ends the log we are in. */
  ending: string | undefined;
}

/**
 * Takes the logs out of the text that `kubectl cluster-info dump` prints: they are text that pods
 * wrote, and nothing in them is ever read as an object. Of a log the ends of its lines are left, so
 * that lines keep their numbers.
 *
 * A log could hold the marker of its own end and then objects that somebody made up. So the markers
 * have to pair up: a log that is there twice, an end without a start, or a marker in the middle of a
 * log is refused, which leaves a forger no way to get back in step.
 *
 * @param countLog - called for each log; throws when there are too many
 * @see https://kubernetes.io/docs/reference/kubectl/generated/kubectl_cluster-info/kubectl_cluster-info_dump/
 */
export function filterLogs(file: string | undefined, countLog: () => void): LogFilter {
  const state: State = {
    file,
    countLog,
    endings: new Set(),
    kept: NOTHING,
    isLineStart: true,
    ending: undefined,
  };
  return {
    push: (chunk) =>
      take(state, state.kept.length === 0 ? chunk : Buffer.concat([state.kept, chunk]), false),
    end() {
      const rest = take(state, state.kept, true);
      if (state.ending === undefined) return rest;
      throw badInput(state, undefined, 'the dump ends in the middle of a log: it is cut off');
    },
    found: () => state.endings.size !== 0,
  };
}

function take(state: State, text: Buffer, isLast: boolean): Buffer {
  const out: Buffer[] = [];
  let at = 0;
  for (;;) {
    const found = findMarker(text, at);
    const stop = found === -1 ? (isLast ? text.length : safeEnd(text, at)) : found;
    const before = text.subarray(at, stop);
    if (at < stop) state.isLineStart = text[stop - 1] === LINE_FEED;
    out.push(state.ending === undefined ? before : lineEnds(before));
    const line = found === -1 ? -1 : text.indexOf(LINE_FEED, found);
    const isCut = line === -1 && !isLast && text.length - stop <= MARKER_BYTES_MAX;
    if (found === -1 || isCut) {
      // A copy: the rest of the chunk need not stay.
      state.kept = Buffer.from(text.subarray(stop));
      const [only = NOTHING, ...others] = out;
      return others.length === 0 ? only : Buffer.concat(out);
    }
    at = line === -1 ? text.length : line;
    const marker = text.subarray(found, at);
    if (!mark(state, marker.toString('latin1'))) out.push(marker);
    state.isLineStart = false;
  }
}

/** Whether `text` starts or ends a log; else it is part of a line that is none of a log. */
function mark(state: State, text: string): boolean {
  if (state.ending !== undefined) {
    if (text !== state.ending) throw forged(state);
    state.ending = undefined;
    return true;
  }
  if (!state.isLineStart) {
    // The true end of a log that was ended before, hidden in a line of YAML.
    if (state.endings.has(text)) throw forged(state);
    return false;
  }
  const name = text.slice(START.length);
  const isStart = text.startsWith(START) && /^\S+ of pod \S+\/\S+ ====$/.test(name);
  if (!isStart || state.endings.has(END + name)) throw forged(state);
  state.ending = END + name;
  state.countLog();
  state.endings.add(state.ending);
  return true;
}

/** Where the next marker of either kind starts, wherever in a line; -1 for none. */
function findMarker(text: Buffer, from: number): number {
  for (let at = text.indexOf(COMMON, from); at !== -1; at = text.indexOf(COMMON, at + 1)) {
    for (const before of BEFORE) {
      const start = at - before.length;
      if (from <= start && text.toString('latin1', start, at) === before) return start;
    }
  }
  return -1;
}

/** The end of what can be let go of a text without a marker: behind it one may have begun. */
function safeEnd(text: Buffer, from: number): number {
  const first = Math.max(from, text.length - START.length + 1);
  for (let at = text.indexOf('=', first); at !== -1; at = text.indexOf('=', at + 1)) {
    const tail = text.toString('latin1', at);
    if (START.startsWith(tail) || END.startsWith(tail)) return at;
  }
  return text.length;
}

function lineEnds(text: Buffer): Buffer {
  let lines = 0;
  for (let at = text.indexOf(LINE_FEED); at !== -1; at = text.indexOf(LINE_FEED, at + 1)) {
    lines += 1;
  }
  return Buffer.alloc(lines, LINE_FEED);
}

function forged(state: State): Error {
  return badInput(
    state,
    undefined,
    'a log is there twice or looks like the dump itself, so what is log cannot be told',
    'dump into files: `kubectl cluster-info dump -A --output-directory DIR`, then `-f DIR`',
  );
}
