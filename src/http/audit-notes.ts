import type { FastifyRequest } from 'fastify';
import type { AuditAction } from '../service/audit.ts';

/** What is learnt about a request while it is answered, for the audit log. */
export interface AuditNotes {
  /** What is done, where the route does not tell. */
  action: AuditAction | undefined;
  /** Name of the question; undefined: the route. */
  question: string | undefined;
  /** Its arguments; undefined: the parameters of the request. */
  args: object | undefined;
  /** Code of the first error; undefined while there is none. */
  outcome: string | undefined;
  readonly clusters: Set<string>;
  readonly snapshots: Set<string>;
  /** Writes the entry, once: when a request was answered, or when what stays open has begun. */
  readonly tell: () => void;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Null where nobody keeps an audit log. */
    auditNotes: AuditNotes | null;
  }
}

/** No notes yet. */
export function emptyNotes(tell: () => void = () => undefined): AuditNotes {
  return {
    action: undefined,
    question: undefined,
    args: undefined,
    outcome: undefined,
    clusters: new Set(),
    snapshots: new Set(),
    tell,
  };
}

type Noted = Pick<FastifyRequest, 'auditNotes'>;

/** Notes what is asked. */
export function noteQuestion({ auditNotes }: Noted, question: string, args: object): void {
  if (auditNotes === null) return;
  auditNotes.question = question;
  auditNotes.args = args;
}

/** Notes the snapshot that an answer is about. */
export function noteSnapshot(
  { auditNotes }: Noted,
  { id, cluster }: { readonly id: string; readonly cluster: string },
): void {
  auditNotes?.snapshots.add(id);
  auditNotes?.clusters.add(cluster);
}

/** Notes what is done other than asking, and to which cluster, where that is known. */
export function noteAction({ auditNotes }: Noted, action: AuditAction, cluster?: string): void {
  if (auditNotes === null) return;
  auditNotes.action = action;
  if (cluster !== undefined) auditNotes.clusters.add(cluster);
}

/** Notes the code of an error; the first one counts. */
export function noteOutcome({ auditNotes }: Noted, code: string): void {
  if (auditNotes !== null) auditNotes.outcome ??= code;
}
