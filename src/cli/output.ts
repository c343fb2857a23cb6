import Table from 'cli-table3';

import { resultToJson } from '../contract/result.js';
import type { OperationResult } from '../contract/types.js';

/** Writes one answer to standard output: for programs, or for people. */
export function print(answer: object | string): void {
  process.stdout.write(`${typeof answer === 'string' ? answer : JSON.stringify(answer)}\n`);
}

/** A table without colours, for terminals and files alike. */
export function table(head: string[], rows: readonly (readonly string[])[]): string {
  const drawn = new Table({ head, style: { head: [], border: [], compact: true } });
  for (const row of rows) drawn.push(row.map(printable));
  return drawn.toString();
}

/** One result: a JSON object on one line, or what a person wants to know of it. */
export function printResult(result: OperationResult, json: boolean): void {
  print(json ? resultToJson(result) : describeResult(result));
}

export function describeResult(result: OperationResult): string {
  const { operation_id, node_uuid, method, network_provider, status, error, failures, warnings } = result;
  const by = network_provider === '' ? '' : `, provider ${network_provider}`;
  const lines = [
    `${method} ${status}: node ${node_uuid}${by}, operation ${operation_id}`,
    ...(error ? [`${error.class}: ${error.message}`] : []),
    ...failures.map((failure) => `${nicOf(failure)} failed: ${failure.reason}`),
    ...warnings.map((warning) => `${nicOf(warning)} warning: ${warning.reason}`),
  ];
  return [...lines.map(printable), ...answersOf(result), ...bindingTable(result.bindings)].join('\n');
}

/** What only some methods answer with. */
function answersOf({ vifs, current_vif, need_power_on, network_data, findings }: OperationResult): string[] {
  return [
    ...(vifs === undefined ? [] : [vifTable(vifs)]),
    ...(current_vif === undefined ? [] : [printable(`current VIF: ${current_vif ?? 'none'}`)]),
    ...(need_power_on === undefined ? [] : [`must be powered on: ${need_power_on ? 'yes' : 'no'}`]),
    ...(network_data === undefined ? [] : JSON.stringify(network_data, null, 2).split('\n').map(printable)),
    ...(findings === undefined ? [] : findingLines(findings)),
  ];
}

function findingLines(findings: NonNullable<OperationResult['findings']>): string[] {
  if (findings.length === 0) return ['nothing differs from Neutron'];
  return findings.map(({ kind, reason, repaired }) =>
    printable(`${repaired ? 'repaired' : 'differs'}: ${kind}: ${reason}`),
  );
}

function vifTable(vifs: NonNullable<OperationResult['vifs']>): string {
  if (vifs.length === 0) return 'no VIF is attached';
  const rows = vifs.map((vif) => [vif.id, nicOf(vif)]);
  return table(['VIF', 'Attached to'], rows);
}

function bindingTable(bindings: OperationResult['bindings']): string[] {
  if (bindings.length === 0) return [];
  const head = ['NIC', 'Neutron port', 'Network', 'VIF type', 'Status', 'MAC address', 'Addresses'];
  const rows = bindings.map((binding) => [
    nicOf(binding),
    binding.neutron_port_id,
    binding.network_id,
    binding.vif_type,
    binding.status,
    binding.mac_address,
    binding.fixed_ips.map(({ ip_address }) => ip_address).join(' '),
  ]);
  return [table(head, rows)];
}

function nicOf({ port_uuid, portgroup_uuid }: { port_uuid: string | null; portgroup_uuid: string | null }): string {
  return port_uuid === null ? `portgroup ${portgroup_uuid ?? ''}` : `port ${port_uuid}`;
}

/** What comes from elsewhere must not steer the terminal. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, ' ');
}
