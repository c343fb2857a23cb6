import { randomUUID } from 'node:crypto';

import { expect } from 'chai';

import { type MethodArguments, NO_ARGUMENTS } from '../../../src/contract/arguments.js';
import { NetworkError } from '../../../src/contract/errors.js';
import { type MethodName, METHODS } from '../../../src/contract/methods.js';
import type { Task, Vif } from '../../../src/contract/types.js';
import { attachedVifs } from '../../../src/contract/vifs.js';
import type { Operation } from '../../../src/messages/request.js';
import { jsonCodec, NO_CONTEXT } from '../../../src/rpc/index.js';
import type { OperationEnd, StoredNode } from '../../../src/state/index.js';
import { endOf } from '../../../src/worker/end.js';
import { NO_PROVIDER_RESULT, type ProviderResult } from '../../../src/worker/provider-choice.js';
import { makeBinding, makeTask, record } from '../../../testkit/fixtures/tasks.js';

const task = makeTask();
const [first, second] = task.ports;
const vifOn = (port: { uuid: string } | undefined, id: string = randomUUID()): Vif => {
  return { id, port_uuid: port?.uuid ?? '', portgroup_uuid: null };
};
const [provisioning, tenant] = [makeBinding(), makeBinding()];

function operationOf(method: MethodName, args: Partial<MethodArguments>): Operation {
  const anonymous = { uniqueId: 'u1', msgId: null, replyQ: null, timeout: null, namespace: null, context: NO_CONTEXT };
  return {
    kind: 'operation',
    request: { ...anonymous, method, version: '1.1', args: {} },
    codec: jsonCodec,
    method,
    subject: { kind: 'task', nodeUuid: task.node.uuid, task, args: { ...NO_ARGUMENTS, ...args } },
    start: {
      id: 'u1',
      kind: 'cast',
      method,
      networkType: args.network_type ?? METHODS[method].networkType,
      nodeUuid: task.node.uuid,
      conductorHost: null,
      requestId: null,
      contentType: null,
      startedAt: new Date(),
      needsTask: false,
    },
  };
}

const cleaning = makeBinding();
const standing = [...record('cleaning', [cleaning]), ...record('tenant', [tenant])];

interface Case {
  args?: Partial<MethodArguments>;
  outcome?: ProviderResult['outcome'];
  error?: NetworkError;
  task?: Task | null;
  /** What vif_attach attached before. */
  noted?: Vif[];
}

/** Ends an operation of a node that has a provisioning and a tenant binding on record. */
function end(
  method: MethodName,
  { args = {}, outcome = {}, error, task: worked = task, noted = [] }: Case = {},
): ReturnType<typeof endOf> {
  const bindings = [...record('provisioning', [provisioning]), ...record('tenant', [tenant])];
  const before: StoredNode = {
    networkProvider: 'neutron',
    conductorHost: null,
    digest: '',
    bindings: bindings.map((binding) => ({ ...binding, network_provider: 'neutron' })),
    vifs: noted,
    task: null,
    late: null,
  };
  const provided = { ...NO_PROVIDER_RESULT, networkProvider: 'neutron', task: worked, outcome, error: error ?? null };
  return endOf(operationOf(method, args), before, provided);
}

const vifsOf = ({ after }: Pick<OperationEnd, 'after'>): Vif[] => (after ? attachedVifs(after.task) : []);

