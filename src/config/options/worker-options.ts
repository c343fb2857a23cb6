import { option, section } from '../option.js';
import { duration, integer, trueOrFalse } from '../value-types.js';

export const workerSection = section('How a worker runs operations.', {
  shutdown_timeout: option(
    duration(0, 3600),
    60,
    `Seconds that running operations have to finish when the worker stops. Unfinished messages stay in the queue.`,
  ),
  lease: option(
    duration(0.3, 60),
    1.5,
    `Length of a worker's lease on a conductor host, in seconds. The worker confirms the lease in the database three
     times within this time, and stops to act for the host when it cannot. After a worker that stopped without
     releasing its leases, the next worker waits for the length of that worker's lease or of its own, whichever is
     longer.`,
  ),
  poison: section(
    `Messages that crash the worker. A message is suspected after suspect_after crashes of workers that were running
     it; then a worker runs it alone. After tries_alone crashes while it ran alone, its operation fails and the
     message becomes a dead letter. Messages that a crashed worker had fetched but not begun are not counted.`,
    {
      suspect_after: option(integer(1, 1000, 'deaths'), 3),
      tries_alone: option(integer(1, 1000, 'deaths'), 5),
    },
  ),
  late_window: option(
    duration(1, 86_400),
    120,
    `Seconds during which a request to Neutron that got no answer may still take effect. The worker checks the node
     for effects of such requests during this time and once after it, and repairs the node's ports.`,
  ),
  max_operations: option(
    integer(1, 100_000, 'operations'),
    100,
    `Maximum number of operations that the network providers run at once. Further operations wait in the worker.`,
  ),
  group_size: option(integer(1, 10_000, 'operations'), 200, 'Maximum number of operations in one transaction.'),
  retry: section(
    `Retries after a transient fault, such as a timeout of Neutron: the maximum number of attempts; the first pause
     and the longest pause, in seconds (the pause doubles each time); and the time limit for all attempts, in
     seconds.`,
    {
      max_attempts: option(integer(1, 1000), 8),
      initial_delay: option(duration(0.01, 3600), 0.5),
      max_delay: option(duration(0.01, 3600), 30),
      deadline: option(duration(1, 86_400), 300),
    },
  ),
});

export const journalSection = section(
  `The journal: a RabbitMQ stream, <topic>.journal, with a copy of every request in the worker's queues. \`netprov
   replay\` reads it. A worker or \`netprov topology declare\` declares it. An existing journal keeps its limits.`,
  {
    enabled: option(
      trueOrFalse(),
      true,
      'Whether there is a journal. false: requests are kept only until they are done, and cannot be replayed.',
    ),
    max_age: option(
      integer(60, 31_536_000, 'seconds'),
      604_800,
      `Seconds for which a request is kept and can be replayed (default: 7 days). RabbitMQ removes whole segments of
       the stream, and a segment has a hundredth of max_bytes. Requests may therefore stay longer; replaying such a
       request needs --force.`,
    ),
    max_bytes: option(
      integer(1_000_000, 1_000_000_000_000_000, 'bytes'),
      5_000_000_000,
      `Approximate maximum size of the journal on each broker that stores it, in bytes. Beyond it, RabbitMQ removes
       the oldest requests, even if they are younger than max_age.`,
    ),
  },
);

export const reconcileSection = section(
  `The worker compares the records of its conductor hosts' nodes with Neutron and warns of differences, as
   \`netprov reconcile --host\` does.`,
  {
    interval: option(integer(0, 2_592_000, 'seconds'), 0, 'Seconds between two comparisons. 0: no comparisons.'),
    fix: option(
      trueOrFalse(),
      false,
      `Whether the worker repairs differences. To repair a node, it casts \`reconcile\` to the queue of the node's
       conductor host.`,
    ),
  },
);
