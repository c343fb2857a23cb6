/** A time for people: to the second, in UTC. */
export function time(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}
