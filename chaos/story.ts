import type { Violation } from './checks/check.js';
import type { Evidence, LogLine } from './evidence.js';

/** Milliseconds before a node's first cast and after its last one in which faults are of interest. */
const AROUND = 10_000;
/** Maximum number of log lines in the story of one node. */
const MAX_LINES = 400;

interface Event {
  /** Time in milliseconds since the epoch. */
  time: number;
  text: string;
}

/** Everything that is known of a node: the events that concern it, in order of time, and its final state. */
export function storyOf(node: string, evidence: Evidence): string[] {
  const events = [
    ...castEvents(node, evidence),
    ...rowEvents(node, evidence),
    ...logEvents(node, evidence),
    ...faultEvents(node, evidence),
  ];
  events.sort((one, other) => one.time - other.time);
  return [
    `The story of node ${node}:`,
    ...events.map(({ time, text }) => `  ${new Date(time).toISOString()} ${text}`),
    ...leftovers(node, evidence).map((text) => `  in the end: ${text}`),
  ];
}

/**
 * The lines about a violation: what it is, the seed that repeats it, and the node's story unless it was already told.
 */
export function tellViolation({ check, node, detail }: Violation, evidence: Evidence, told: Set<string>): string[] {
  const lines = [`VIOLATION (seed ${evidence.plan.seed}) ${check}: ${node === null ? '' : `node ${node}: `}${detail}`];
  if (node === null || told.has(node)) return lines;
  told.add(node);
  return [...lines, ...storyOf(node, evidence)];
}

function castEvents(node: string, { plan, casts }: Evidence): Event[] {
  return plan.casts
    .filter((cast) => cast.node === node)
    .flatMap(({ requestId, seq, method, args, copies, replay, expected }) => {
      const sent = casts.get(requestId);
      const more = [
        ...(copies > 1 ? [`sent ${copies} times`] : []),
        ...(replay === null ? [] : [`then cast ${replay} once more`]),
        ...((sent?.repeats ?? 0) > 0 ? [`repeated ${sent?.repeats ?? 0} times in all`] : []),
        `to end ${expected.status} ${expected.error ?? ''}`.trimEnd(),
      ];
      const name = `cast ${seq} ${method} ${JSON.stringify(args)} (${requestId})`;
      return [
        ...(sent?.sent == null ? [] : [{ time: sent.sent, text: `${name} is sent: ${more.join(', ')}` }]),
        ...(sent?.confirmed == null ? [] : [{ time: sent.confirmed, text: `cast ${seq} is accepted by RabbitMQ` }]),
      ];
    });
}

function rowEvents(node: string, { operations, written }: Evidence): Event[] {
  const own = new Map(operations.filter((row) => row.node_uuid === node).map((row) => [row.id, row]));
  const rows = [...own.values()].flatMap(({ id, request_id: requestId, method, status, attempts, ...row }) => {
    const text = `row ${id} (${requestId ?? 'no request id'}): ${method} ${status}, ${attempts} attempts`;
    const error = row.last_error === null ? '' : `, ${row.last_error}`;
    return [
      { time: row.started_at.getTime(), text: `started_at of ${text}` },
      ...(row.finished_at === null
        ? []
        : [{ time: row.finished_at.getTime(), text: `finished_at of ${text}${error}` }]),
    ];
  });
  const outcomes = written
    .filter(({ operation_id: id }) => own.has(id))
    .map(({ seq, operation_id: id, written_at: at }) => ({
      time: at.getTime(),
      text: `the database gets outcome ${seq}, of operation ${id}`,
    }));
  return [...rows, ...outcomes];
}

function logEvents(node: string, { logs, operations }: Evidence): Event[] {
  const ids = [node, ...operations.filter((row) => row.node_uuid === node).map(({ id }) => id)];
  const own = logs.filter(({ text }) => ids.some((id) => text.includes(id)));
  return own.slice(0, MAX_LINES).map((line) => ({ time: timeOf(line), text: `${line.worker} logs ${line.text}` }));
}

function timeOf({ text }: LogLine): number {
  const [, time = ''] = /"timestamp":"([^"]+)"/.exec(text) ?? [];
  return Date.parse(time) || 0;
}

function faultEvents(node: string, { plan, casts, faults }: Evidence): Event[] {
  const times = plan.casts
    .filter((cast) => cast.node === node)
    .flatMap(({ requestId }) => casts.get(requestId)?.sent ?? []);
  const [first, last] = [Math.min(...times) - AROUND, Math.max(...times) + AROUND];
  return faults
    .filter((fault) => fault.node === null || fault.node === node)
    .filter(({ began, ended }) => ended > first && began < last)
    .flatMap(({ id, kind, worker, began, ended }) => {
      const name = `fault ${id}, ${kind}${worker === null ? '' : ` of worker-${worker}`}`;
      return [
        { time: began, text: `${name}, begins` },
        { time: ended, text: `${name}, is over` },
      ];
    });
}

function leftovers(node: string, { results, operations, ports, bindings, plan }: Evidence): string[] {
  const ids = new Set(operations.filter((row) => row.node_uuid === node).map(({ id }) => id));
  const macs = new Set(plan.nodes.find(({ uuid }) => uuid === node)?.nics.map(({ address }) => address));
  const own = ports.filter((port) => port['binding:host_id'] === node || macs.has(port.mac_address.toLowerCase()));
  return [
    ...results
      .filter(({ operationId }) => ids.has(operationId))
      .map(({ result }) => `a result was delivered: ${JSON.stringify(result)}`),
    ...bindings.filter((row) => row.node_uuid === node).map((row) => `port_bindings has ${JSON.stringify(row)}`),
    ...own.map((port) => `Neutron has port ${JSON.stringify(port)}`),
  ];
}
