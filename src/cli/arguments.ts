import { readFile } from 'node:fs/promises';

import { InvalidArgumentError } from 'commander';

import type { Move, TaskInput } from '../client-request.js';
import { providerNamed } from '../contract/network-interface.js';
import { parseJson } from '../json.js';
import { UsageError } from './exit.js';

/** Parser of an option that is a whole number. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };
}

/** Parser of an option that names a network provider, by our name of it or Ironic's. */
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

/** The node that --task or --node-id says. The file may be as large as a message. @throws UsageError */
export async function readMove({ task, nodeId }: MoveOptions, maxBytes: number): Promise<Move> {
  if (nodeId !== undefined) return { nodeId };
  if (task === undefined) throw new UsageError('give --task FILE (- for standard input) or --node-id UUID');
  // The client checks it, as it does for every caller.
  return { task: (await readJson(task, maxBytes)) as TaskInput };
}

/** The JSON in a file; - for standard input. @throws UsageError that names the file */
export async function readJson(file: string, maxBytes: number): Promise<unknown> {
  const name = file === '-' ? 'standard input' : file;
  const text = await readText(file, name, maxBytes);
  try {
    return parseJson(text);
  } catch (error) {
    throw new UsageError(`${name} is not JSON: ${(error as Error).message}`, { cause: error });
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
    throw new UsageError(`${name} cannot be read: ${(error as Error).message}`, { cause: error });
  }
  return Buffer.concat(chunks).toString('utf8');
}