describe('the end of an operation', () => {
  describe('bindings', () => {
    it('are those that the provider returns', () => {
      const made = makeBinding();
      const { bindings, result } = end('configure_tenant_networks', { outcome: { bindings: [made] } });
      expect([bindings, result.bindings]).to.deep.equal([[made], [made]]);
      expect(end('unconfigure_tenant_networks', { outcome: { bindings: [] } }).bindings).to.deep.equal([]);
    });

    it('stay, and are in the result, when the provider returns none', () => {
      const { bindings, result } = end('reattach');
      expect([bindings, result.bindings]).to.deep.equal([null, [tenant]]);
    });

    it('stay when the operation failed', () => {
      const { bindings, result } = end('reattach', { error: new NetworkError('no') });
      expect([bindings, result.bindings]).to.deep.equal([null, []]);
    });

    it('are those on every type of network after reconcile, or stand where it repaired nothing', () => {
      const repaired = end('reconcile', { args: { fix: true }, outcome: { standing, findings: [] } });
      expect([repaired.standing, repaired.bindings]).to.deep.equal([standing, null]);
      expect(repaired.result.bindings).to.deep.equal([cleaning, tenant]);
      expect(repaired.result.network_type).to.equal(null);
      const one = end('reconcile', { outcome: { standing: standing.slice(1) } });
      expect([one.result.network_type, one.start.networkType, one.result.bindings]).to.deep.equal([
        'tenant',
        'tenant',
        [tenant],
      ]);
      for (const ended of [end('reconcile'), end('reconcile', { error: new NetworkError('no') })]) {
        expect([ended.standing, ended.bindings]).to.deep.equal([undefined, null]);
        expect(ended.result.bindings).to.deep.equal(ended.result.status === 'failed' ? [] : [provisioning, tenant]);
      }
    });

    it('are left alone by a method that is about no type of network', () => {
      for (const [method, args] of [
        ['validate', { network_type: 'provisioning' }],
        ['vif_list', {}],
        ['update_dhcp_options', {}],
      ] as const) {
        const { bindings, result } = end(method, { args, outcome: { bindings: [] } });
        expect([bindings, result.bindings, result.network_type], method).to.deep.equal([
          null,
          [],
          method === 'validate' ? 'provisioning' : null,
        ]);
      }
    });
  });

  describe('answers', () => {
    it('are those of the method', () => {
      const outcome = { vifs: [vifOn(first)], current_vif: 'x', need_power_on: true, network_data: {} };
      const answered = (method: MethodName, error?: NetworkError): string[] => {
        const { result } = end(method, { outcome, ...(error && { error }) });
        return Object.keys(outcome).filter((name) => name in result);
      };
      expect(answered('vif_attach')).to.deep.equal(['vifs']);
      expect(answered('get_current_vif')).to.deep.equal(['current_vif']);
      expect(answered('need_power_on')).to.deep.equal(['need_power_on']);
      expect(answered('get_node_network_data')).to.deep.equal(['network_data']);
      expect(answered('reattach')).to.deep.equal([]);
      expect(answered('vif_list', new NetworkError('no'))).to.deep.equal([]);
    });
  });

  describe('the task on record', () => {
    it('has the VIFs that vif_attach answers with, and notes the one that it attached', () => {
      const [old, attached] = [vifOn(second), vifOn(first)];
      const ended = end('vif_attach', {
        args: { vif_info: { ...attached, project_id: null } },
        outcome: { vifs: [attached, old] },
      });
      expect(vifsOf(ended)).to.have.deep.members([attached, old]);
      expect(ended.after?.vifs).to.deep.equal([attached]);
    });

    it('has no VIFs from a method that does not answer with them, or that failed', () => {
      const vif = vifOn(first);
      for (const method of ['vif_list', 'reattach', 'configure_tenant_networks'] as const) {
        expect(vifsOf(end(method, { outcome: { vifs: [vif] } })), method).to.deep.equal([]);
      }
      const error = new NetworkError('no');
      const failed = end('vif_attach', {
        args: { vif_info: { ...vif, project_id: null } },
        outcome: { vifs: [vif] },
        error,
      });
      expect([vifsOf(failed), failed.after?.vifs]).to.deep.equal([[], []]);
    });

    it('keeps noted VIFs only as long as they are attached', () => {
      const [kept, gone] = [vifOn(first), vifOn(second)];
      const ports = task.ports.map((port) =>
        port === first ? { ...port, internal_info: { tenant_vif_port_id: kept.id } } : port,
      );
      const { after } = end('add_cleaning_network', { task: { ...task, ports }, noted: [kept, gone] });
      expect(after?.vifs).to.deep.equal([kept]);
    });

    it('has the changed port, with its VIF unless it says otherwise, when it succeeded', () => {
      const vif = vifOn(first);
      const ports = task.ports.map((port) =>
        port === first ? { ...port, internal_info: { tenant_vif_port_id: vif.id } } : port,
      );
      const had = { ...task, ports };
      const change = (internal_info: Record<string, null>, error?: NetworkError): ReturnType<typeof end> => {
        if (first === undefined) throw new Error('no port');
        const port_obj = { ...first, address: '52:54:00:00:00:0b', internal_info };
        return end('port_changed', { args: { port_obj }, task: had, ...(error && { error }) });
      };
      const addressOf = ({ after }: Pick<OperationEnd, 'after'>): string | undefined =>
        after?.task.ports.find(({ uuid }) => uuid === first?.uuid)?.address;
      expect([vifsOf(change({})), addressOf(change({}))]).to.deep.equal([[vif], '52:54:00:00:00:0b']);
      expect(vifsOf(change({ tenant_vif_port_id: null }))).to.deep.equal([]);
      const failed = change({ tenant_vif_port_id: null }, new NetworkError('no'));
      expect([vifsOf(failed), addressOf(failed)]).to.deep.equal([[vif], first?.address]);
    });

    it('stays unchanged when the provider could not say', () => {
      expect(end('vif_list', { task: null, error: new NetworkError('no') }).after).to.equal(null);
    });
  });
});
