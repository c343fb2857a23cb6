interface Reminder {
  /** When it was last asked for, and after how long it is asked for again, in milliseconds. */
  at: number;
  pause: number;
}

/** When to ask again for what was asked for in vain: each time after twice as long as the last. */
export class Reminders {
  readonly #reminders = new Map<string, Reminder>();

  /** @param first milliseconds after which it is asked for the second time. @param most between two times, at most. */
  constructor(
    private readonly first: number,
    private readonly most: number,
  ) {}

  /** Whether it is time to ask for it, at `now` as performance.now() says. If so, it counts as asked for. */
  due(key: string, now: number): boolean {
    const { at, pause } = this.#reminders.get(key) ?? { at: -Infinity, pause: this.first / 2 };
    if (now - at < pause) return false;
    this.#reminders.set(key, { at: now, pause: Math.min(2 * pause, this.most) });
    return true;
  }

  /** Forgets what nobody has wanted to ask for since it was time to: it was answered. */
  forget(now: number): void {
    for (const [key, { at, pause }] of this.#reminders) if (now - at > 2 * pause) this.#reminders.delete(key);
  }
}
