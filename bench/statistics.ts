/** The middle of the figures, between the least and the most of them. */
export type Spread = { median: number; least: number; most: number };

const ascending = (figures: readonly number[]) => figures.toSorted((a, b) => a - b);

/** The value that this part of the figures does not exceed (nearest rank); 0 of none. */
export function percentile(figures: readonly number[], part: number): number {
  return percentileOfSorted(ascending(figures), part);
}

/** The same of figures that are sorted already. */
export function percentileOfSorted(sorted: ArrayLike<number>, part: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? 0;
}

/** Of an even number of figures the median is the mean of the two in the middle; 0 of none. */
export function spreadOf(figures: readonly number[]): Spread {
  const sorted = ascending(figures);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  const lower = sorted[sorted.length % 2 === 0 ? middle - 1 : middle] ?? 0;
  return { median: (lower + upper) / 2, least: sorted[0] ?? 0, most: sorted.at(-1) ?? 0 };
}

/** What each figure is of the one that was taken beside it: runs of one moment share its noise. */
export function ratios(figures: readonly number[], beside: readonly number[]): Spread {
  return spreadOf(figures.map((figure, index) => figure / (beside[index] ?? Number.NaN)));
}
