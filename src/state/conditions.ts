/** What rows of a list have to be like: conditions in SQL, all of which have to be met, and what goes into their places. */
export class Conditions {
  readonly #conditions: string[] = [];
  readonly values: unknown[] = [];

  /** For WHERE; TRUE where there is none. */
  get where(): string {
    return this.#conditions.join(' AND ') || 'TRUE';
  }

  add(condition: string, ...values: readonly unknown[]): void {
    this.#conditions.push(condition);
    this.values.push(...values);
  }

  /** @param value undefined: any will do. */
  equal(column: string, value: string | undefined): void {
    if (value !== undefined) this.add(`${column} = ?`, value);
  }

  /** @param among undefined: any will do; an empty list: none will. */
  among(column: string, among: readonly string[] | undefined): void {
    if (among === undefined) return;
    if (among.length === 0) this.add('FALSE');
    else this.add(`${column} IN (?)`, among);
  }
}
