import { z } from 'zod';

import { errorText } from '../async/error-text.js';
import { type IronicError, isIronicError, UnsupportedDriverExtension } from '../contract/errors.js';
import { NETWORK_TYPES, onlyAsks } from '../contract/methods.js';
import { MAX_DEPTH } from '../contract/plain.js';
import type { Json, JsonObject, RecordedBinding, Task } from '../contract/types.js';
import { isKeptNumber, stringifyJson } from '../json.js';
import { componentLogger } from '../log/log.js';
import { argsOf } from '../messages/request.js';
import type { ProviderContext, ProviderOutcome, RepairedNode } from '../providers/provider.js';
import { type AttemptOptions, type AttemptSignal, type ProviderCall, repeatUntilDone } from './attempts.js';
import { isOver, type OperationContext } from './operation-context.js';
import { poisonOf, type PoisonOptions } from './operation-record.js';
import { failureResult, type ProviderChoice, type ProviderResult, recordedOf } from './provider-choice.js';
import { isFresh } from './unanswered-requests.js';
import { refuseOthersVifs } from './vif-owners.js';

export interface ProviderCallOptions extends AttemptOptions {
  poison: PoisonOptions;
}

/**
 * Has the node's provider do the operation, and retries while its faults are transient. An operation that crashes
 * workers (a poison message) is not given to the provider any more.
 *
 * @throws the reason of the delivery's or the tenure's signal when the operation no longer belongs to this worker, and
 * the errors of record.begin
 */
export async function callProvider(
  context: OperationContext,
  choice: ProviderChoice,
  options: ProviderCallOptions,
): Promise<ProviderResult> {
  const { operation, known, record, log } = context;
  const poison = poisonOf(known.earlier, options.poison);
  if (poison !== null) {
    return { ...choice, uncertain: true, error: poison, deadLetter: { reason: 'poison', detail: poison.message } };
  }
  const { provider, task } = choice;
  if (provider === null || task === null) return choice;
  const { method } = operation;
  const work = provider[method]?.bind(provider);
  if (work === undefined) return { ...choice, error: unsupported(method, choice.networkProvider) };
  const changes = !onlyAsks(method, argsOf(operation)) && !provider.changesNothing?.includes(method);
  const noted = changes || context.note;
  const call: ProviderCall = {
    name: choice.networkProvider,
    provider,
    noted,
    uncertain: changes && known.earlier !== null,
  };
  try {
    const outcome = await repeatUntilDone(call, options, context, async (signal) => {
      if (noted || method === 'vif_attach') await refuseOthersVifs(operation, task, record);
      const fresh = !call.uncertain && isFresh(context);
      return readOutcome(await work(providerContextOf(context, task, signal, fresh)));
    });
    return { ...choice, uncertain: changes && call.uncertain, outcome, error: outcome.error ?? null };
  } catch (error) {
    if (isOver(error, context)) throw error;
    // After a fault of the program, nobody knows what it changed before the fault.
    const uncertain = changes && (call.uncertain || !isIronicError(error));
    return { ...choice, uncertain, ...failureResult(error, log) };
  }
}

/**
 * Has the provider repair what unanswered requests did to the node, so that the node matches what the operation leaves
 * on record. Null: the provider cannot repair, or failed to do so now; a failed repair must be tried again later.
 *
 * @throws as callProvider
 */
export async function repair(
  context: OperationContext,
  { provider, networkProvider: name }: ProviderChoice,
  { task, standing }: { task: Task | null; standing: readonly RecordedBinding[] },
  options: AttemptOptions,
): Promise<RepairedNode | null> {
  if (provider?.repair === undefined || task === null) return null;
  const work = provider.repair.bind(provider);
  try {
    return await repeatUntilDone({ name, provider, noted: true, uncertain: true }, options, context, async (signal) =>
      readRepairedNode(await work(providerContextOf(context, task, signal, false), standing)),
    );
  } catch (error) {
    if (isOver(error, context)) throw error;
    context.log().warn('could not check for effects of unanswered requests; will retry', {
      error: errorText(error),
    });
    return null;
  }
}

function unsupported(method: string, provider: string): UnsupportedDriverExtension {
  return new UnsupportedDriverExtension(`network provider ${provider} does not support ${method}`);
}

