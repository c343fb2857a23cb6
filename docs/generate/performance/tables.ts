import { type AllReport, BENCHES, type Reports } from '../../../bench/all/all.js';
import { CONTESTANTS as API_SERVERS } from '../../../bench/api/contestant.js';
import { CONTESTANTS as CALLED, TITLES as CALLED_TITLES } from '../../../bench/calls/contestants.js';
import { rangeText, targetCells, whole } from '../../../bench/comparison/output.js';
import { frameCells, memoryText, periodCells } from '../../../bench/console/report.js';
import { CONTESTANTS as WAITING } from '../../../bench/events/scenarios.js';
import { ironicCells } from '../../../bench/ironic/report.js';
import { MOVERS } from '../../../bench/ironic/steps.js';
import { SPENDERS } from '../../../bench/processes/processor-times.js';
import { takeoverCells } from '../../../bench/scale/takeover.js';
import type { Measured } from './plots.js';

/** A table in Markdown, whose first row is its head. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rule = head.map((_, index) => (index === 0 ? '---' : '---:'));
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}

/** The parts of docs/performance.md that are made from reports, by their names in the page. */
export function sections({ now, before }: Measured): Record<string, string> {
  const { drain, calls, scale, events, neutron, ironic, api, console: board } = now.reports;
  const earlier = before?.reports.drain;
  return {
    targets: targets(now),
    ...(drain && { drain: [drainTable(drain), ...(earlier ? ['Before:', drainTable(earlier)] : [])].join('\n\n') }),
    ...(calls && { calls: callsTable(calls) }),
    ...(scale && { scale: scaleTables(scale) }),
    ...(events && { events: eventsTable(events) }),
    ...(neutron && { neutron: neutronTable(neutron) }),
    ...(ironic && { ironic: ironicTables(ironic) }),
    ...(api && { api: apiTable(api) }),
    ...(board && { console: consoleTables(board) }),
  };
}

/** Says when, where and how often something was measured. */
function measuredOn({ measured_at, machine, rounds }: Reports[keyof Reports]): string {
  const day = measured_at.slice(0, 10);
  return `Measured on ${day}: ${machine}, ${rounds} ${rounds === 1 ? 'round' : 'rounds'}.`;
}

function targets({ note, reports }: AllReport): string {
  const all = BENCHES.flatMap((bench) => reports[bench]?.targets ?? []);
  const met = all.filter((target) => target.met).length;
  const items = all.map((target) => {
    const [what = '', value = '', limit = '', verdict = ''] = targetCells(target, '; ');
    return `- ${what}: **${value}**, ${verdict} (${limit})`;
  });
  return [`${met} of ${all.length} targets are met.${note === null ? '' : ` ${note}`}`, items.join('\n')].join('\n\n');
}

function drainTable(report: Reports['drain']): string {
  const rows = report.contestants.map((one) => [
    one.title,
    rangeText(one.casts_per_second, 0),
    one.ratio?.toFixed(2) ?? '',
    ...SPENDERS.map((name) => whole(one.processor_us[name])),
    `${whole(one.peak_rss_mb)} MB`,
  ]);
  const head = ['', 'casts/s, min / median / max', 'ratio', 'µs: own', 'RabbitMQ', 'MariaDB', 'peak RSS'];
  return [`${whole(report.casts)} casts. ${measuredOn(report)}`, table(head, rows)].join('\n\n');
}

function callsTable(report: Reports['calls']): string {
  const rows = report.results.flatMap(({ in_flight, latency, ratio }) =>
    CALLED.map((name) => {
      const beside = name === 'worker' ? [] : [ratio[name].p50, ratio[name].p99];
      const ratios = beside.map((value) => value.toFixed(2));
      const { p50_ms, p99_ms } = latency[name];
      return [
        CALLED_TITLES[name],
        `${in_flight}`,
        p50_ms.toFixed(2),
        p99_ms.toFixed(2),
        ratios[0] ?? '',
        ratios[1] ?? '',
      ];
    }),
  );
  const head = ['', 'callers', 'p50, ms', 'p99, ms', 'worker / it, p50', 'worker / it, p99'];
  return [`${whole(report.calls)} calls. ${measuredOn(report)}`, table(head, rows)].join('\n\n');
}

