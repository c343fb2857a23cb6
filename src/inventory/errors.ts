/** What a refusal is about: wrong input, what does not exist, what is there already or in use, or a node at work. */
export type RefusalKind = 'invalid' | 'not_found' | 'conflict' | 'locked';

/**
 * What an operator asks for cannot be done, and nothing was changed. Thrown by everything in this folder; the message
 * names the field, the value and the remedy.
 */
export class InputRefused extends Error {
  readonly code = 'REFUSED';

  constructor(
    readonly kind: RefusalKind,
    message: string,
  ) {
    super(message);
    this.name = 'InputRefused';
  }
}

/** Most problems that a message names, and most characters of each: what somebody sent has no end. */
const NAMED = 10;
const MAX_PROBLEM = 300;

/** Some problems in a sentence. */
export function listed(problems: readonly string[]): string {
  const named = problems.slice(0, NAMED).map((problem) => problem.slice(0, MAX_PROBLEM));
  return [...named, ...(problems.length > NAMED ? [`and ${problems.length - NAMED} more`] : [])].join('; ');
}

export function notFound(what: 'Node' | 'Port' | 'Portgroup', ident: string): InputRefused {
  return new InputRefused('not_found', `${what} ${ident.slice(0, 80)} could not be found.`);
}
