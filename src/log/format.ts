import winston from 'winston';

import { maskFields } from './mask.js';

type Format = ReturnType<typeof winston.format.printf>;

/** The component of a line that names none. */
const DEFAULT_COMPONENT = 'netprov';

/** Lets through what is to be written. The levels are asked for with each line: they may change. */
export function onlyWritten(levels: () => Levels): Format {
  return winston.format((info) => {
    const { component = DEFAULT_COMPONENT } = info;
    return isWritten(levels(), component as string, info.level) ? info : false;
  })();
}

/** One JSON object a line: timestamp, level, component, message, and the fields. */
export const jsonLine: Format = winston.format.printf(({ timestamp, level, message, ...rest }) => {
  const { component = DEFAULT_COMPONENT, message: said, ...fields } = maskFields({ message, ...rest });
  return JSON.stringify({ timestamp, level, component, message: said, ...fields });
});

/** A line for people: `<timestamp> <LEVEL> <component>: <message> name=value ...`. */
export const textLine: Format = winston.format.printf(({ timestamp, level, message, ...rest }) => {
  const { component = DEFAULT_COMPONENT, message: said, ...fields } = maskFields({ message, ...rest });
  let line = `${String(timestamp)} ${level.toUpperCase()} ${String(component)}: ${escaped(String(said))}`;
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined && value !== null) line += ` ${escaped(name)}=${shown(value)}`;
  }
  return line;
});

/** Quoted where it could be taken for more than one field. */
function shown(value: unknown): string {
  const text = typeof value === 'string' && !/[\s"=]/.test(value) ? value : JSON.stringify(value);
  return escaped(text);
}

/** Control characters, what Unicode breaks lines with, and what turns the direction of writing. */
const CONTROLS = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu;

function escaped(text: string): string {
  return text.replace(CONTROLS, (control) => {
    const short = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }[control];
    return short ?? `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

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
function isWritten({ level, levels }: Levels, component: string, of: string): boolean {
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
