import { existsSync, readFileSync, readdirSync } from 'node:fs';

/** The processes that `pid` started and that have not ended; none where the system does not tell. */
export function childrenOf(pid: number): readonly number[] {
  const tasks = `/proc/${pid}/task`;
  if (!existsSync(tasks)) return [];
  return readdirSync(tasks).flatMap((thread) =>
    readFileSync(`${tasks}/${thread}/children`, 'utf8')
      .split(' ')
      .filter((text) => text.trim() !== '')
      .map(Number),
  );
}
