import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { hashSync } from 'bcryptjs';
import { expect } from 'chai';
import type { Page } from 'playwright-core';

import type { TaskInput } from '../../src/index.js';
import { putManyNodes } from '../../testkit/fixtures/many-nodes.js';
import { randomMac } from '../../testkit/fixtures/samples.js';
import { accessibilityProblems, TestBrowser, type View, WIDE } from '../../testkit/servers/browser.js';
import { ConsoleWorld } from '../../testkit/servers/console-world.js';

/** A node with a LAG of two NICs, and one NIC beside it. */
function node(name: string): TaskInput {
  const lag = { uuid: randomUUID(), name: 'bond0', address: randomMac(), mode: '802.3ad' };
  const nic = (port: string, fields: object = {}): NonNullable<TaskInput['ports']>[number] => ({
    uuid: randomUUID(),
    address: randomMac(),
    pxe_enabled: true,
    physical_network: 'physnet1',
    local_link_connection: { switch_id: '00:1c:73:00:00:01', port_id: port, switch_info: 'leaf-1' },
    ...fields,
  });
  return {
    node: { uuid: randomUUID(), name, network_provider: 'neutron' },
    ports: [
      nic('Ethernet1', { portgroup_uuid: lag.uuid }),
      nic('Ethernet2', { portgroup_uuid: lag.uuid }),
      nic('Ethernet3', { pxe_enabled: false }),
    ],
    portgroups: [lag],
  };
}

/** Pages are looked at in each of these ways. */
const VIEWS: readonly View[] = [
  WIDE,
  { width: 390, height: 844, theme: 'light' },
  // 200 % zoom of a screen of 1280 by 1024.
  { width: 640, height: 512, theme: 'dark' },
];

/** A folder for pictures of the pages, for docs/console/; without it, none are taken. */
const PICTURES = process.env['NETPROV_TEST_PICTURES'];

function pictureName(path: string, { width, theme }: View): string {
  const page = path.replace(/\/.*|\?.*/, '') || (path === '' ? 'fleet' : 'table');
  return `${page}-${width}-${theme}.png`;
}

