/**
 * The fast driver: casts with bare amqplib. It reads its orders from the lines of a file, and writes its news to
 * standard output.
 *
 *     CHAOS_TRANSPORT_URL=rabbit://... main.js ORDERS EXCHANGE TOPIC TOKEN BEGIN
 *
 * BEGIN is the start of the orders' times, in milliseconds since the epoch. A cast of a node is sent when RabbitMQ has
 * accepted the one before; an unconfirmed cast is sent again, byte for byte. Meanwhile, casts of other nodes go on.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';

import { parseTransportUrl } from '../../src/amqp/index.js';
import { pause } from '../../src/async/pause.js';
import { letterOf } from './letters.js';
import { Link, type Message } from './link.js';
import type { CastOrder, DriverNews, LetterOrder, Order } from './orders.js';

/** The header that identifies a dead letter that was made on purpose. */
const LETTER_HEADER = 'chaos-letter';

const [file = '', exchange = '', topic = '', token = '', begin = ''] = process.argv.slice(2);
const { hosts, virtualHost } = parseTransportUrl(process.env['CHAOS_TRANSPORT_URL'] ?? '');
const [host] = hosts;
if (host === undefined) throw new Error('CHAOS_TRANSPORT_URL names no host');
const { hostname, port, username, password } = host;
const link = new Link({ hostname, port, username, password, vhost: virtualHost });

function tell(event: DriverNews['event'], id: string): void {
  const news: DriverNews = { event, id, time: Date.now() };
  process.stdout.write(`${JSON.stringify(news)}\n`);
}

/** A message as oslo.messaging's Python client writes it. Source: oslo_messaging/_drivers/common.py, amqpdriver.py. */
function messageOf({ requestId, host: server, method, args }: CastOrder): Message {
  const request = {
    method,
    args,
    version: '1.1',
    _unique_id: randomUUID().replaceAll('-', ''),
    _context_request_id: requestId,
    _context_auth_token: token,
    _context_is_admin: true,
  };
  const body = Buffer.from(JSON.stringify({ 'oslo.version': '2.0', 'oslo.message': JSON.stringify(request) }));
  const properties = { contentType: 'application/json', contentEncoding: 'utf-8', priority: 0 };
  return { exchange, routingKey: `${topic}.${server}`, body, properties };
}

async function until(at: number): Promise<void> {
  const left = Number(begin) + at - Date.now();
  if (left > 0) await pause(left);
}

/** Sends the casts of one node in order. */
async function castAll(orders: CastOrder[]): Promise<void> {
  const messages = orders.map(messageOf);
  for (const [seq, order] of orders.entries()) {
    const { at, requestId, copies, replay } = order;
    await until(at);
    tell('sent', requestId);
    const send = (index: number): Promise<void> => {
      const message = messages[index];
      if (message === undefined) throw new Error(`node ${order.node} has no cast ${index}`);
      return link.publish(message, () => {
        tell('repeated', orders[index]?.requestId ?? '');
      });
    };
    await Promise.all(Array.from({ length: copies }, () => send(seq)));
    tell('confirmed', requestId);
    for (let copy = 1; copy < copies; copy++) tell('repeated', requestId);
    if (replay === null) continue;
    await send(replay);
    tell('replayed', orders[replay]?.requestId ?? '');
  }
}

async function sendLetter({ id, at, host: server, letter }: LetterOrder): Promise<void> {
  await until(at);
  const { contentType, body } = letterOf(letter, id);
  const properties = { contentType, headers: { [LETTER_HEADER]: id } };
  await link.publish({ exchange, routingKey: `${topic}.${server}`, body, properties }, () => {
    tell('repeated', id);
  });
  tell('confirmed', id);
}

const orders = readFileSync(file, 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line) as Order);
const lanes = new Map<string, CastOrder[]>();
for (const order of orders.filter(({ kind }) => kind === 'cast') as CastOrder[]) {
  const lane = lanes.get(order.node) ?? [];
  lanes.set(order.node, lane);
  lane.push(order);
}
const letters = orders.filter((order) => order.kind === 'letter');
await Promise.all([...[...lanes.values()].map(castAll), ...letters.map(sendLetter)]);
await link.close();
