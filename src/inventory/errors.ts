/** What a refusal is about: wrong input, what does not exist, what is there already or in use, or a node at work. */
export type RefusalKind = 'invalid' | 'not_found' | 'conflict' | 'locked';

/**
 * What an operator asks for cannot be done, and nothing was changed. Thrown by everything in this folder; the message
 * names the field, the value and the remedy.
 */
export class Refused extends Error {
  readonly code = 'REFUSED';

  constructor(
    readonly kind: RefusalKind,
    message: string,
  ) {
    super(message);
    this.name = 'Refused';
  }
}

export function notFound(what: 'Node' | 'Port' | 'Portgroup', ident: string): Refused {
  return new Refused('not_found', `${what} ${ident.slice(0, 80)} could not be found.`);
}
