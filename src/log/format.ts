import winston from 'winston';

import { maskFields } from './mask.js';
import { mayHoldSecret } from './mask-text.js';

type Format = ReturnType<typeof winston.format.printf>;

/** The component of a line that does not name one. */
const DEFAULT_COMPONENT = 'netprov';

/** Drops lines that the levels exclude. It asks for the levels with each line, because they may change. */
export function onlyWritten(levels: () => Levels): Format {
  return winston.format((info) => {
    const { component = DEFAULT_COMPONENT } = info;
    return isWritten(levels(), component as string, info.level) ? info : false;
  })();
}

/** A line that is written together with others of the same level and component. */
export interface LogLine {
  message: string;
  [field: string]: string | number | null;
}

/** The key under which one record of winston holds many lines. */
export const LINES = Symbol('lines');

/** One JSON object per line: timestamp, level, component, message, and the fields. */
export const jsonLine: Format = lineFormat(({ timestamp, level, component, message, ...fields }) =>
  JSON.stringify({ timestamp, level, component, message, ...fields }),
);

/** A line for people: `<timestamp> <LEVEL> <component>: <message> name=value ...`. */
export const textLine: Format = lineFormat(({ timestamp, level, component, message, ...fields }) => {
  let line = `${String(timestamp)} ${String(level).toUpperCase()} ${String(component)}: ${escaped(String(message))}`;
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined && value !== null) line += ` ${escaped(name)}=${shown(value)}`;
  }
  return line;
});

/** Makes a format that masks the fields of a line and then writes them, for one line or for many. */
function lineFormat(write: (fields: Record<string, unknown>) => string): Format {
  const masked = ({ timestamp, level, message, ...rest }: Record<string, unknown>): string => {
    // The message comes first: what comes after the limits of a line is cut.
    const { component = DEFAULT_COMPONENT, ...fields } = maskFields({ message, ...rest });
    return write({ timestamp, level, component, ...fields });
  };
  return winston.format.printf((info) => {
    const lines = info[LINES] as readonly LogLine[] | undefined;
    if (lines === undefined) return masked(info);
    const { timestamp, level, component = DEFAULT_COMPONENT } = info;
    const text = lines.map((line) => write({ timestamp, level, component, ...line })).join('\n');
    if (!mayHoldSecret(text)) return text;
    return lines.map((line) => masked({ timestamp, level, component, ...line })).join('\n');
  });
}

/** A field's value. It is quoted if it could be mistaken for more than one field. */
function shown(value: unknown): string {
  const text = typeof value === 'string' && !/[\s"=]/.test(value) ? value : JSON.stringify(value);
  return escaped(text);
}

/** Control characters, Unicode's line and paragraph separators, and characters that change the direction of writing. */
const CONTROLS = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu;

function escaped(text: string): string {
  return text.replace(CONTROLS, (control) => {
    const short = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }[control];
    return short ?? `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** Log levels, the most severe first. */
export const LEVELS = ['error', 'warn', 'info', 'debug'] as const;
export type Level = (typeof LEVELS)[number];

/**
 * The parts of the program that can have their own level: `netprov` is the process (its start, its stop, this log); the
 * others are the directories of src/ that log.
 */
export const COMPONENTS = ['netprov', 'worker', 'rpc', 'neutron', 'providers', 'state', 'api'] as const;
export type Component = (typeof COMPONENTS)[number];

/** Which lines are written. */
export interface Levels {
  /** The least severe level that is written. */
  level: Level;
  /** The least severe level of single components. All other components have `level`. */
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

/** The same levels, but with `warn` in place of `info`. */
export function withoutInfo({ level, levels = {} }: Levels): Required<Levels> {
  const quiet = (one: Level): Level => (one === 'info' ? 'warn' : one);
  const own = Object.entries(levels).map(([component, one]) => [component, quiet(one)] as const);
  return { level: quiet(level), levels: Object.fromEntries(own) };
}