/** What the provider gets for one attempt. */
export function providerContextOf(
  { operation, known, log }: Pick<OperationContext, 'operation' | 'known' | 'log'>,
  task: Task,
  attempt: AttemptSignal,
  fresh: boolean,
): ProviderContext {
  return {
    task,
    args: argsOf(operation),
    recorded: recordedOf(known.node),
    fresh,
    requestId: operation.request.context.request_id,
    // Getters, so that both are made only when the provider uses them. Provider none does not.
    get signal() {
      return attempt.signal;
    },
    get log() {
      return componentLogger(log(), 'providers');
    },
  };
}

/** Most items in each list of an outcome. A task has at most 256 ports and as many portgroups. */
const MAX_ITEMS = 1024;
/** Most values in one free-form object. MAX_CHARACTERS alone would come too late for an object that repeats values. */
const MAX_VALUES = 500_000;
/** Most characters of an outcome as JSON, without its reasons and messages: those are cut later. */
const MAX_CHARACTERS = 2 * 1024 * 1024;

/** A text that fits its database column. */
const text = (longest: number): z.ZodString => z.string().max(longest);
const id = text(36);

/** A sentence may have any length here: withoutSecrets cuts it. */
const sentence = z.string();

/** Names the port or portgroup that a binding, failure, warning, VIF or finding belongs to. */
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
const Failure = z.strictObject({ ...WHOSE, kind: text(64).exactOptional(), reason: sentence });
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

/** A list whose items are recorded by a key. If a key came twice, the result would have more items than the record. */
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
        context.addIssue({ code: 'custom', path: [index, field], message: `${key} is also that of item ${other}` });
      seen.set(key, index);
    }
  });

/** The database ignores trailing spaces when it compares texts, so the keys ignore them too. */
const bindings = listByKey(z.strictObject(BINDING), 'neutron_port_id', (binding) => binding.neutron_port_id.trimEnd());
const recorded = listByKey(
  Recorded,
  'neutron_port_id',
  (binding) => `${binding.neutron_port_id.trimEnd()} on the ${binding.network_type} network`,
);
/** A port or portgroup has at most one VIF. */
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

const RepairedNodeFields = z.strictObject({
  bindings: recorded,
  findings: listOf(Finding),
  warnings: listOf(Failure).exactOptional(),
});

/**
 * Reads a provider's answer and checks every field. A plug-in may answer anything: the caller must get an error for a
 * bad answer, instead of waiting for a result that cannot be recorded.
 *
 * @throws TypeError that names the field
 */
export function readOutcome(answer: unknown): Partial<ProviderOutcome> {
  if (isEmptyOutcome(answer)) return answer;
  return read(Outcome, answer);
}

/** Reads a provider's answer about a node that it repaired. @throws TypeError that names the field */
export function readRepairedNode(answer: unknown): RepairedNode {
  return read(RepairedNodeFields, answer);
}

/** Whether the answer is `{ bindings: [], failures: [] }`: then there is nothing to check. Most answers are this one. */
function isEmptyOutcome(answer: unknown): answer is ProviderOutcome {
  if (!isObject(answer) || Object.keys(answer).length !== 2) return false;
  const { bindings, failures } = answer as Partial<Record<string, unknown>>;
  return isEmptyList(bindings) && isEmptyList(failures);
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

function read<T extends object>(schema: z.ZodType<T>, answer: unknown): T {
  const { data, error } = schema.safeParse(withoutUndefined(answer));
  if (error !== undefined) {
    const [issue] = error.issues;
    throw wrong(pathOf(issue?.path ?? []), issue?.message ?? 'is invalid');
  }
  const { bindings, standing, network_data } = data as Partial<ProviderOutcome>;
  const size = stringifyJson([bindings, standing, network_data]).length;
  if (size > MAX_CHARACTERS) throw wrong('', `it has ${size} characters as JSON; the maximum is ${MAX_CHARACTERS}`);
  return data;
}

/** A copy without fields that are undefined: such a field means the same as a missing one. */
function withoutUndefined(answer: unknown): unknown {
  if (!isObject(answer)) return answer;
  return Object.fromEntries(Object.entries(answer).filter(([, value]) => value !== undefined));
}

/** Copies a JSON value, without undefined fields. Undefined: it is not a JSON value, or is too deep or too large. */
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

/** Whether a value is a plain object, and not a list, a date, a map or the like. */
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
  return new TypeError(`the provider's answer is unusable: ${path === '' ? '' : `${path}: `}${problem}`);
}
