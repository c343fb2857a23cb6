import { z } from 'zod';

import { isIronicError, type IronicError } from '../contract/errors.js';
import { NETWORK_TYPES } from '../contract/methods.js';
import { MAX_DEPTH } from '../contract/plain.js';
import type { Json, JsonObject } from '../contract/types.js';
import { isKeptNumber, stringifyJson } from '../json.js';
import type { ProviderOutcome, Righted } from '../providers/provider.js';

/** Most bindings, failures and the like of one outcome; a task has at most 256 ports and as many portgroups. */
const MAX_ITEMS = 1024;
/** Most values in one free-form object. As JSON it may have fewer; this is for one that has the same values many times. */
const MAX_VALUES = 500_000;
/** Most characters of an outcome as JSON, without its sentences: those are cut later. */
const MAX_CHARACTERS = 2 * 1024 * 1024;

/** A text that fits its column. */
const text = (longest: number): z.ZodString => z.string().max(longest);
const id = text(36);

/** A sentence may be of any length here: it is cut where it is masked. */
const sentence = z.string();

/** Of a binding, failure, warning, VIF or finding: whose it is. */
const WHOSE = {
  port_uuid: id.nullish().transform((value) => value ?? null),
  portgroup_uuid: id.nullish().transform((value) => value ?? null),
};

const freeForm = z.unknown().transform((value, context) => {
  const room = { values: MAX_VALUES };
  const object = isObject(value) ? jsonOf(value, MAX_DEPTH, room) : undefined;
  if (object !== undefined) return object as JsonObject;
  context.addIssue({
    code: 'custom',
    message: `must be an object of JSON values, at most ${MAX_DEPTH} levels deep, with at most ${MAX_VALUES} values`,
  });
  return z.NEVER;
});

const BINDING = {
  ...WHOSE,
  neutron_port_id: id,
  network_id: id,
  host_id: text(255),
  vnic_type: text(64),
  vif_type: text(64),
  status: text(16),
  mac_address: text(32),
  fixed_ips: z.array(z.strictObject({ subnet_id: text(255), ip_address: text(255) })).max(MAX_ITEMS),
  profile: freeForm,
};

const Recorded = z.strictObject({ ...BINDING, network_type: z.enum(NETWORK_TYPES) });
const Failure = z.strictObject({ ...WHOSE, reason: sentence });
const Finding = z.strictObject({
  ...WHOSE,
  kind: text(64),
  network_type: z
    .enum(NETWORK_TYPES)
    .nullish()
    .transform((value) => value ?? null),
  neutron_port_id: id,
  reason: sentence,
  repaired: z.boolean(),
});

const listOf = <Item extends z.ZodType>(item: Item): z.ZodArray<Item> => z.array(item).max(MAX_ITEMS);

/** A list of what goes on record by a key: with one key twice, the result would have more than the record. */
const listByKey = <Item extends z.ZodType>(
  item: Item,
  field: string,
  keyOf: (value: z.output<Item>) => string | null,
): z.ZodArray<Item> =>
  listOf(item).superRefine((values, context) => {
    const seen = new Map<string, number>();
    for (const [index, value] of values.entries()) {
      const key = keyOf(value);
      if (key === null) continue;
      const other = seen.get(key);
      if (other !== undefined)
        context.addIssue({ code: 'custom', path: [index, field], message: `${key} is that of item ${other} too` });
      seen.set(key, index);
    }
  });

/** To the database, spaces at the end make no difference. */
const bindings = listByKey(z.strictObject(BINDING), 'neutron_port_id', (binding) => binding.neutron_port_id.trimEnd());
const recorded = listByKey(
  Recorded,
  'neutron_port_id',
  (binding) => `${binding.neutron_port_id.trimEnd()} on the ${binding.network_type} network`,
);
/** A port or portgroup has one VIF. */
const vifs = listByKey(
  z.strictObject({ ...WHOSE, id }),
  'port_uuid or portgroup_uuid',
  (vif) => vif.port_uuid ?? vif.portgroup_uuid,
);

const Outcome = z.strictObject({
  bindings: bindings.exactOptional(),
  standing: recorded.exactOptional(),
  failures: listOf(Failure).exactOptional(),
  warnings: listOf(Failure).exactOptional(),
  vifs: vifs.exactOptional(),
  findings: listOf(Finding).exactOptional(),
  current_vif: id.nullable().exactOptional(),
  need_power_on: z.boolean().exactOptional(),
  network_data: freeForm.exactOptional(),
  error: z.custom<IronicError>(isIronicError, 'must be an IronicError').exactOptional(),
});

const RightedNode = z.strictObject({ bindings: recorded, findings: listOf(Finding) });

/**
 * What a provider's method says, with every field checked: a plug-in may say anything, and its caller is to hear of that,
 * and not to wait for an answer that cannot be put on record.
 *
 * @throws TypeError that names the field
 */
export function readOutcome(answer: unknown): Partial<ProviderOutcome> {
  return read(Outcome, answer);
}

/** The same of a node that was put right. @throws TypeError that names the field */
export function readRighted(answer: unknown): Righted {
  return read(RightedNode, answer);
}

function read<T extends object>(schema: z.ZodType<T>, answer: unknown): T {
  const { data, error } = schema.safeParse(withoutUndefined(answer));
  if (error !== undefined) {
    const [issue] = error.issues;
    throw wrong(pathOf(issue?.path ?? []), issue?.message ?? 'is not as it should be');
  }
  const { bindings, standing, network_data } = data as Partial<ProviderOutcome>;
  const size = stringifyJson([bindings, standing, network_data]).length;
  if (size > MAX_CHARACTERS)
    throw wrong('', `it has ${size} characters as JSON; at most ${MAX_CHARACTERS} can be kept`);
  return data;
}

/** What a field is left out of, and what has it without a value, say the same. */
function withoutUndefined(answer: unknown): unknown {
  if (!isObject(answer)) return answer;
  return Object.fromEntries(Object.entries(answer).filter(([, value]) => value !== undefined));
}

/** A copy of a JSON value, without what JSON has no word for; undefined: it is none, or has more than there is room for. */
function jsonOf(value: unknown, depth: number, room: { values: number }): Json | undefined {
  if (depth < 0 || --room.values < 0) return undefined;
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' || typeof value === 'bigint') return isKeptNumber(value) ? value : undefined;
  if (Array.isArray(value)) {
    const items = value.map((item) => jsonOf(item, depth - 1, room));
    return items.includes(undefined) ? undefined : (items as Json[]);
  }
  if (!isObject(value)) return undefined;
  const entries = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .map(([key, item]) => [key, jsonOf(item, depth - 1, room)] as const);
  return entries.some(([, item]) => item === undefined) ? undefined : (Object.fromEntries(entries) as Json);
}

/** Whether it is an object and nothing special, such as a list, a date or a map. */
function isObject(value: unknown): value is object {
  return Object.prototype.toString.call(value) === '[object Object]';
}

function pathOf(path: readonly PropertyKey[]): string {
  return path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./, '');
}

function wrong(path: string, problem: string): TypeError {
  return new TypeError(`what the method answered with cannot be used: ${path === '' ? '' : `${path}: `}${problem}`);
}