describe('the console in a browser', () => {
  let world: ConsoleWorld;
  let browser: TestBrowser;
  const [first, second] = [node('rack1-node1'), node('rack1-node2')];

  before(async () => {
    browser = await TestBrowser.start();
    world = await ConsoleWorld.start();
    for (const task of [first, second]) await world.report(task);
    for (const task of [first, second]) await world.cast('add_cleaning_network', task);
  });
  afterEach(async () => {
    world.guard.reset();
    await browser.closePages();
    expect(browser.errors).to.deep.equal([]);
  });
  after(async () => {
    await browser.stop();
    await world.drop();
  });

  /** What the table says of a node. */
  const row = (page: Page, name: string) => page.locator('tr', { hasText: name });
  const open = (path = '', view?: View): Promise<Page> => browser.open(world.page(path), view);

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
    world.guard.fate = ({ method }) => (method === 'GET' ? 'pass' : { status: 503 });
    await world.cast('remove_cleaning_network', second);
    await page.getByRole('complementary').getByRole('link', { name: 'rack1-node2' }).waitFor();
    await row(page, 'rack1-node2').getByText('Retrying').waitFor();
    world.guard.reset();
    await page.getByText('Nothing is stuck.').waitFor();
  });

  it('requeues the dead letter of a failed node, after it has said what will change', async () => {
    world.guard.fate = ({ method }) => (method === 'GET' ? 'pass' : { status: 503 });
    await world.cast('add_cleaning_network', second);
    const page = await open('?view=table');
    await row(page, 'rack1-node2').getByText('Failed').waitFor({ timeout: 90_000 });
    world.guard.reset();
    await page.getByRole('link', { name: 'Put right' }).click();
    await page.getByRole('checkbox', { name: second.node.uuid }).check();
    await page.getByRole('button', { name: 'Requeue 1 …' }).click();
    const dialog = page.getByRole('dialog', { name: 'Requeue this dead letter?' });
    await dialog.getByText(`add cleaning network · ${second.node.uuid}`).waitFor();
    expect(await accessibilityProblems(page)).to.deep.equal([]);
    await dialog.getByRole('button', { name: 'Requeue 1' }).click();
    await page.getByText('1 dead letter is gone from the queue.').waitFor();
    await page.goto(world.page('?view=table'));
    await row(page, 'rack1-node2').getByText('Cleaning', { exact: true }).waitFor();
    await row(page, 'rack1-node2').getByText('Steady').waitFor();
    await page.goto(world.page('repair/actions'));
    await page.getByRole('link', { name: 'Requeue dead letters' }).waitFor();
  });

  it('shows first what a reconciliation would repair', async () => {
    const page = await open(`repair/reconcile?node=${first.node.uuid}`);
    await page.getByRole('button', { name: 'Show what it would do' }).click();
    await page.getByText('0 of 1 nodes differ.').waitFor();
    expect(await page.getByRole('button', { name: /Repair/ }).count()).to.equal(0);
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
    const port = new URL(world.url).port;
    await world.stopApi();
    await page.getByText('No connection: trying again').waitFor();
    await world.startApi({ NETPROV_API_PORT: port });
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

  it('has no finding of axe on the main pages: wide, on a phone, or dark at 200 %', async () => {
    const pages = [
      ['', 'canvas'],
      ['?view=table', 'tbody tr'],
      [`nodes/${first.node.uuid}`, 'text=Neutron has what the record says.'],
      ['operations', 'tbody tr'],
      ['repair', 'text=There are no dead letters'],
      ['health', '.tally'],
    ] as const;
    for (const view of VIEWS) {
      const page = await open('', view);
      for (const [path, sign] of pages) {
        await page.goto(world.page(path));
        await page.locator(sign).first().waitFor();
        if (PICTURES !== undefined) await page.screenshot({ path: join(PICTURES, pictureName(path, view)) });
        expect(await accessibilityProblems(page), `${path} ${JSON.stringify(view)}`).to.deep.equal([]);
        const [inner, outer] = await page.evaluate<[number, number]>(
          '[document.documentElement.scrollWidth, document.documentElement.clientWidth]',
        );
        expect(inner, `${path} at ${view.width}: the page scrolls sideways`).to.be.at.most(outer);
      }
      await browser.closePages();
    }
  });

  it('asks for a log-in, also when a session has ended, and then shows the page that was asked for', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'netprov-test-'));
    const file = join(folder, 'htpasswd');
    await writeFile(file, `operator:${hashSync('a secret', 4)}\n`);
    const secured = {
      NETPROV_AUTH_STRATEGY: 'http_basic',
      NETPROV_HTTP_BASIC_AUTH_USER_FILE: file,
      NETPROV_API_PORT: new URL(world.url).port,
    };
    await world.startApi(secured);
    const page = await open(`nodes/${first.node.uuid}`);
    const logIn = async (password: string): Promise<void> => {
      await page.getByLabel('User name').fill('operator');
      await page.getByLabel('Password').fill(password);
      await page.getByRole('button', { name: 'Log in' }).click();
    };
    await page.getByLabel('User name').waitFor();
    expect(await accessibilityProblems(page)).to.deep.equal([]);
    await logIn('a guess');
    await page.getByRole('alert').waitFor();
    await logIn('a secret');
    await page.getByRole('heading', { name: 'rack1-node1' }).waitFor();
    // The new process signs sessions with another key, so that it knows none of before.
    await world.startApi(secured);
    await page.getByText('Your session has ended.').waitFor();
    await logIn('a secret');
    await page.getByRole('heading', { name: 'rack1-node1' }).waitFor();
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByLabel('User name').waitFor();
    await rm(folder, { recursive: true });
  });
});
