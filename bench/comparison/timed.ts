/** How long a number of requests took. */
export interface Timed {
  /** Latency of each request in seconds: from sending it until its whole answer has arrived. */
  latencies: number[];
  /** Seconds from the begin of the first request to the end of the last one. */
  seconds: number;
}

/**
 * Makes a number of requests, with a constant number of them under way.
 *
 * @param request makes the request with this number, counted from 0
 * @param check throws when the answer is wrong; its time does not count as latency
 */
export async function timed<Answer>(
  { count, inFlight }: { count: number; inFlight: number },
  request: (number: number) => Promise<Answer>,
  check: (answer: Answer, number: number) => void,
  signal: AbortSignal,
): Promise<Timed> {
  const latencies: number[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let number = next++; number < count; number = next++) {
      signal.throwIfAborted();
      const begin = performance.now();
      const answer = await request(number);
      latencies.push((performance.now() - begin) / 1000);
      check(answer, number);
    }
  };
  const begin = performance.now();
  await Promise.all(Array.from({ length: inFlight }, work));
  return { latencies, seconds: (performance.now() - begin) / 1000 };
}
