import Table from 'cli-table3';
import { type Command, Option } from 'commander';
import yaml from 'js-yaml';
import picocolors from 'picocolors';

import { resultToJson } from '../../contract/result.js';
import type { OperationResult } from '../../contract/types.js';
import { parseJson, stringifyJson } from '../../json.js';

/** How an answer is printed: for people, or for programs. */
const OUTPUTS = ['table', 'json', 'yaml'] as const;
export type Output = (typeof OUTPUTS)[number];

/** What addOutput adds. */
export interface OutputOptions {
  output?: Output;
  json?: boolean;
}

/** The options of every command that prints an answer. */
export function addOutput(command: Command, json = 'short for -o json'): Command {
  return command
    .addOption(new Option('-o, --output <form>', 'how to print the answer').choices(OUTPUTS).default('table'))
    .addOption(new Option('--json', json).conflicts('output'));
}

export function outputOf({ output = 'table', json = false }: OutputOptions): Output {
  return json ? 'json' : output;
}

/**
 * Writes one answer to standard output. In YAML it is a document of its own, so that several answers can be told apart; in
 * JSON it is one line.
 */
export function print(output: Output, forPrograms: object, forPeople: string | (() => string)): void {
  process.stdout.write(`${written(output, forPrograms, forPeople)}\n`);
}

function written(output: Output, forPrograms: object, forPeople: string | (() => string)): string {
  if (output === 'table') return typeof forPeople === 'string' ? forPeople : forPeople();
  const json = stringifyJson(forPrograms);
  // By way of JSON: the two are to say the same, and YAML has other ideas of times, and of what is undefined.
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

/** A table; on a terminal, what stands in a column "Status" is coloured. */
export function table(head: string[], rows: readonly (readonly string[])[]): string {
  const drawn = new Table({ head, style: { head: [], border: [], compact: true } });
  const status = head.indexOf('Status');
  for (const row of rows) {
    drawn.push(row.map((cell, index) => (index === status ? coloured(printable(cell)) : printable(cell))));
  }
  return drawn.toString();
}

/** One result: for programs, or what a person wants to know of it. */
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
    ...(network_data === undefined ? [] : stringifyJson(network_data, 2).split('\n').map(printable)),
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

/** The port or portgroup that something is about. */
export function nicOf({
  port_uuid,
  portgroup_uuid,
}: {
  port_uuid: string | null;
  portgroup_uuid: string | null;
}): string {
  return port_uuid === null ? `portgroup ${portgroup_uuid ?? ''}` : `port ${port_uuid}`;
}

/** What comes from elsewhere must not steer the terminal. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, ' ');
}

/** Whether standard output is a terminal that takes colours, and nobody has asked for none: https://no-color.org. */
function takesColours({ isTTY }: { isTTY?: boolean }, env: NodeJS.ProcessEnv): boolean {
  return isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
}

// picocolors' own choice would colour what runs in CI, terminal or not.
const { green, yellow, red } = picocolors.createColors(takesColours(process.stdout, process.env));

/** Words of which people want to see at a glance how things stand. */
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

/** A status word in its colour, on a terminal; anything else as it is. */
export function coloured(word: string): string {
  return (STATUS_WORDS[word] ?? String)(word);
}

/**
 * A page of a list that was read with one item more than was asked for, and the marker of the next page; null: there is
 * none, for that item is missing.
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

/** Says that there are more, where a person would not see it in the answer. */
export function tellMore(next: string | number | null, options: OutputOptions): void {
  if (next !== null && outputOf(options) === 'table') process.stderr.write(`there are more: --marker ${next}\n`);
}

/** A time for people: to the second, in UTC. */
export function formatTime(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}
