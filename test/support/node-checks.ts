import { expect } from 'chai';
import { NO_ARGUMENTS } from '../../src/contract/arguments.js';
import type { MethodName, NetworkType } from '../../src/contract/methods.js';
import type { Finding, Task } from '../../src/contract/types.js';
import type { NetworkProvider, RecordedBinding, Righted } from '../../src/providers/provider.js';
import type { ProviderFixture } from './provider-fixture.js';
import { makeContext, record, runMethod } from './tasks.js';

export const UNBOUND = { 'binding:host_id': '', 'binding:profile': {} };

/** Moves nodes, compares them with Neutron and repairs them. */
export class NodeChecks {
  constructor(
    private readonly f: ProviderFixture,
    private readonly provider: NetworkProvider = f.provider,
  ) {}

  /** Moves the node, and answers with what is then on record. */
  async move(method: MethodName, type: NetworkType, task: Task): Promise<RecordedBinding[]> {
    await this.f.agents.report(task.node.uuid);
    const { bindings, error } = await runMethod(this.provider, method, makeContext(task));
    expect(error).to.equal(undefined);
    return record(type, bindings);
  }

  provision(task: Task): Promise<RecordedBinding[]> {
    return this.move('add_provisioning_network', 'provisioning', task);
  }

  deploy(task: Task): Promise<RecordedBinding[]> {
    return this.move('configure_tenant_networks', 'tenant', task);
  }

  /** What differs; nothing is changed. */
  async look(task: Task, recorded: RecordedBinding[]): Promise<Finding[]> {
    const before = this.f.proxy.requests.length;
    const { findings = [] } = await runMethod(this.provider, 'reconcile', makeContext(task, { recorded }));
    const changes = this.f.proxy.requests.slice(before).filter(({ method }) => method !== 'GET');
    expect(changes, 'a look changes nothing').to.deep.equal([]);
    return findings;
  }

  async fix(task: Task, recorded: RecordedBinding[]): Promise<Righted> {
    const args = { ...NO_ARGUMENTS, fix: true };
    const outcome = await runMethod(this.provider, 'reconcile', makeContext(task, { recorded, args }));
    return { findings: outcome.findings ?? [], bindings: [...(outcome.standing ?? [])] };
  }

  /** Looks, repairs, and looks again, when all is to be right. */
  async repair(task: Task, recorded: RecordedBinding[], kinds: string[]): Promise<RecordedBinding[]> {
    const found = await this.look(task, recorded);
    expect(kindsOf(found)).to.have.members(kinds);
    const { findings, bindings } = await this.fix(task, recorded);
    expect(findings).to.deep.equal(found.map((finding) => ({ ...finding, repaired: true })));
    expect(await this.look(task, bindings)).to.deep.equal([]);
    return bindings;
  }
}

export const kindsOf = (findings: readonly Finding[]): string[] => findings.map(({ kind }) => kind);

/** The Neutron ports of bindings, in their order. */
export const portIds = (bindings: readonly RecordedBinding[]): string[] => bindings.map((one) => one.neutron_port_id);

export const firstPort = ([binding]: readonly RecordedBinding[]): string => binding?.neutron_port_id ?? '';
