/**
 * How many characters must be inserted, removed, changed or swapped with their neighbour to turn
 * `a` into `b` (Damerau's distance, each place edited once); undefined when more than `max`.
 *
 * Cost: at most about `a.length` × (2 × max + 1); names that differ from the start cost a few rows.
 */
export function editDistance(a: string, b: string, max: number): number | undefined {
  if (max < Math.abs(a.length - b.length)) return undefined;
  const far = max + 1;
  let beforeLast: number[] = [];
  let nearestBefore = 0;
  let last = Array.from({ length: b.length + 1 }, (_, j) => Math.min(j, far));
  for (let i = 1; i <= a.length; i += 1) {
    const row = new Array<number>(b.length + 1).fill(far);
    row[0] = Math.min(i, far);
    let nearest = row[0];
    // Cells further than `max` from the diagonal cannot come back under it.
    for (let j = Math.max(1, i - max); j <= Math.min(b.length, i + max); j += 1) {
      const same = a[i - 1] === b[j - 1];
      let best = Math.min(
        (last[j - 1] ?? far) + (same ? 0 : 1),
        (last[j] ?? far) + 1,
        (row[j - 1] ?? far) + 1,
      );
      const swapped = 1 < i && 1 < j && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) best = Math.min(best, (beforeLast[j - 2] ?? far) + 1);
      row[j] = Math.min(best, far);
      nearest = Math.min(nearest, best);
    }
    // A swap may still reach back over one row, but never gains on it.
    if (max < nearest && max < nearestBefore) return undefined;
    nearestBefore = nearest;
    [beforeLast, last] = [last, row];
  }
  const distance = last[b.length] ?? far;
  return distance <= max ? distance : undefined;
}
