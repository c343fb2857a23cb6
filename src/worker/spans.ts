import type { Delivery } from '../amqp/index.js';
import type { OperationResult } from '../contract/types.js';
import type { Operation } from '../messages/request.js';
import { traceOf } from '../rpc/index.js';
import { markFailed, type SpanOptions } from '../tracing/tracing.js';

export type Span = Parameters<typeof markFailed>[0];

/**
 * Describes the span of an operation. Its parent is the caller's span, if the message's headers or its context name
 * one. Attributes follow OpenTelemetry's conventions for messaging and RPC; our own attributes begin with `netprov.`.
 */
export function spanOf({ method, start, request }: Operation, delivery: Delivery): SpanOptions {
  return {
    kind: 'consumer',
    parent: traceOf((key) => delivery.headers[key]) ?? request.context.trace ?? null,
    attributes: {
      'messaging.system': 'rabbitmq',
      'messaging.operation.type': 'process',
      'messaging.destination.name': delivery.queue,
      'messaging.message.id': start.id,
      'rpc.method': method,
      'netprov.kind': start.kind,
      ...(start.nodeUuid !== null && { 'netprov.node': start.nodeUuid }),
      ...(start.conductorHost !== null && { 'netprov.host': start.conductorHost }),
      ...(start.requestId !== null && { 'openstack.request_id': start.requestId }),
    },
  };
}

/** Notes on the span how the operation ended. */
export function endOfSpan(span: Span, { status, network_provider, network_type, error }: OperationResult): void {
  span.setAttribute('netprov.outcome', status);
  span.setAttribute('netprov.provider', network_provider);
  if (network_type !== null) span.setAttribute('netprov.network_type', network_type);
  if (error !== null) markFailed(span, Object.assign(new Error(error.message), { name: error.class }));
}
