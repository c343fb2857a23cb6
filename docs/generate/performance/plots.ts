import * as vega from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';

import type { AllReport, Reports } from '../../../bench/all/all.js';
import { CONTESTANTS as CALLED, TITLES as CALLED_TITLES } from '../../../bench/calls/contestants.js';
import { type Spender, SPENDERS } from '../../../bench/processes/processor-times.js';

/** The report that the page shows, and one from before a change, if there is one. */
export interface Measured {
  now: AllReport;
  before: AllReport | null;
}

type Row = Record<string, string | number>;

const SPENDER_TITLES: Record<Spender, string> = { own: 'the server itself', rabbitmq: 'RabbitMQ', mariadb: 'MariaDB' };
const WIDTH = 520;

/** The plots of docs/performance/, as SVG by file name. Those whose benchmark is not in the report are left out. */
export async function plots(measured: Measured): Promise<Record<string, string>> {
  const { drain, calls, scale, neutron } = measured.now.reports;
  const specs: Record<string, TopLevelSpec> = {
    ...(drain && { 'drain-rate.svg': rates(measured), 'drain-processor.svg': processorTimes(measured) }),
    ...(calls && { 'calls.svg': latencies(calls) }),
    ...(scale && {
      'scale-database.svg': growth(
        scale.fullness.map((point) => [point.operations, point]),
        'finished operations in the database (with a tenth as many nodes)',
      ),
      'scale-backlog.svg': growth(
        scale.backlog.map((point) => [point.backlog, point]),
        'casts in the backlog',
      ),
      'scale-memory.svg': memory(scale),
      'scale-hosts.svg': growth(
        scale.hosts.map((point) => [point.hosts, point]),
        'conductor hosts, each with a worker',
      ),
    }),
    ...(neutron && { 'neutron.svg': moves(neutron) }),
  };
  const made = Object.entries(specs).map(async ([name, spec]) => [name, await svg(spec)] as const);
  return Object.fromEntries(await Promise.all(made));
}

async function svg(spec: TopLevelSpec): Promise<string> {
  const config = { background: 'white', font: 'sans-serif', axis: { labelLimit: 400 } };
  const view = new vega.View(vega.parse(compile({ ...spec, config }).spec), { renderer: 'none' });
  return `${await view.toSVG()}\n`;
}

/** The reports of one benchmark, with what they are called in a plot. */
function series({ now, before }: Measured): [name: string, reports: Partial<Reports>][] {
  return before === null
    ? [['measured', now.reports]]
    : [
        ['before', before.reports],
        ['now', now.reports],
      ];
}

/** Casts per second of each contestant. */
function rates(measured: Measured): TopLevelSpec {
  const values = series(measured).flatMap(([when, { drain }]) =>
    (drain?.contestants ?? []).map(({ title, casts_per_second }): Row => ({
      title,
      when,
      rate: casts_per_second.median,
    })),
  );
  return {
    width: WIDTH,
    data: { values },
    mark: 'bar',
    encoding: {
      y: { field: 'title', type: 'nominal', sort: null, title: null },
      yOffset: { field: 'when', type: 'nominal', sort: null },
      x: { field: 'rate', type: 'quantitative', title: 'casts per second, median' },
      color: { field: 'when', type: 'nominal', sort: null, title: null },
    },
  };
}

/** Microseconds of processor time for each cast, by who spends them. */
function processorTimes(measured: Measured): TopLevelSpec {
  const values = series(measured).flatMap(([when, { drain }]) =>
    (drain?.contestants ?? []).flatMap(({ title, processor_us }) =>
      SPENDERS.map((name): Row => ({ title, when, spender: SPENDER_TITLES[name], spent: processor_us[name] })),
    ),
  );
  return {
    data: { values },
    facet: { row: { field: 'when', type: 'nominal', sort: null, title: null } },
    spec: {
      width: WIDTH,
      mark: 'bar',
      encoding: {
        y: { field: 'title', type: 'nominal', sort: null, title: null },
        x: { field: 'spent', type: 'quantitative', title: 'microseconds of processor time for each cast' },
        color: { field: 'spender', type: 'nominal', sort: Object.values(SPENDER_TITLES), title: null },
      },
    },
  };
}

