/** The range of the measured values. */
export interface Spread {
  min: number;
  median: number;
  max: number;
}

export function spread(values: readonly number[]): Spread {
  return { min: Math.min(...values), median: median(values), max: Math.max(...values) };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.floor(middle)] ?? NaN) + (sorted[Math.ceil(middle) - 1] ?? NaN)) / 2;
}

/** The smallest of the values that this part (0 to 1) of the values does not exceed. */
export function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * part) - 1] ?? NaN;
}

/**
 * Median over the rounds of the ratio between two amounts of the same round. So whatever else the machine does in a
 * round affects both amounts.
 */
export function ratio<Round>(
  rounds: readonly Round[],
  amount: (round: Round) => number,
  beside: (round: Round) => number,
): number {
  return median(rounds.map((round) => amount(round) / beside(round)));
}
