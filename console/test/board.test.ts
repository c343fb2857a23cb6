import { expect } from 'chai';

import type { Whereabouts } from '../src/api/types.js';
import { cellAt, layOut, layOutForWall, slotAt } from '../src/fleet/board-layout.js';
import { type FleetNode, fleetNode } from '../src/fleet/fleet-node.js';
import { Slots } from '../src/fleet/slots.js';

const NETWORK = '11111111-1111-4111-8111-111111111111';

function place(id: string, fields: Partial<Whereabouts> = {}): Whereabouts {
  return {
    node_uuid: id,
    name: id,
    network_provider: null,
    conductor: 'conductor-1',
    provision_state: null,
    network_type: null,
    network_ids: [],
    since: null,
    latest: null,
    differs: null,
    differs_at: null,
    ...fields,
  };
}

const operation = (fields: object): NonNullable<Whereabouts['latest']> => ({
  id: 'o',
  kind: 'cast',
  method: 'add_cleaning_network',
  network_type: 'cleaning',
  network_provider: 'neutron',
  node_uuid: NETWORK,
  conductor_host: null,
  request_id: null,
  status: 'running',
  attempts: 1,
  last_error: null,
  started_at: '2026-11-24T10:00:00.000Z',
  finished_at: null,
  ...fields,
});

const mapOf = (...nodes: FleetNode[]): Map<string, FleetNode> => new Map(nodes.map((node) => [node.id, node]));

describe('the board of the console', () => {
  it('tells the worst that is known of a node', () => {
    const stateOf = (fields: Partial<Whereabouts>) => fleetNode(place('n', fields)).state;
    expect(stateOf({})).to.equal('steady');
    expect(stateOf({ latest: operation({}) })).to.equal('moving');
    expect(stateOf({ latest: operation({ attempts: 0, last_error: 'Neutron is away' }) })).to.equal('retrying');
    expect(stateOf({ latest: operation({ attempts: 2 }), differs: true })).to.equal('retrying');
    expect(stateOf({ latest: operation({ status: 'failed' }), differs: true })).to.equal('failed');
    expect(stateOf({ latest: operation({ status: 'succeeded' }), differs: true })).to.equal('differs');
  });

  it('shows a node in the column of each of its tenant networks', () => {
    const { columns } = fleetNode(place('n', { network_type: 'tenant', network_ids: [NETWORK, 'other'] }));
    expect(columns).to.deep.equal([`tenant:${NETWORK}`, 'tenant:other']);
    expect(fleetNode(place('n', { network_type: 'cleaning', network_ids: [NETWORK] })).columns).to.deep.equal([
      'cleaning',
    ]);
  });

  it('keeps every cell in its place when a node moves, and gives its cell to the next one', () => {
    const slots = new Slots();
    const nodes = ['n1', 'n2', 'n10'].map((id) => fleetNode(place(id)));
    slots.fill(nodes);
    expect(slots.cells('none')).to.deep.equal(['n1', 'n2', 'n10']);
    const moved = fleetNode(place('n1', { network_type: 'cleaning' }));
    const from = slots.update(mapOf(...nodes.slice(1), moved));
    expect([...from]).to.deep.equal([['n1', { key: 'none', slot: 0 }]]);
    expect(slots.cells('none')).to.deep.equal([null, 'n2', 'n10']);
    expect(slots.placeOf('n1')).to.deep.equal({ key: 'cleaning', slot: 0 });
    slots.update(mapOf(...nodes.slice(1), moved, fleetNode(place('new'))));
    expect(slots.cells('none')).to.deep.equal(['new', 'n2', 'n10']);
    expect(slots.sizes().map(({ key }) => key)).to.deep.equal(['none', 'cleaning', 'provisioning']);
    expect(slots.count('none')).to.equal(3);
  });

  it('gives up the cells at the end of a column when their nodes leave', () => {
    const slots = new Slots();
    slots.fill(['n1', 'n2', 'n3'].map((id) => fleetNode(place(id))));
    const away = (id: string): FleetNode => fleetNode(place(id, { network_type: 'cleaning' }));
    slots.update(mapOf(fleetNode(place('n1')), away('n2'), fleetNode(place('n3'))));
    expect(slots.cells('none')).to.deep.equal(['n1', null, 'n3']);
    slots.update(mapOf(fleetNode(place('n1')), away('n2'), away('n3')));
    expect(slots.cells('none')).to.deep.equal(['n1']);
    expect(slots.placesOf('n3')).to.deep.equal([{ key: 'cleaning', slot: 1 }]);
  });

  it('forgets a tenant network that no node is on', () => {
    const slots = new Slots();
    slots.fill([fleetNode(place('n', { network_type: 'tenant', network_ids: [NETWORK] }))]);
    slots.update(mapOf(fleetNode(place('n'))));
    expect(slots.sizes().map(({ key }) => key)).to.deep.equal(['none', 'cleaning', 'provisioning']);
  });

  it('draws names while they fit, and 10,000 nodes as marks', () => {
    const few = layOut([{ key: 'none', cells: 10 }], 1400, 700);
    expect(few.cell.kind).to.equal('card');
    const many = layOut(
      Array.from({ length: 10 }, (_, i) => ({ key: `k${i}`, cells: 1000 })),
      1900,
      900,
    );
    expect(many.cell.kind).to.equal('dot');
    expect(many.width).to.be.at.most(1900);
    expect(layOut([{ key: 'none', cells: 3000 }], 360, 700).width).to.equal(360);
  });

  it('enlarges all for a screen on a wall, as far as it fits, and whole names before size', () => {
    const sizes = [{ key: 'none', cells: 15 }, ...['a', 'b', 'c'].map((key) => ({ key, cells: 10 }))];
    const [usual, wall] = [layOut(sizes, 2600, 1900), layOutForWall(sizes, 2600, 1900, 10)];
    expect(wall.cell.width / usual.cell.width)
      .to.equal(wall.cell.text / usual.cell.text)
      .and.to.be.greaterThan(2);
    expect(wall.heading / usual.heading).to.be.closeTo(wall.cell.text / usual.cell.text, 0.001);
    expect([wall.width <= 2600, wall.height <= 1901]).to.deep.equal([true, true]);
    const [column] = wall.columns;
    if (column === undefined) throw new Error('there is no column');
    const { x, y } = cellAt(wall, column, 3);
    expect(slotAt(wall, x + 1, y + 1)).to.deep.equal({ key: 'none', slot: 3 });
    expect(layOutForWall(sizes, 2600, 1900, 1).cell).to.deep.equal(usual.cell);
    const crowded = layOutForWall([{ key: 'none', cells: 20_000 }], 2600, 1900, 10);
    expect(crowded.cell.kind).to.equal('dot');
  });

  it('finds the cell at a point', () => {
    const layout = layOut(
      [
        { key: 'none', cells: 30 },
        { key: 'cleaning', cells: 30 },
      ],
      1400,
      700,
    );
    for (const column of layout.columns) {
      for (const slot of [0, 7, 29]) {
        const { x, y } = cellAt(layout, column, slot);
        expect(slotAt(layout, x + 1, y + 1)).to.deep.equal({ key: column.key, slot });
      }
    }
    expect(slotAt(layout, 1, 1), 'the heading').to.equal(null);
  });
});
