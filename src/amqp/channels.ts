import type { Channel, ChannelModel } from 'amqplib';

import { within } from '../async/within.js';

/** Milliseconds to wait for the broker to close a channel. */
const CHANNEL_CLOSE_TIMEOUT = 5_000;

/** Runs declarations on a separate channel, because the broker closes the channel when it refuses a declaration. */
export async function onChannel<T>(model: ChannelModel, work: (channel: Channel) => Promise<T>): Promise<T> {
  const channel = await model.createChannel();
  // The declaration's promise rejects with the error. Without this listener, the event would end the process.
  channel.on('error', () => undefined);
  try {
    return await work(channel);
  } finally {
    await closeChannel(channel);
  }
}

/**
 * Closes a channel, whatever state it is in, within a time limit. amqplib's own close never settles when the connection
 * is lost meanwhile, and a broker that hangs never answers.
 */
export async function closeChannel(channel: Channel): Promise<void> {
  const gone = new Promise((resolve) => channel.once('close', resolve));
  const closed = channel.close().catch(() => undefined);
  await within(CHANNEL_CLOSE_TIMEOUT, Promise.race([closed, gone]), () => undefined);
}
