/** How something stands: as it is to be; not as it should be, although all works; something does not work. */
export type Status = 'ok' | 'warning' | 'problem';

/** What a check found. */
export interface Finding {
  /** Subject and check, such as broker.exchange: stays the same when the sentence changes. */
  check: string;
  status: Status;
  /** What was found, in a sentence, with the value. */
  what: string;
  /** What the operator does about it; null where nothing is to be done. */
  remedy: string | null;
}

/** Collects what the checks of a subject find. */
export class Findings {
  readonly all: Finding[] = [];

  /** @param subject such as broker */
  constructor(private readonly subject: string) {}

  ok(check: string, what: string): void {
    this.#add(check, 'ok', what, null);
  }

  warning(check: string, what: string, remedy: string): void {
    this.#add(check, 'warning', what, remedy);
  }

  problem(check: string, what: string, remedy: string): void {
    this.#add(check, 'problem', what, remedy);
  }

  #add(check: string, status: Status, what: string, remedy: string | null): void {
    this.all.push({ check: `${this.subject}.${check}`, status, what, remedy });
  }
}

/** The sentence of an error; Node.js gives an empty one to a connection that failed at several addresses. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(reasonOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
