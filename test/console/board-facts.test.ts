import { randomUUID } from 'node:crypto';

import { expect } from 'chai';

import type { TaskInput } from '../../src/index.js';
import { randomMac } from '../../testkit/fixtures/samples.js';
import { TestBrowser } from '../../testkit/servers/browser.js';
import { ConsoleWorld } from '../../testkit/servers/console-world.js';

const node: TaskInput = {
  node: { uuid: randomUUID(), name: 'rack1-node1', network_provider: 'neutron' },
  ports: [
    {
      uuid: randomUUID(),
      address: randomMac(),
      pxe_enabled: true,
      physical_network: 'physnet1',
      local_link_connection: { switch_id: '00:1c:73:00:00:01', port_id: 'Ethernet1', switch_info: 'leaf-1' },
    },
  ],
};

describe('what the console knows beside the record', () => {
  let world: ConsoleWorld;
  const browser = TestBrowser.inSuite();

  before(async () => {
    world = await ConsoleWorld.start();
    await world.report(node);
    await world.cast('add_cleaning_network', node);
  });
  afterEach(() => {
    world.guard.reset();
  });
  after(() => world.drop());

  const row = (name: string) => ({ hasText: name });

  it('shows that Neutron differs when a reconciliation has found it, until a worker has repaired it', async () => {
    const page = await browser.open(world.page('?view=table'));
    await page.locator('tr', row('rack1-node1')).getByText('Cleaning', { exact: true }).waitFor();
    const { dataSource } = world.database;
    const [bound] = await dataSource.query<{ id: string }[]>('SELECT neutron_port_id AS id FROM port_bindings');
    await world.neutron.changePort(bound?.id ?? '', { 'binding:host_id': '', 'binding:profile': {} });
    await page.goto(world.page(`repair/reconcile?node=${node.node.uuid}`));
    await page.getByRole('button', { name: 'Show what it would do' }).click();
    await page.getByText('1 of 1 nodes differs.').waitFor();
    await page.goto(world.page('?view=table'));
    await page.locator('tr', row('rack1-node1')).getByText('Differs').waitFor();
    await page.getByText(/Neutron differed from the record, found .* ago/).waitFor();
    await page.goto(world.page(`repair/reconcile?node=${node.node.uuid}`));
    await page.getByRole('button', { name: 'Show what it would do' }).click();
    await page.getByRole('button', { name: 'Repair 1 node …' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Repair 1 node' }).click();
    await page.getByText('(repaired)').waitFor();
    await page.goto(world.page('?view=table'));
    await page.locator('tr', row('rack1-node1')).getByText('Steady').waitFor();
  });

  it("shows a tenant network's name, and its UUID while Neutron is away", async () => {
    const id = world.networks.tenant;
    const { network } = await world.neutron.api<{ network: { name: string } }>('GET', `networks/${id}`);
    const { name } = network;
    await world.database.dataSource.query("UPDATE port_bindings SET network_type = 'tenant', network_id = ?", [id]);
    const page = await browser.open(world.page('?view=table'));
    await page.locator('tr', row('rack1-node1')).getByText(name).waitFor();
    await page.goto(world.page(''));
    await page.locator('.column-head').getByText(name).waitFor();
    world.guard.fate = () => ({ status: 503 });
    await world.startApi();
    const later = await browser.open(world.page('?view=table'));
    await later.locator('tr', row('rack1-node1')).getByText(id.slice(0, 8)).waitFor();
    expect(await later.getByRole('alert').count()).to.equal(0);
  });

  it('shows how many messages wait', async () => {
    const page = await browser.open(world.page('health'));
    const queues = page.getByRole('region', { name: 'What waits' });
    await queues.locator('tr', row('Conductor host conductor-1')).waitFor();
    await queues.locator('tr', row('Dead letters')).getByText('0').first().waitFor();
    await queues.locator('tr', row('Results that are owed')).getByText('0').first().waitFor();
  });
});
