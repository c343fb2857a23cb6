import { expect } from 'chai';
import type { Page } from 'playwright-core';

import { putManyNodes } from '../../testkit/fixtures/many-nodes.js';
import { rackNode } from '../../testkit/fixtures/rack-node.js';
import { REBOUND_HOST, TestBrowser } from '../../testkit/servers/browser.js';
import { ConsoleWorld } from '../../testkit/servers/console-world.js';

describe('the console in a browser', () => {
  let world: ConsoleWorld;
  const browser = TestBrowser.inSuite();
  const [first, second] = [rackNode('rack1-node1'), rackNode('rack1-node2')];

  before(async () => {
    world = await ConsoleWorld.start();
    for (const task of [first, second]) await world.report(task);
    for (const task of [first, second]) await world.cast('add_cleaning_network', task);
  });
  afterEach(() => {
    world.guard.reset();
  });
  after(() => world.drop());

  /** What the table says of a node. */
  const row = (page: Page, name: string) => page.locator('tr', { hasText: name });
  const open = (path = ''): Promise<Page> => browser.open(world.page(path));

  it('shows nodes on their networks, and a node that moves while one watches', async () => {
    const page = await open('?view=table');
    await row(page, 'rack1-node1').getByText('Cleaning', { exact: true }).waitFor();
    await world.cast('remove_cleaning_network', first);
    await row(page, 'rack1-node1').getByText('No network', { exact: true }).waitFor();
    await world.cast('add_provisioning_network', first);
    await row(page, 'rack1-node1').getByText('Provisioning', { exact: true }).waitFor();
    await row(page, 'rack1-node1').getByText('Steady').waitFor();
  });

  it('opens a node from the board with the keyboard', async () => {
    const page = await open();
    // A key does nothing before the board is laid out.
    await page.locator('.column-head').first().waitFor();
    const board = page.getByRole('application');
    await board.focus();
    await page.keyboard.press('ArrowRight');
    await page.getByText(/rack1-node\d, Steady/).waitFor({ state: 'attached' });
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: /rack1-node/ }).waitFor();
  });

  it('shows what is retried, and says when nothing is stuck', async () => {
    const page = await open('?view=table');
    await page.getByText('Nothing is stuck.').waitFor();
    world.beginOutage();
    await world.cast('remove_cleaning_network', second);
    await page.getByRole('complementary').getByRole('link', { name: 'rack1-node2' }).waitFor();
    await row(page, 'rack1-node2').getByText('Retrying').waitFor();
    world.guard.reset();
    await page.getByText('Nothing is stuck.').waitFor();
  });

  it('filters by the address, and the address follows the filters', async () => {
    const page = await open('?view=table&name=node2');
    await row(page, 'rack1-node2').waitFor();
    expect(await row(page, 'rack1-node1').count()).to.equal(0);
    await page.getByRole('searchbox', { name: 'Name or UUID' }).fill('rack1-node1');
    await row(page, 'rack1-node1').waitFor();
    expect(new URL(page.url()).searchParams.get('name')).to.equal('rack1-node1');
  });

  it("shows a node's wiring, where it was, and its operations", async () => {
    const page = await open(`nodes/${first.node.uuid}`);
    await page.getByRole('img', { name: /bond0.*leaf-1 Ethernet1.*Provisioning/ }).waitFor();
    await page.getByRole('link', { name: 'add cleaning network' }).first().waitFor();
    await page.getByRole('slider', { name: 'Time' }).fill('1');
    await page.getByText(/: Cleaning · by/).waitFor();
  });

  it('shows operations live, with filters, and the story of one', async () => {
    const page = await open('operations?method=vif_attach');
    await page.getByText('No operation matches.').waitFor();
    await page.getByRole('combobox', { name: 'Method' }).selectOption('add_cleaning_network');
    await page
      .getByRole('group', { name: 'Operations' })
      .getByRole('link', { name: 'add cleaning network' })
      .first()
      .click();
    await page.getByText('Received from conductor host conductor-1').waitFor();
    await page.getByText(/Tried (once|\d+ times)/).waitFor();
  });

  it('goes on when the API was killed and is back', async () => {
    const page = await open('?view=table');
    await page.getByText('Live', { exact: true }).waitFor();
    await world.stopApi();
    await page.getByText('No connection: trying again').waitFor();
    await world.startApi();
    await page.getByText('Live', { exact: true }).waitFor();
    await world.cast('remove_provisioning_network', first);
    await row(page, 'rack1-node1').getByText('No network', { exact: true }).waitFor();
    await world.cast('add_provisioning_network', first);
    await row(page, 'rack1-node1').getByText('Provisioning', { exact: true }).waitFor();
  });

  it('shows many nodes, and first what is stuck', async () => {
    await putManyNodes(world.database.dataSource, 72);
    const page = await open();
    await page.getByRole('button', { name: 'Failed 2' }).click();
    await page.getByText('2 nodes').waitFor();
    expect(new URL(page.url()).searchParams.get('state')).to.equal('failed');
    const stuck = page.getByRole('complementary').getByRole('listitem');
    expect(await stuck.first().textContent())
      .to.contain('add provisioning network')
      .and.contain('binding_failed');
  });

  it('is not shown to a page of another site whose name resolves to this machine', async () => {
    const { port } = new URL(world.url);
    const page = await browser.open(`http://${REBOUND_HOST}:${port}/console/`);
    await page.getByText(`${REBOUND_HOST}:${port} is not a name of this API`).waitFor();
    const status = await page.evaluate<number>("fetch('/v1/nodes').then(({ status }) => status)");
    expect(status).to.equal(421);
  });
});
