import { type MethodArguments, NO_ARGUMENTS } from '../contract/arguments.js';
import { IronicError } from '../contract/errors.js';
import type { Operation } from './decode.js';

/** What the method takes beside the task. */
export function argsOf({ subject }: Operation): MethodArguments {
  return subject instanceof IronicError ? NO_ARGUMENTS : subject.args;
}
