import { z } from 'zod';

import { COMPONENTS, LEVELS } from '../../log/log.js';
import { option, section } from '../option.js';
import { file, httpUrl, oneOf, portOrNull, ratio, string, trueOrFalse } from '../value-types.js';

const LEVELS_EXAMPLE = `components (${COMPONENTS.join(', ')}), each with a level (${LEVELS.join(', ')})`;

export const healthSection = section('Liveness, readiness and metrics over HTTP: /healthz, /readyz and /metrics.', {
  bind_host: option(string('an address of this machine'), '127.0.0.1'),
  port: option(portOrNull(), 8089, '0: any free port, which the log names. null: no health checks over HTTP.'),
});

export const metricsSection = section(
  `Metrics for Prometheus, at /metrics of the health port. docs/metrics.md lists them. Their labels name queues and
   methods, but no nodes.`,
  {
    enabled: option(trueOrFalse(), true, 'Whether metrics are collected and served.'),
  },
);

export const tracingSection = section(
  `Traces with OpenTelemetry; see docs/tracing.md. The spans of a request belong to the trace of its caller.`,
  {
    enabled: option(trueOrFalse(), false, 'Whether spans are recorded and sent.'),
    endpoint: option(
      httpUrl(),
      'http://127.0.0.1:4318',
      `URL of a collector that accepts OTLP over HTTP; netprov appends /v1/traces. Set headers that the collector
       needs, such as a login, in OpenTelemetry's variable OTEL_EXPORTER_OTLP_HEADERS.`,
    ),
    service_name: option(
      string('the name of this service in traces'),
      'ironic-network-provider',
      'Name of this service in traces.',
    ),
    sample_ratio: option(
      ratio(),
      1,
      `Fraction of traces to record, from 0 to 1, for traces that begin here. For a trace that a caller began, the
       caller's decision applies.`,
    ),
  },
);

export const logSection = section('The log.', {
  level: option(
    oneOf(LEVELS),
    'info',
    `The lowest level that is logged: error, warn, info or debug. SIGHUP reads this option and log.levels again, but
     only from files: values from the environment stay as they were at the start.`,
  ),
  levels: option(
    z.partialRecord(z.enum(COMPONENTS), z.enum(LEVELS, { error: LEVELS_EXAMPLE }), { error: LEVELS_EXAMPLE }),
    {},
    `The level of single components, such as {neutron: debug, rpc: warn}. Components: netprov, worker, rpc, neutron,
     providers, state, api. In the environment, use YAML: NETPROV_LOG_LEVELS='{neutron: debug}'.`,
  ),
  format: option(oneOf(['text', 'json']), 'text', 'text: for people. json: one JSON object per line, for programs.'),
  file: option(
    file(),
    null,
    `The log file of \`netprov worker\` and \`netprov api\`. SIGHUP opens it again, as logrotate needs. null:
     standard error. All other commands always log to standard error.`,
  ),
});
