import { Counter, type Registry } from 'prom-client';

import type { RpcConnection } from '../rpc/index.js';
import { gauge } from './registry.js';

/** Tells the state of connections to RabbitMQ, each under its name. */
export function watchConnections(registry: Registry, connections: Readonly<Record<string, RpcConnection>>): void {
  const all = Object.entries(connections);
  const labels = ['connection'] as const;
  gauge(registry, 'netprov_rabbitmq_connected', 'Whether the connection stands.', labels, (connected) => {
    for (const [connection, { state }] of all) connected.set({ connection }, Number(state === 'connected'));
  });
  gauge(registry, 'netprov_rabbitmq_blocked', 'Whether RabbitMQ takes no messages (alarm).', labels, (blocked) => {
    for (const [connection, { isBlocked }] of all) blocked.set({ connection }, Number(isBlocked));
  });
  const made = new Counter({
    name: 'netprov_rabbitmq_connections_total',
    help: 'How often the connection was made.',
    labelNames: labels,
    registers: [registry],
  });
  const lost = new Counter({
    name: 'netprov_rabbitmq_connection_losses_total',
    help: 'How often it was lost.',
    labelNames: labels,
    registers: [registry],
  });
  for (const [connection, events] of all) {
    made.inc({ connection }, 0);
    lost.inc({ connection }, 0);
    events.on('connected', () => {
      made.inc({ connection });
    });
    events.on('lost', () => {
      lost.inc({ connection });
    });
  }
}
