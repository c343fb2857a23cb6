import { heading, rangeText, type ReportHead, reportHead, table, targetTable } from '../comparison/output.js';
import { type ContestantName, CONTESTANTS } from './contestant.js';
import { type Measured, type NeutronResult, resultOf, type Row } from './results.js';
import { neutronTargets } from './targets.js';

export interface NeutronReport extends ReportHead {
  results: NeutronResult[];
}

export function report(rounds: number, measured: readonly Measured[]): NeutronReport {
  const results = measured.flatMap(({ apiWorkers, rounds: all }) =>
    [...new Set(all.map(({ scenario }) => scenario))].map((scenario) => resultOf(scenario, apiWorkers, all)),
  );
  return { ...reportHead('neutron', rounds, neutronTargets(results)), results };
}

const HEADS: Record<ContestantName, string> = { ironic: 'Ironic', worker: 'worker' };

/** Formats the report for people. */
export function render(result: NeutronReport): string {
  const { results } = result;
  const tables = [...new Set(results.map(({ api_workers }) => api_workers))].map((apiWorkers) => [
    `Neutron with api_workers ${apiWorkers}`,
    tableOf(results.filter(({ api_workers }) => api_workers === apiWorkers)),
  ]);
  return [heading('moving nodes', result), ...tables.flat(), targetTable(result.targets)].join('\n');
}

function tableOf(results: readonly NeutronResult[]): string {
  const heads = CONTESTANTS.flatMap((name) => [
    `${HEADS[name]} seconds\nmin / median / max`,
    `${HEADS[name]}\nrequests`,
  ]);
  const rows = results.flatMap((result) => [
    cells(result),
    ...result.methods.map((method) => cells({ ...method, what: `  ${method.what}` })),
  ]);
  return table(['', ...heads, 'worker / Ironic\nseconds', 'worker / Ironic\nrequests'], rows);
}

function cells({ what, seconds, requests, ratio: ratios }: Row): string[] {
  const numbers = CONTESTANTS.flatMap((name) => [rangeText(seconds[name], 2), `${requests[name].median}`]);
  return [what, ...numbers, ratios.seconds.toFixed(2), ratios.requests.toFixed(2)];
}
