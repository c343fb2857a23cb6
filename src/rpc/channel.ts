import type { Channel, ChannelModel } from 'amqplib';
import { atMost } from './wait.js';

const CLOSE_TIMEOUT = 5_000;

/** Runs declarations on a channel of their own: the broker answers a refused one by closing the channel. */
export async function onChannel<T>(model: ChannelModel, work: (channel: Channel) => Promise<T>): Promise<T> {
  const channel = await model.createChannel();
  // The rejected declaration carries the error; the event only must not go unheard.
  channel.on('error', () => undefined);
  try {
    return await work(channel);
  } finally {
    await closeChannel(channel);
  }
}

/**
 * Closes a channel, whatever state it is in. amqplib's own close never settles when the connection goes meanwhile, and
 * a broker that hangs never answers.
 */
export async function closeChannel(channel: Channel): Promise<void> {
  const gone = new Promise((resolve) => channel.once('close', resolve));
  await atMost(CLOSE_TIMEOUT, Promise.race([channel.close().catch(() => undefined), gone]));
}