function scaleTables(report: Reports['scale']): string {
  const { fullness, backlog, hosts, start, takeover } = report;
  const spent = (point: (typeof fullness | typeof backlog | typeof hosts)[number]): string[] => [
    rangeText(point.casts_per_second, 0),
    ...SPENDERS.map((name) => whole(point.processor_us[name])),
  ];
  const takeovers = takeoverCells(takeover);
  const heads = ['casts/s, min / median / max', 'µs: worker', 'RabbitMQ', 'MariaDB'];
  return [
    `${whole(report.casts)} casts, except with the backlogs. ${measuredOn(report)}`,
    table(
      ['in the database', ...heads, 'ratio'],
      fullness.map((point) => [
        `${whole(point.nodes)} nodes, ${whole(point.operations)} operations`,
        ...spent(point),
        point.ratio.toFixed(2),
      ]),
    ),
    table(
      ['backlog', ...heads, 'peak RSS'],
      backlog.map((point) => [whole(point.backlog), ...spent(point), `${whole(point.peak_rss_mb)} MB`]),
    ),
    table(
      ['hosts and workers', ...heads, 'ratio'],
      hosts.map((point) => [`${point.hosts}`, ...spent(point), point.ratio.toFixed(2)]),
    ),
    table(
      ['start to the first cast done', 'seconds', 'seconds of processor'],
      start.map((point) => [
        `${whole(point.waiting)} waiting`,
        rangeText(point.seconds, 2),
        rangeText(point.processor_s, 2),
      ]),
    ),
    table(takeovers.head, takeovers.rows),
  ].join('\n\n');
}

function eventsTable(report: Reports['events']): string {
  const rows = report.results.map(({ title, contestants }) => [
    title,
    ...WAITING.flatMap((name) => [contestants[name].seconds.median.toFixed(2), `${contestants[name].looks.median}`]),
  ]);
  const head = ['', 'no events, s', 'looks', 'events, 2: s', 'looks', 'events, 0: s', 'looks'];
  const requests = report.add_requests.map(({ nics, requests: counts }) => [
    `${nics} NICs`,
    ...WAITING.map((name) => `${counts[name]}`),
  ]);
  return [
    measuredOn(report),
    table(head, rows),
    'Requests to Neutron of `add_cleaning_network`:',
    table(['', 'no events', 'events, 2', 'events, 0'], requests),
  ].join('\n\n');
}

function neutronTable(report: Reports['neutron']): string {
  const rows = report.results.flatMap((result) =>
    [result, ...result.methods].map(({ what, seconds, requests, ratio }, index) => [
      index === 0 ? `**${what}; api_workers ${result.api_workers}**` : what,
      seconds.ironic.median.toFixed(2),
      `${requests.ironic.median}`,
      seconds.worker.median.toFixed(2),
      `${requests.worker.median}`,
      ratio.seconds.toFixed(2),
      ratio.requests.toFixed(2),
    ]),
  );
  const head = ['', 'Ironic, s', 'requests', 'worker, s', 'requests', 'ratio: s', 'requests'];
  return [measuredOn(report), table(head, rows)].join('\n\n');
}

function ironicTables(report: Reports['ironic']): string {
  const { life, steps, crowd, differences } = report;
  const rows = [life, ...steps, crowd].map(ironicCells);
  const heads = MOVERS.flatMap((name) => [`${name}, s`, 'requests']);
  const head = ['', ...heads, 'noop', 'ratio', 'above'];
  const fields = differences.map(({ step, field, neutron, netprov }) => [
    step,
    field,
    `\`${neutron}\``,
    `\`${netprov}\``,
  ]);
  const same = 'What Neutron has after each step is the same with both, field by field.';
  const compared = fields.length === 0 ? same : table(['after', 'field', ...MOVERS], fields);
  return [measuredOn(report), table(head, rows), compared].join('\n\n');
}

function apiTable(report: Reports['api']): string {
  const rows = report.results.map(({ title, in_flight, figures, ratio }) => [
    title,
    `${in_flight}`,
    ...API_SERVERS.flatMap((name) => {
      const { median_ms, p95_ms, requests_per_second } = figures[name];
      return [`${median_ms.toFixed(1)} / ${p95_ms.toFixed(1)}`, requests_per_second.toFixed(1)];
    }),
    ratio.toFixed(3),
  ]);
  const head = ['', 'at once', 'Ironic, ms', 'per s', 'netprov, ms', 'per s', 'ratio'];
  const memory = `Peak RSS: ironic-api ${whole(report.peak_rss_mb.ironic)} MB, netprov api ${whole(report.peak_rss_mb.netprov)} MB.`;
  return [`${whole(report.nodes)} nodes. ${measuredOn(report)}`, table(head, rows), memory].join('\n\n');
}

function consoleTables(report: Reports['console']): string {
  const [periods, frames] = [periodCells(report), frameCells(report)];
  return [
    `${whole(report.nodes)} nodes, ${whole(report.moves)} moves a second. ${measuredOn(report)}`,
    table(periods.head, periods.rows),
    table(frames.head, frames.rows),
    memoryText(report),
  ].join('\n\n');
}
