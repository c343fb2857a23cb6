import { NetprovError } from '../errors.js';

/**
 * Why an input is refused: it is wrong, it names something that does not exist, it conflicts with what exists or is in
 * use, or the node has an operation under way.
 */
export type RefusalKind = 'invalid' | 'not_found' | 'conflict' | 'locked';

/**
 * An operator's request cannot be done, and nothing was changed. Everything in this folder throws it. The message names
 * the field, the value and the remedy.
 */
export class InputRefused extends NetprovError {
  readonly code = 'refused';

  constructor(
    readonly kind: RefusalKind,
    message: string,
  ) {
    super(message);
  }
}

/** Most problems in a message, and most characters of each, because input can be of any size. */
const NAMED = 10;
const MAX_PROBLEM = 300;

/** Joins problems into one sentence. */
export function listed(problems: readonly string[]): string {
  const named = problems.slice(0, NAMED).map((problem) => problem.slice(0, MAX_PROBLEM));
  return [...named, ...(problems.length > NAMED ? [`and ${problems.length - NAMED} more`] : [])].join('; ');
}

export function notFound(what: 'Node' | 'Port' | 'Portgroup', ident: string): InputRefused {
  return new InputRefused('not_found', `${what} ${ident.slice(0, 80)} could not be found.`);
}
