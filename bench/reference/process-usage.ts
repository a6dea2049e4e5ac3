import { readFileSync, readdirSync } from 'node:fs';

/** What a process and its children used. */
export interface Usage {
  readonly cpuMs: number;
  /** Peaks of all processes together, in bytes. */
  readonly peakBytes: number;
}

/** Clock ticks of a second in `/proc`, on every Linux there is. */
const TICKS_PER_SECOND = 100;

/**
 * What this process and its living children have used, and children that ended their CPU time; on
 * systems without `/proc`, what this process has used alone.
 */
export function usageOfTree(): Usage {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const own = { cpuMs: (userCPUTime + systemCPUTime) / 1000, peakBytes: maxRSS * 1024 };
  const ended = endedChildrenMs('self') ?? 0;
  const children = descendants('self').map(usageOf);
  return {
    cpuMs: children.reduce((sum, { cpuMs }) => sum + cpuMs, own.cpuMs + ended),
    peakBytes: children.reduce((sum, { peakBytes }) => sum + peakBytes, own.peakBytes),
  };
}

function usageOf(pid: string): Usage {
  const ticks = statFields(pid)?.slice(11, 15).map(Number) ?? [];
  const cpuMs = (ticks.reduce((sum, each) => sum + each, 0) * 1000) / TICKS_PER_SECOND;
  const peak = /^VmHWM:\s+(\d+) kB/m.exec(read(`/proc/${pid}/status`) ?? '')?.[1];
  return { cpuMs, peakBytes: Number(peak ?? 0) * 1024 };
}

function endedChildrenMs(pid: string): number | undefined {
  const fields = statFields(pid);
  if (fields === undefined) return undefined;
  return ((Number(fields[13]) + Number(fields[14])) * 1000) / TICKS_PER_SECOND;
}

/** The fields of `stat` after the name of the command, which may hold blanks. */
function statFields(pid: string): readonly string[] | undefined {
  const stat = read(`/proc/${pid}/stat`);
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function descendants(pid: string): readonly string[] {
  let tasks: readonly string[] = [];
  try {
    tasks = readdirSync(`/proc/${pid}/task`);
  } catch {
    // No `/proc` here, or the process has ended.
  }
  const children = tasks.flatMap((task) =>
    (read(`/proc/${pid}/task/${task}/children`) ?? '').split(' ').filter((each) => each !== ''),
  );
  return [...children, ...children.flatMap(descendants)];
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
