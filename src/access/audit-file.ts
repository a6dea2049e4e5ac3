import { appendFile } from 'node:fs/promises';
import type { AuditLog } from '../service/audit.ts';
import { redactCredentials } from './redact.ts';

/** Where lines go. */
export interface AuditSink {
  /** Writes whole lines. Rejects when they could not be written. */
  readonly write: (lines: string) => Promise<void>;
  /** Told once when writing begins to fail, and when it works again. */
  readonly report: (message: string) => void;
}

/** Text that waits to be written, in characters; what comes beyond that is counted, not kept. */
const WAITING_CHARS_MAX = 16 * 1024 * 1024;
/** Before something that could not be written is tried again. */
const RETRY_MS = 1000;

/**
 * A file that lines are added to. It is opened by its name for each batch of lines: who rotates it only
 * has to rename it. It is made when it is missing, for its owner alone.
 */
export function fileSink(path: string, report: AuditSink['report']): AuditSink {
  return { write: (lines) => appendFile(path, lines, { mode: 0o600 }), report };
}

/**
 * The audit log as JSON lines. Requests never wait for it: lines are collected and written together;
 * where that fails, they are kept and tried again, up to a bound, and how many were lost is a line too.
 */
export function auditLog(sink: AuditSink): AuditLog {
  let waiting = '';
  let lost = 0;
  let isFailing = false;
  let isClosed = false;
  let writing: Promise<void> | undefined;
  let wake: (() => void) | undefined;

  const writeOnce = async (): Promise<boolean> => {
    const lines = waiting + (lost === 0 ? '' : `${JSON.stringify({ lost })}\n`);
    const told = lost;
    waiting = '';
    try {
      await sink.write(lines);
      lost -= told;
      if (isFailing) sink.report('the audit log is written again');
      isFailing = false;
      return true;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (!isFailing) sink.report(`the audit log cannot be written: ${reason}`);
      isFailing = true;
      // Before what came meanwhile; the count is made anew.
      const own =
        told === 0 ? lines : lines.slice(0, lines.lastIndexOf('\n', lines.length - 2) + 1);
      waiting = own + waiting;
      return false;
    }
  };
  const writeAll = async (): Promise<void> => {
    while (waiting !== '' || lost !== 0) {
      if (await writeOnce()) continue;
      if (isClosed) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, RETRY_MS);
        wake = (): void => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  };
  const start = (): void => {
    writing ??= writeAll().finally(() => {
      writing = undefined;
      if (waiting !== '' && !isClosed) start();
    });
  };

  return {
    write(entry) {
      if (WAITING_CHARS_MAX < waiting.length) lost += 1;
      else waiting += `${redactCredentials(JSON.stringify(entry))}\n`;
      start();
    },
    async close() {
      isClosed = true;
      wake?.();
      await writing;
    },
  };
}
