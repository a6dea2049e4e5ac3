import { auditLog, fileSink } from '../access/audit-file.ts';
import type { AuditLog } from '../service/audit.ts';
import { report } from './io.ts';
import type { Io } from './io.ts';

/** The audit log that the setting `audit` names: `off`, `stderr`, or the path of a file. */
export function openAudit(io: Io, audit: string): AuditLog | undefined {
  if (audit === 'off' || audit === '') return undefined;
  const tell = (message: string): void => {
    void report(io, message);
  };
  return auditLog(
    audit === 'stderr'
      ? { write: (lines) => io.stderr.write(lines), report: tell }
      : fileSink(audit, tell),
  );
}
