import { readFile } from 'node:fs/promises';

import { type Command, InvalidArgumentError, Option } from 'commander';

import type { StreamPosition } from '../../amqp/index.js';
import { errorText } from '../../async/error-text.js';
import type { Move, TaskInput } from '../../client/request-input.js';
import { type Config, loadConfig } from '../../config/load.js';
import { uuid } from '../../contract/identifiers.js';
import { METHOD_NAMES } from '../../contract/methods.js';
import { providerNamed } from '../../contract/network-interface.js';
import { parseJson } from '../../json.js';
import { UsageError } from '../../services/errors.js';

/** Creates a parser of an option whose value is a whole number. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };
}

/** Parser of an option that names a network provider: our name or Ironic's. */
export function provider(text: string): string {
  return providerNamed(text);
}

/** Parser of an option in seconds. */
export function seconds(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value > 0 && value <= 86_400) return value;
  throw new InvalidArgumentError('It must be a number of seconds, more than 0 and at most 86400.');
}

export interface MoveOptions {
  task?: string;
  nodeId?: string;
}

/**
 * Reads the node from --task or --node-id. The file may be as large as a message.
 *
 * @throws UsageError
 */
export async function readMove({ task, nodeId }: MoveOptions, maxBytes: number): Promise<Move> {
  if (nodeId !== undefined) return { nodeId };
  if (task === undefined) throw new UsageError('give --task FILE (- for standard input) or --node-id UUID');
  // The client validates it, as for every caller.
  return { task: (await readJsonArgument(task, maxBytes)) as TaskInput };
}

/**
 * Reads JSON from a file; - for standard input.
 *
 * @throws UsageError that names the file
 */
export async function readJsonArgument(file: string, maxBytes: number): Promise<unknown> {
  const name = file === '-' ? 'standard input' : file;
  const text = await readText(file, name, maxBytes);
  try {
    return parseJson(text);
  } catch (error) {
    throw new UsageError(`${name} is not JSON: ${errorText(error)}`, { cause: error });
  }
}

async function readText(file: string, name: string, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    const source = file === '-' ? process.stdin : [await readFile(file)];
    for await (const chunk of source) {
      chunks.push(chunk as Buffer);
      size += (chunk as Buffer).length;
      if (size > maxBytes) throw new Error(`it is larger than rpc.max_message_bytes, ${maxBytes}`);
    }
  } catch (error) {
    throw new UsageError(`${name} cannot be read: ${errorText(error)}`, { cause: error });
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Options that every command has. */
export interface GlobalOptions {
  configDir?: string;
  debug?: boolean;
}

/** Reads the configuration for a command, with the values of its --host options. */
export function configOf(command: Command, host?: readonly string[]): Config {
  const { configDir } = command.optsWithGlobals<GlobalOptions>();
  return loadConfig({ configDir, given: { host } });
}

/** The option for the URL of RabbitMQ's management API. */
export function managementUrlOption(): Option {
  return new Option(
    '--management-url <url>',
    "URL of RabbitMQ's management API, for more checks: http://user:password@host:15672",
  )
    .env('NETPROV_RABBITMQ_MANAGEMENT_URL')
    .argParser(managementUrl);
}

/** Parses the URL. The error does not repeat the value, because it may contain a password. */
function managementUrl(text: string): URL {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return new URL(text);
  throw new InvalidArgumentError('It must be a URL such as http://user:password@rabbit1:15672.');
}

const EXPECTED =
  'It must be an offset such as 1200, a duration such as 90s, 30m, 2h, 7d or 1w, or an ISO 8601 time such as ' +
  '2026-01-31T14:00:00Z.';

/** Parser of an option that is a place in the journal: an offset, a time, or a duration before now. */
export function position(text: string, now = Date.now()): number | Date {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  let time: Date;
  try {
    time = moment(text, now);
  } catch {
    throw new InvalidArgumentError(EXPECTED);
  }
  // RabbitMQ does not accept a time before 1970, and would treat a future time as the end of the journal.
  if (time.getTime() >= 0 && time.getTime() <= now) return time;
  throw new InvalidArgumentError('It must not be in the future or before 1970.');
}

/** Parser of a place in the journal, or the word `first`. */
export function startPosition(text: string): StreamPosition {
  return text === 'first' ? text : position(text);
}

const SECONDS = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 } as const;

// cspell:ignore smhdw
const DURATION = /^(\d{1,6}(?:\.\d{1,3})?)([smhdw])$/;

const ISO = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d))?$/;

/** Parser of an option that is a time: a duration before now, or an ISO 8601 time. */
export function moment(text: string, now = Date.now()): Date {
  const [, number, unit] = DURATION.exec(text) ?? [];
  if (number !== undefined && unit !== undefined) {
    return new Date(now - Number(number) * SECONDS[unit as keyof typeof SECONDS] * 1000);
  }
  const time = ISO.test(text) ? new Date(text) : null;
  if (time !== null && !Number.isNaN(time.getTime())) return time;
  throw new InvalidArgumentError(
    'It must be a duration such as 90s, 30m, 2h, 7d or 1w, or an ISO 8601 time such as 2026-01-31T14:00:00Z.',
  );
}

/** Parser of an option that is a node's UUID. It returns lower case, as in dead letters. */
export function nodeUuid(text: string): string {
  try {
    return uuid(text, 'it');
  } catch (error) {
    throw new InvalidArgumentError(`${errorText(error)}.`);
  }
}

/** Parser of an option that takes UUIDs of nodes. */
export function nodeUuids(text: string, before: string[] | undefined): string[] {
  return [...(before ?? []), nodeUuid(text)];
}

/** Parser of an option that takes names of conductor hosts. */
export function hostNames(text: string, before: string[] | undefined): string[] {
  if (text !== '' && text.length <= 255) return [...(before ?? []), text];
  throw new InvalidArgumentError('It must be the name of a conductor host.');
}

/**
 * Parser of an option that is a method's name. It accepts unknown methods, because they are a common reason for dead
 * letters.
 */
export function anyMethod(text: string): string {
  if (text !== '' && text.length <= 255) return text;
  throw new InvalidArgumentError(`It must be a method's name, such as ${METHOD_NAMES[0] ?? ''}.`);
}
