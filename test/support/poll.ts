import { setTimeout as delay } from 'node:timers/promises';

/**
 * Asks every 20 ms until the answer is neither false nor null nor undefined, and returns it. Fails with `what`.
 *
 * @param timeout milliseconds after which it will never be so. It bounds a test that hangs; no test goes by it, since a busy
 * machine may take any time.
 */
export async function until<T>(
  what: string,
  ask: () => T | Promise<T>,
  timeout = 120_000,
): Promise<Exclude<T, false | null | undefined>> {
  const deadline = Date.now() + timeout;
  for (;;) {
    const answer = await ask();
    if (answer !== false && answer !== null && answer !== undefined) {
      return answer as Exclude<T, false | null | undefined>;
    }
    if (Date.now() > deadline) throw new Error(`after ${timeout} ms still not so: ${what}`);
    await delay(20);
  }
}
