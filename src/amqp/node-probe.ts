import { randomUUID } from 'node:crypto';

import { Loop } from '../async/loop.js';
import { within } from '../async/within.js';
import { onChannel } from './channels.js';
import type { Link } from './link.js';

/** How to find out whether the RabbitMQ node of a connection still works with its cluster. */
export interface ProbeOptions {
  /** How the names of the declared queues begin. The user of RabbitMQ needs the permission for them. */
  queue: string;
  /** Milliseconds between two attempts. */
  interval: number;
  /** Milliseconds within which the node has to answer. */
  timeout: number;
}

/**
 * Declares and deletes a queue now and then, and cuts the connection if its node does not answer. Any answer will do, a
 * refusal too.
 *
 * RabbitMQ with its metadata store Khepri, always from 4.3 on, does not pause a node that is cut off from the others. The
 * node keeps its clients, and answers their heartbeats. But it delivers nothing and confirms nothing, and another worker
 * may have the queue. It cannot declare a queue either: that needs most of the nodes.
 *
 * Source: RabbitMQ's guide "Clustering and Network Partitions", and its release notes of 4.3; tried with 4.3.6.
 *
 * @param isExcused whether the node has a reason not to answer now
 * @returns ends the probe
 */
export function probeNode(
  link: Link,
  { queue, interval, timeout }: ProbeOptions,
  isExcused: () => boolean,
): () => void {
  const name = `${queue}_probe_${randomUUID()}`;
  const ask = async (): Promise<void> => {
    const answer = Promise.race([declared(link, name), link.ended.then(() => true)]);
    const answered = await within(timeout, answer, () => false);
    if (answered || isExcused()) return;
    const reason = `its node did not declare a queue within ${timeout / 1000} s; it may be cut off from its cluster`;
    link.cut(new Error(reason));
  };
  const loop = new Loop(ask, { first: interval, interval, onError: () => undefined });
  loop.start();
  return () => {
    void loop.stop();
  };
}

async function declared({ model }: Link, name: string): Promise<boolean> {
  try {
    await onChannel(model, async (channel) => {
      // Exclusive: nobody else sees it, and it goes with the connection.
      await channel.assertQueue(name, { exclusive: true, durable: false });
      await channel.deleteQueue(name);
    });
  } catch {
    // The node refuses, or the connection has ended.
  }
  return true;
}
