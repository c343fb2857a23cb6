import { Undeliverable } from '../../src/amqp/index.js';
import type { MethodName } from '../../src/contract/methods.js';
import type { OperationResult } from '../../src/contract/types.js';
import { RemoteError } from '../../src/rpc/index.js';

/** The results of a worker's calls, one after the other. */
const ENDS: readonly (string | null)[] = [
  null,
  'InvalidParameterValue',
  null,
  'VifNotAttached',
  'NoFreePhysicalPorts',
  null,
  'VifAlreadyAttached',
  'outage',
];

/** Replaces workers and RabbitMQ: a script decides how each call ends, and when RabbitMQ is away. */
export class ScriptedClient {
  /** How often RabbitMQ was away. */
  outages = 0;
  #calls = 0;

  call(method: MethodName): Promise<OperationResult> {
    const end = ENDS[this.#calls++ % ENDS.length] ?? null;
    if (end === 'outage') return this.#outage();
    if (end !== null) return Promise.reject(new RemoteError(end, 'ironic.common.exception', `scripted: ${end}`, ''));
    const answer = { status: 'succeeded', ...(method === 'vif_list' ? { vifs: [{ id: 'vif-1' }] } : {}) };
    return Promise.resolve(answer as unknown as OperationResult);
  }

  async carryOver(): Promise<void> {
    await this.call('port_changed');
  }

  publish(): Promise<void> {
    return this.#calls++ % ENDS.length === 0 ? this.#outage() : Promise.resolve();
  }

  #outage(): Promise<never> {
    this.outages++;
    return Promise.reject(new Undeliverable('scripted: RabbitMQ is away'));
  }
}
