/** Levels, the most severe first. */
export const LEVELS = ['error', 'warn', 'info', 'debug'] as const;
export type Level = (typeof LEVELS)[number];

/**
 * The parts of the program that have a level of their own: `netprov`, the process (its start, its stop, this log), and the
 * directories of src/ that log.
 */
export const COMPONENTS = ['netprov', 'worker', 'rpc', 'neutron', 'providers', 'state', 'api'] as const;
export type Component = (typeof COMPONENTS)[number];

/** What is written. */
export interface Levels {
  /** The least severe level that is written. */
  level: Level;
  /** The same of single components; the others have `level`. */
  levels?: Readonly<Partial<Record<Component, Level>>>;
}

/** Whether a line is written. */
export function isWritten({ level, levels }: Levels, component: string, of: string): boolean {
  const least = levels?.[component as Component] ?? level;
  return LEVELS.indexOf(of as Level) <= LEVELS.indexOf(least);
}

/** The least severe level that any component writes. */
export function leastSevere({ level, levels = {} }: Levels): Level {
  const indexes = [level, ...Object.values(levels)].map((one) => LEVELS.indexOf(one));
  return LEVELS[Math.max(...indexes)] ?? level;
}

/** The same with warnings where there is information. */
export function withoutInfo({ level, levels = {} }: Levels): Required<Levels> {
  const quiet = (one: Level): Level => (one === 'info' ? 'warn' : one);
  const own = Object.entries(levels).map(([component, one]) => [component, quiet(one)] as const);
  return { level: quiet(level), levels: Object.fromEntries(own) };
}