/** Round trips of calls. */
function latencies({ results }: Reports['calls']): TopLevelSpec {
  const values = results.flatMap(({ in_flight, latency }) =>
    CALLED.flatMap((name): Row[] => {
      const callers = in_flight === 1 ? 'one caller' : `${in_flight} callers at once`;
      const { p50_ms, p99_ms } = latency[name];
      return [
        { server: CALLED_TITLES[name], callers, part: 'p50', latency: p50_ms },
        { server: CALLED_TITLES[name], callers, part: 'p99', latency: p99_ms },
      ];
    }),
  );
  return {
    data: { values },
    facet: { row: { field: 'callers', type: 'nominal', sort: null, title: null } },
    spec: {
      width: WIDTH,
      mark: 'bar',
      encoding: {
        y: { field: 'server', type: 'nominal', sort: null, title: null },
        yOffset: { field: 'part', type: 'nominal' },
        x: { field: 'latency', type: 'quantitative', title: 'milliseconds' },
        color: { field: 'part', type: 'nominal', title: null },
      },
    },
    resolve: { scale: { x: 'independent' } },
  };
}

type ScalePoint = Reports['scale']['fullness' | 'backlog' | 'hosts'][number];

/** Processor time for each cast against a size. */
function growth(points: readonly (readonly [size: number, ScalePoint])[], title: string): TopLevelSpec {
  const values = points.flatMap(([size, { processor_us }]) =>
    SPENDERS.map((name): Row => ({ size, spender: SPENDER_TITLES[name], spent: processor_us[name] })),
  );
  return {
    width: WIDTH,
    data: { values },
    mark: { type: 'line', point: true },
    encoding: {
      // Like a logarithm, but it has a place for 0.
      x: { field: 'size', type: 'quantitative', title, scale: { type: 'symlog' }, axis: { values: sizes(points) } },
      y: { field: 'spent', type: 'quantitative', title: 'µs of processor time a cast', scale: { zero: true } },
      color: { field: 'spender', type: 'nominal', sort: Object.values(SPENDER_TITLES), title: null },
    },
  };
}

function sizes(points: readonly (readonly [size: number, unknown])[]): number[] {
  return points.map(([size]) => size);
}

/** The worker's memory against the backlog. */
function memory({ backlog }: Reports['scale']): TopLevelSpec {
  return {
    width: WIDTH,
    data: { values: backlog.map(({ backlog: size, peak_rss_mb }): Row => ({ size, peak: peak_rss_mb })) },
    mark: { type: 'line', point: true },
    encoding: {
      x: { field: 'size', type: 'quantitative', title: 'casts in the backlog', scale: { type: 'log' } },
      y: { field: 'peak', type: 'quantitative', title: 'peak resident set of the worker, MB', scale: { zero: true } },
    },
  };
}

/** Seconds for moving nodes, beside Ironic's own interface. */
function moves({ results }: Reports['neutron']): TopLevelSpec {
  const values = results.flatMap(({ what, api_workers, seconds }): Row[] => {
    const scenario = `${what}, api_workers ${api_workers}`;
    return [
      { scenario, who: 'Ironic', seconds: seconds.ironic.median },
      { scenario, who: 'netprov worker', seconds: seconds.worker.median },
    ];
  });
  return {
    width: WIDTH,
    data: { values },
    mark: 'bar',
    encoding: {
      y: { field: 'scenario', type: 'nominal', sort: null, title: null },
      yOffset: { field: 'who', type: 'nominal' },
      x: { field: 'seconds', type: 'quantitative', title: 'seconds, median', scale: { type: 'symlog' } },
      color: { field: 'who', type: 'nominal', title: null },
    },
  };
}
