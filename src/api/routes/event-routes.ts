import { z } from 'zod';

import { within } from '../../async/within.js';
import type { Logger } from '../../log/log.js';
import { type PortEvent, portEvent, type ReadEvents, readPortEvents } from '../../neutron/events.js';
import { accessOf } from '../auth/guard.js';
import { ApiError } from '../http/errors.js';
import { SINCE } from '../http/microversion.js';
import type { ApiServer } from '../http/types.js';

/** Most events in one request. Neutron sends what it collected in two seconds. */
const MAX_EVENTS = 10_000;

/** Milliseconds that RabbitMQ has to confirm the events: the client waits meanwhile. */
const CONFIRM_WITHIN = 5_000;

/** How many bad items an error message names. */
const NAMED = 10;

/** The handler checks each item by itself, not through the schema: one bad item must not lose the others. */
const item = z.unknown().meta({ ...z.toJSONSchema(portEvent, { io: 'input' }), $schema: undefined });
const body = z.strictObject({ events: z.array(item).min(1).max(MAX_EVENTS).describe('Events about ports') });

export interface EventRoutes {
  /** Passes events on to the workers. */
  events: {
    /** Resolves when RabbitMQ has the events. */
    publish(events: readonly PortEvent[]): Promise<void>;
  };
  log: Logger;
}

/**
 * POST /v1/events, for Neutron's notifier. The answers are:
 * - 204: RabbitMQ passed the events on to every connected worker, whether or not a worker waits for such a port.
 *   Repeats are harmless.
 * - 400: some items are wrong; the others were passed on. Neutron logs the message.
 * - 503: RabbitMQ did not confirm the events.
 *
 * Source: Ironic, api/controllers/v1/event.py, which refuses a batch for one wrong item; Neutron, notifiers/ironic.py.
 */
export function eventRoutes(server: ApiServer, { events: workers, log }: EventRoutes): void {
  server.post(
    '/v1/events',
    {
      schema: {
        summary: "Pass Neutron's events on to the workers",
        body,
        response: { 204: z.undefined().describe('All events were passed on') },
      },
      config: { policy: 'baremetal:events:post', since: SINCE.events },
    },
    async (request, reply) => {
      accessOf(request).assert('baremetal:events:post');
      const { events, problems } = readPortEvents(request.body.events);
      if (events.length > 0) await passOn(workers.publish(events), log);
      if (problems.length > 0) {
        log.warn("some of Neutron's events are invalid", { request_id: request.id, dropped: problems.length });
        throw new ApiError(400, describe({ events, problems }));
      }
      return reply.code(204).send();
    },
  );
}

/**
 * Waits until the events are confirmed.
 *
 * @throws ApiError 503 when the broker does not confirm in time
 */
async function passOn(published: Promise<void>, log: Logger): Promise<void> {
  try {
    await within(CONFIRM_WITHIN, published, () => {
      throw new Error(`RabbitMQ did not confirm within ${CONFIRM_WITHIN / 1000} s`);
    });
  } catch (error) {
    log.error("could not pass on Neutron's events", { error });
    throw new ApiError(503, 'The events could not be passed on: RabbitMQ did not confirm them. Try again.', {
      'retry-after': '1',
    });
  }
}

function describe({ events, problems }: ReadEvents): string {
  const named = problems.slice(0, NAMED).map(({ index, problem }) => `events.${index}: ${problem}`);
  const more = problems.length > NAMED ? [`and ${problems.length - NAMED} more`] : [];
  return `Invalid events; ${events.length} others were passed on: ${[...named, ...more].join('; ')}`;
}
