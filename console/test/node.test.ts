import { expect } from 'chai';

import type { Binding, OperationSummary, Port, Portgroup } from '../src/api/types.js';
import { historyOf, stretchAt } from '../src/node/history.js';
import { attachmentsOf } from '../src/node/wiring.js';
import { durationsOf } from '../src/operations/durations.js';

const at = (minute: number): string => `2026-11-24T10:${String(minute).padStart(2, '0')}:00.000Z`;

function operation(method: string, minute: number, fields: Partial<OperationSummary> = {}): OperationSummary {
  return {
    id: `${method} ${minute}`,
    kind: 'cast',
    method: method as OperationSummary['method'],
    network_type: method.includes('cleaning') ? 'cleaning' : 'tenant',
    network_provider: 'neutron',
    node_uuid: 'n',
    conductor_host: null,
    request_id: null,
    status: 'succeeded',
    attempts: 1,
    last_error: null,
    started_at: at(minute),
    finished_at: at(minute),
    ...fields,
  };
}

describe("a node's page of the console", () => {
  it('knows where the node was at any time', () => {
    const stretches = historyOf([
      operation('unconfigure_tenant_networks', 50),
      operation('vif_attach', 45),
      operation('configure_tenant_networks', 40),
      operation('configure_tenant_networks', 30),
      operation('add_cleaning_network', 25, { status: 'failed' }),
      operation('remove_cleaning_network', 20),
      operation('add_cleaning_network', 10),
    ]);
    const placeAt = (minute: number) => stretchAt(stretches, Date.parse(at(minute)));
    expect(placeAt(5)).to.equal(null);
    expect(placeAt(10)?.network).to.equal('cleaning');
    expect(placeAt(26)?.network).to.equal(null);
    expect(placeAt(41)?.operation.id).to.equal('configure_tenant_networks 30');
    expect(placeAt(59)?.network).to.equal(null);
    expect(stretches).to.have.length(4);
  });

  it('puts NICs into their LAGs, with what is bound to each', () => {
    const [nic, single, group] = [
      { uuid: 'p1', portgroup_uuid: 'g', local_link_connection: { switch_info: 'leaf', port_id: 'e1' } },
      { uuid: 'p2', portgroup_uuid: null, local_link_connection: { switch_id: '00:11', port_id: 'e2' } },
      { uuid: 'g' },
    ] as unknown as [Port, Port, Portgroup];
    const bindings = [
      { portgroup_uuid: 'g', port_uuid: null },
      { portgroup_uuid: null, port_uuid: 'p1' },
    ] as unknown as Binding[];
    const found = attachmentsOf([nic, single], [group], bindings);
    expect(found.map(({ portgroup, wires }) => [portgroup?.uuid, wires.map(({ port }) => port.uuid)])).to.deep.equal([
      ['g', ['p1']],
      [undefined, ['p2']],
    ]);
    expect(found.map((one) => one.bindings.length)).to.deep.equal([1, 0]);
    expect(found[0]?.wires[0]?.bindings).to.have.length(1);
    expect(found[0]?.wires[0]).to.deep.include({ switchName: 'leaf', switchPort: 'e1' });
    expect(found[1]?.wires[0]).to.deep.include({ switchName: '00:11', switchPort: 'e2' });
  });
});

describe('durations in the console', () => {
  it('are counted by method, without what still runs', () => {
    const took = (seconds: number, fields: Partial<OperationSummary> = {}): OperationSummary =>
      operation('add_cleaning_network', 1, {
        id: String(seconds),
        finished_at: new Date(Date.parse(at(1)) + seconds * 1000).toISOString(),
        ...fields,
      });
    const [cleaning, ...others] = durationsOf([
      ...[1, 2, 3, 4].map((seconds) => took(seconds)),
      took(4000, { status: 'failed' }),
      took(9, { status: 'running', finished_at: null }),
    ]);
    expect(others).to.deep.equal([]);
    expect(cleaning).to.deep.include({ count: 5, failed: 1, median: 3000, slowest: 4_000_000 });
    expect(cleaning?.buckets.reduce((sum, count) => sum + count)).to.equal(5);
    expect(cleaning?.buckets.at(-1)).to.equal(1);
  });
});
