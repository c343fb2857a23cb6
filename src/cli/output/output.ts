import Table from 'cli-table3';
import { type Command, Option } from 'commander';
import yaml from 'js-yaml';
import picocolors from 'picocolors';

import { resultToJson } from '../../contract/result.js';
import type { OperationResult } from '../../contract/types.js';
import { parseJson, stringifyJson } from '../../json.js';

/** Formats of answers: `table` is for people, the others are for programs. */
const OUTPUTS = ['table', 'json', 'yaml'] as const;
export type Output = (typeof OUTPUTS)[number];

/** The options that addOutput adds. */
export interface OutputOptions {
  output?: Output;
  json?: boolean;
}

/** Adds the options of every command that prints an answer. */
export function addOutput(command: Command, json = 'short for -o json'): Command {
  return command
    .addOption(new Option('-o, --output <form>', 'output format').choices(OUTPUTS).default('table'))
    .addOption(new Option('--json', json).conflicts('output'));
}

/** A number with its noun: "1 node", "2 nodes". */
export function counted(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

export function outputOf({ output = 'table', json = false }: OutputOptions): Output {
  return json ? 'json' : output;
}

/**
 * Writes one answer to standard output. In YAML each answer is a separate document, and in JSON each answer is one
 * line, so that a program can tell several answers apart.
 */
export function print(output: Output, forPrograms: object, forPeople: string | (() => string)): void {
  process.stdout.write(`${written(output, forPrograms, forPeople)}\n`);
}

function written(output: Output, forPrograms: object, forPeople: string | (() => string)): string {
  if (output === 'table') return typeof forPeople === 'string' ? forPeople : forPeople();
  const json = stringifyJson(forPrograms);
  // YAML is made from the JSON text, so that both have the same content. YAML alone would treat times and undefined
  // differently.
  return output === 'json' ? json : `---\n${yaml.dump(parseJson(json), { lineWidth: -1, schema: YAML }).trimEnd()}`;
}

/** YAML with whole numbers of any size. */
const YAML = yaml.DEFAULT_SCHEMA.extend({
  implicit: [
    new yaml.Type('tag:netprov,2026:int', {
      kind: 'scalar',
      resolve: () => false,
      predicate: (value) => typeof value === 'bigint',
      represent: String,
    }),
  ],
});

/** Draws a table. On a terminal, the column "Status" has colors. */
export function table(head: string[], rows: readonly (readonly string[])[]): string {
  const drawn = new Table({ head, style: { head: [], border: [], compact: true } });
  const status = head.indexOf('Status');
  for (const row of rows) {
    drawn.push(row.map((cell, index) => (index === status ? colored(printable(cell)) : printable(cell))));
  }
  return drawn.toString();
}

/** Prints one result. */
export function printResult(result: OperationResult, output: Output): void {
  print(output, resultToJson(result), () => describeResult(result));
}

export function describeResult(result: OperationResult): string {
  const { operation_id, node_uuid, method, network_provider, status, error, failures, warnings } = result;
  const by = network_provider === '' ? '' : `, provider ${network_provider}`;
  const lines = [
    `${method} ${status}: node ${node_uuid}${by}, operation ${operation_id}`,
    ...(error ? [`${error.class}: ${error.message}`] : []),
    ...failures.map((failure) => `${nicOf(failure)} failed: ${failure.reason}`),
    ...warnings.map(
      (warning) =>
        `${nicOf(warning)} warning${warning.kind === undefined ? '' : ` (${warning.kind})`}: ${warning.reason}`,
    ),
  ];
  return [...lines.map(printable), ...answersOf(result), ...bindingTable(result.bindings)].join('\n');
}

/** Lines about the answers that only some methods give. */
function answersOf({ vifs, current_vif, need_power_on, network_data, findings }: OperationResult): string[] {
  return [
    ...(vifs === undefined ? [] : [vifTable(vifs)]),
    ...(current_vif === undefined ? [] : [printable(`current VIF: ${current_vif ?? 'none'}`)]),
    ...(need_power_on === undefined ? [] : [`must be powered on: ${need_power_on ? 'yes' : 'no'}`]),
    ...(network_data === undefined ? [] : stringifyJson(network_data, 2).split('\n').map(printable)),
    ...(findings === undefined ? [] : findingLines(findings)),
  ];
}

function findingLines(findings: NonNullable<OperationResult['findings']>): string[] {
  if (findings.length === 0) return ['no differences from Neutron'];
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

/** Names the port or portgroup that something is about. */
export function nicOf({
  port_uuid,
  portgroup_uuid,
}: {
  port_uuid: string | null;
  portgroup_uuid: string | null;
}): string {
  return port_uuid === null ? `portgroup ${portgroup_uuid ?? ''}` : `port ${port_uuid}`;
}

/** Replaces control characters, so that text from elsewhere cannot control the terminal. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, ' ');
}

/** Whether standard output is a terminal with colors, and the user did not turn colors off: https://no-color.org. */
function takesColors({ isTTY }: { isTTY?: boolean }, env: NodeJS.ProcessEnv): boolean {
  return isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
}

// picocolors' own check would use colors in CI even without a terminal.
const { green, yellow, red } = picocolors.createColors(takesColors(process.stdout, process.env));

/** Colors of status words. */
const STATUS_WORDS: Readonly<Record<string, (text: string) => string>> = {
  succeeded: green,
  running: yellow,
  failed: red,
  ok: green,
  warning: yellow,
  problem: red,
  held: yellow,
  retried: yellow,
  ACTIVE: green,
  BUILD: yellow,
  DOWN: red,
  ERROR: red,
};

/** A status word in its color, on a terminal; any other text unchanged. */
export function colored(word: string): string {
  return (STATUS_WORDS[word] ?? String)(word);
}

/**
 * Cuts off the extra item of a list that was read with `limit` + 1 items. If there is an extra item, there is a next
 * page, and `next` is its marker; otherwise null.
 */
export function firstPage<T, Marker>(
  found: readonly T[],
  limit: number,
  markerOf: (item: T) => Marker,
): { page: T[]; next: Marker | null } {
  const page = found.slice(0, limit);
  const last = page.at(-1);
  return { page, next: found.length > limit && last !== undefined ? markerOf(last) : null };
}

/** Tells a person that there are more items. The other formats have the marker in the answer. */
export function tellMore(next: string | number | null, options: OutputOptions): void {
  if (next !== null && outputOf(options) === 'table') process.stderr.write(`there are more: --marker ${next}\n`);
}

/** A time for people: to the second, in UTC. */
export function formatTime(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}
