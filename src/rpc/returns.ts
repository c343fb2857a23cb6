/**
 * How often a message came back to its quorum queue, by whatever way: returned, or with the channel of its consumer. 0 in a
 * classic queue, which does not count.
 *
 * Up to RabbitMQ 4.2, x-delivery-count says it. From 4.3 on that leaves out what basic.nack returned, which does not count
 * towards the delivery limit any more, and x-acquired-count says it. Seen with 3.10, 4.0 and 4.3.
 */
export function timesReturned(headers: Readonly<Record<string, unknown>>): number {
  const count = headers['x-acquired-count'] ?? headers['x-delivery-count'];
  return typeof count === 'number' ? count : 0;
}
