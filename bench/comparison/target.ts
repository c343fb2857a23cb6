/** A number that a benchmark measures, and the limit that it should keep. */
export interface Target {
  /** Name of the measured value. */
  measure: string;
  /** Name of the value that it is divided by. Null: the measured value is not a ratio. */
  beside: string | null;
  /** null if this run could not show it. */
  measured: number | null;
  /** Unit of the measured value; null for a ratio or a count. */
  unit: 'MB' | 's' | null;
  bound: 'at least' | 'at most';
  limit: number;
  /** null if this run could not show it. */
  met: boolean | null;
  /** Why the run could not show it, or what goes with the number. */
  note: string | null;
}

type Optional = Partial<Pick<Target, 'unit' | 'note'>>;

/** The measured value must be at least this. */
export function atLeast(
  limit: number,
  measure: string,
  beside: string | null,
  measured: number | null,
  { unit = null, note = null }: Optional = {},
): Target {
  const met = measured === null ? null : measured >= limit;
  return { measure, beside, measured, unit, bound: 'at least', limit, met, note };
}

/** The measured value must be at most this. */
export function atMost(
  limit: number,
  measure: string,
  beside: string | null,
  measured: number | null,
  { unit = null, note = null }: Optional = {},
): Target {
  const met = measured === null ? null : measured <= limit;
  return { measure, beside, measured, unit, bound: 'at most', limit, met, note };
}

/** One word for people: met, MISSED or not measured. */
export function verdict({ met }: Target): string {
  if (met === null) return 'not measured';
  return met ? 'met' : 'MISSED';
}
