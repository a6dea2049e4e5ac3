import type { SnapshotId } from '../../model/snapshot.ts';
import type { ErrorMessage } from './error-message.ts';

/** Asks for the index of a snapshot. */
export interface CompileRequest {
  readonly number: number;
  readonly id: SnapshotId;
}

/** The answer to the request of that number. */
export interface CompileReply {
  readonly number: number;
  /** Absent: the engine cannot save this index, and whoever wants it has to compile it. */
  readonly index?: SharedArrayBuffer;
  readonly error?: ErrorMessage;
}
