import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

import { METHOD_NAMES } from '../contract/methods.js';
import { type Stage, STAGES, type WorkerMetrics } from '../worker/metrics.js';

/** Upper bounds in seconds. They cover a repeat that is answered from its row, and a switch that takes minutes. */
export const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];

/** Label for a provider that is not configured. A task may contain any name, and each name would create a series. */
const UNKNOWN = 'unknown';

/**
 * Creates the metrics of a worker. Counters with alerts start at 0, so that their first increase is visible.
 *
 * @param providers names of the known providers
 */
export function workerMetrics(registry: Registry, providers: readonly string[]): WorkerMetrics {
  const known = new Set(providers);
  const provider = (name: string): string => (known.has(name) ? name : UNKNOWN);
  return {
    ...messageMetrics(registry),
    ...operationMetrics(registry, provider, [...known, UNKNOWN]),
    ...durationMetrics(registry, provider),
    ...answerMetrics(registry),
  };
}

function messageMetrics(registry: Registry): Pick<WorkerMetrics, 'received' | 'settled' | 'deadLetter' | 'lost'> {
  const received = counter(registry, 'netprov_messages_received_total', 'Messages that the worker took from queues.');
  const redelivered = counter(
    registry,
    'netprov_message_redeliveries_total',
    'Messages that RabbitMQ delivered again.',
  );
  const settled = counter(registry, 'netprov_messages_total', 'Settled messages by outcome.', ['method', 'outcome']);
  const dead = counter(registry, 'netprov_dead_letters_total', 'Messages stored as dead letters.', ['reason']);
  for (const reason of ['retries_exhausted', 'internal_error', 'poison']) dead.inc({ reason }, 0);
  const lost = counter(
    registry,
    'netprov_ownership_losses_total',
    'Queues that another worker took over while this worker held them.',
  );
  return {
    received: (again) => {
      received.inc();
      if (again) redelivered.inc();
    },
    settled: (method, outcome) => {
      settled.inc({ method, outcome });
    },
    deadLetter: (reason) => {
      dead.inc({ reason });
    },
    lost: () => {
      lost.inc();
    },
  };
}

function operationMetrics(
  registry: Registry,
  nameOf: (provider: string) => string,
  providers: readonly string[],
): Pick<WorkerMetrics, 'ended' | 'repeated' | 'retried' | 'held' | 'suspected'> {
  const ended = counter(registry, 'netprov_operations_total', 'Operations by their committed outcome.', [
    'method',
    'provider',
    'outcome',
  ]);
  for (const method of METHOD_NAMES) {
    for (const provider of providers) {
      for (const outcome of ['succeeded', 'failed']) ended.inc({ method, provider, outcome }, 0);
    }
  }
  const repeated = counter(registry, 'netprov_operation_repeats_total', 'Messages answered from a stored outcome.');
  const retried = counter(registry, 'netprov_operation_retries_total', 'Retries after transient faults.', ['provider']);
  for (const provider of providers) retried.inc({ provider }, 0);
  const held = new Gauge({
    name: 'netprov_operations_held',
    help: 'Operations that wait for Neutron to come back, or for the lease on their queue.',
    registers: [registry],
  });
  const suspected = counter(
    registry,
    'netprov_poison_suspects_total',
    'Operations that are tried alone because they crashed workers.',
  );
  return {
    ended: ({ method, network_provider, status: outcome }) => {
      ended.inc({ method, provider: nameOf(network_provider), outcome });
    },
    repeated: () => {
      repeated.inc();
    },
    retried: (provider) => {
      retried.inc({ provider: nameOf(provider) });
    },
    held: (holds) => {
      held.inc(holds ? 1 : -1);
    },
    suspected: () => {
      suspected.inc();
    },
  };
}

function durationMetrics(
  registry: Registry,
  nameOf: (provider: string) => string,
): Pick<WorkerMetrics, 'answered' | 'stage'> {
  const duration = histogram(
    registry,
    'netprov_operation_duration_seconds',
    'Time from the receipt of a message to its answer.',
    ['method', 'provider'],
  );
  const stages = histogram(
    registry,
    'netprov_operation_stage_duration_seconds',
    'Duration of the stages of operations.',
    ['stage'],
  );
  const children = Object.fromEntries(STAGES.map((stage) => [stage, stages.labels(stage)])) as Record<
    Stage,
    Histogram.Internal<'stage'>
  >;
  return {
    answered: ({ method, network_provider }, seconds) => {
      duration.observe({ method, provider: nameOf(network_provider) }, seconds);
    },
    stage: (stage, seconds) => {
      children[stage].observe(seconds);
    },
  };
}

function answerMetrics(registry: Registry): Pick<WorkerMetrics, 'replied' | 'published'> {
  const replies = counter(registry, 'netprov_rpc_replies_total', 'Replies to calls.', ['outcome']);
  for (const outcome of ['sent', 'gone']) replies.inc({ outcome }, 0);
  const results = counter(registry, 'netprov_results_published_total', 'Results of casts that RabbitMQ accepted.', [
    'late',
  ]);
  for (const late of ['false', 'true']) results.inc({ late }, 0);
  return {
    replied: (outcome) => {
      replies.inc({ outcome });
    },
    published: (count, late) => {
      results.inc({ late: String(late) }, count);
    },
  };
}

function counter<L extends string = never>(registry: Registry, name: string, help: string, labelNames: L[] = []) {
  return new Counter<L>({ name, help, labelNames, registers: [registry] });
}

function histogram<L extends string>(registry: Registry, name: string, help: string, labelNames: L[]) {
  return new Histogram<L>({ name, help, labelNames, buckets: SECONDS, registers: [registry] });
}
