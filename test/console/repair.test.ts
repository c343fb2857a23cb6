import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { hashSync } from 'bcryptjs';
import { expect } from 'chai';
import type { Page } from 'playwright-core';

import { rackNode } from '../../testkit/fixtures/rack-node.js';
import { accessibilityProblems, keepPicture, TestBrowser, WIDE } from '../../testkit/servers/browser.js';
import { ConsoleWorld } from '../../testkit/servers/console-world.js';

const NAME = 'operator';
const PASSWORD = 'a secret';

describe('putting right in the console what went wrong', () => {
  let world: ConsoleWorld;
  const browser = TestBrowser.inSuite();
  let folder: string;
  const tasks = [rackNode('rack1-node1'), rackNode('rack1-node2'), rackNode('rack1-node3')] as const;
  const [first, second, third] = tasks;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'netprov-test-'));
    const file = join(folder, 'htpasswd');
    await writeFile(file, `${NAME}:${hashSync(PASSWORD, 4)}\n`);
    const api = { NETPROV_AUTH_STRATEGY: 'http_basic', NETPROV_HTTP_BASIC_AUTH_USER_FILE: file };
    world = await ConsoleWorld.start({ api, retryDeadline: 15 });
    for (const task of tasks) await world.report(task);
    // The retries of all three run out in an outage of Neutron, which then ends.
    world.beginOutage();
    for (const task of tasks) await world.cast('add_cleaning_network', task);
    const page = await open('?view=table');
    for (const { node } of tasks) {
      await row(page, node.name ?? '')
        .getByText('Failed')
        .waitFor();
    }
    world.guard.reset();
    await browser.closePages();
  });
  after(async () => {
    await world.drop();
    await rm(folder, { recursive: true });
  });

  const row = (page: Page, name: string) => page.locator('tr', { hasText: name });

  async function open(path: string): Promise<Page> {
    const page = await browser.open(world.page(path));
    await page.getByLabel('User name').fill(NAME);
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('button', { name: 'Log out' }).waitFor();
    return page;
  }

  /** Holds the page's requests to such addresses until the returned function is called. */
  async function held(page: Page, addresses: string): Promise<() => Promise<void>> {
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    await page.route(addresses, async (route) => {
      await released;
      await route.continue();
    });
    return async () => {
      release();
      await page.unrouteAll({ behavior: 'wait' });
    };
  }

  const isSteadyOnCleaning = async (page: Page, name: string): Promise<void> => {
    await page.goto(world.page('?view=table'));
    await row(page, name).getByText('Cleaning', { exact: true }).waitFor();
    await row(page, name).getByText('Steady').waitFor();
  };

  /** The newest action of this kind, on the page of what was done, with who did it. */
  async function isOnRecord(page: Page, kind: string): Promise<void> {
    await page.goto(world.page('repair/actions'));
    const action = page.getByRole('row').filter({ hasText: kind }).filter({ hasText: NAME }).first();
    await action.getByRole('cell', { name: 'Done' }).waitFor();
    await action.getByRole('link', { name: kind }).click();
    await page.getByRole('heading', { name: `${kind}, ${NAME}` }).waitFor();
  }

  it('shows a dead letter, and requeues it after it has said what will change', async () => {
    const page = await open(`repair/letters?node=${first.node.uuid}`);
    await page.getByRole('button', { name: 'add cleaning network' }).click();
    await page.locator('pre').getByText(first.node.uuid).first().waitFor();
    await page.getByRole('checkbox', { name: first.node.uuid }).check();
    await page.getByRole('button', { name: 'Requeue 1 …' }).click();
    const dialog = page.getByRole('dialog', { name: 'Requeue this dead letter?' });
    await dialog.getByText(`add cleaning network · ${first.node.uuid}`).waitFor();
    expect(await accessibilityProblems(page)).to.deep.equal([]);
    await dialog.getByRole('button', { name: 'Requeue 1' }).click();
    await page.getByText('1 dead letter is gone from the queue.').waitFor();
    await isSteadyOnCleaning(page, 'rack1-node1');
    await isOnRecord(page, 'Requeue dead letters');
  });

  it('drops dead letters after it has said which, and not if that is not confirmed', async () => {
    const page = await open('repair/letters');
    await page.getByRole('checkbox', { name: 'Choose all' }).check();
    await page.getByRole('button', { name: 'Drop 2 …' }).click();
    const dialog = page.getByRole('dialog', { name: 'Drop these 2 dead letters?' });
    for (const { node } of [second, third]) {
      await dialog.getByText(`add cleaning network · ${node.uuid}`).waitFor();
    }
    expect(await accessibilityProblems(page)).to.deep.equal([]);
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(await page.getByRole('checkbox', { name: second.node.uuid }).count()).to.equal(1);
    await page.getByRole('button', { name: 'Drop 2 …' }).click();
    await dialog.getByRole('button', { name: 'Drop 2' }).click();
    await page.getByText('2 dead letters are gone from the queue.').waitFor();
    await page.getByText('There are no dead letters.').waitFor();
    await isOnRecord(page, 'Drop dead letters');
    await page.goto(world.page('?view=table'));
    await row(page, 'rack1-node2').getByText('Failed').waitFor();
  });

  it('replays what failed: shows first what it would send, asks once more, and tells how far it is', async () => {
    const page = await open('repair/replay');
    await page.getByLabel('Only failed requests').check();
    await page.getByLabel('Requests per second').fill('1');
    await page.getByRole('button', { name: 'Show what it would do' }).click();
    await page.getByText('It would send 2 requests again.').waitFor();
    for (const { node } of [second, third]) await page.getByRole('link', { name: node.uuid }).waitFor();
    expect(await page.getByRole('link', { name: first.node.uuid }).count()).to.equal(0);
    const table = await open('?view=table');
    for (const name of ['rack1-node2', 'rack1-node3']) await row(table, name).getByText('Failed').waitFor();
    await page.getByRole('button', { name: 'Replay 2 …' }).click();
    const dialog = page.getByRole('dialog', { name: 'Send 2 requests again?' });
    await dialog.getByText('their nodes may change networks').waitFor();
    for (const { node } of [second, third]) await dialog.getByRole('link', { name: node.uuid }).waitFor();
    await keepPicture(page, 'replay-confirmation', WIDE);
    expect(await accessibilityProblems(page)).to.deep.equal([]);
    // On a busy machine, the page would see only the end of it.
    const goOn = await held(page, '**/v1/actions/*');
    await dialog.getByRole('button', { name: 'Replay 2' }).click();
    await page.getByText('Under way').waitFor();
    await page.getByRole('progressbar').waitFor();
    await goOn();
    await page.getByText('It sent 2 requests again.').waitFor();
    await page.getByText('Done · 2 of 2').waitFor();
    for (const name of ['rack1-node2', 'rack1-node3']) await isSteadyOnCleaning(page, name);
    await isOnRecord(page, 'Replay');
  });

  it('reconciles: shows first what differs, repairs it after it has asked, and then nothing differs', async () => {
    const ports = await world.unbind(first);
    const page = await open(`nodes/${first.node.uuid}`);
    await page.getByText('Neutron differs from the record.').waitFor();
    await page
      .getByText(/^wrong host: /)
      .first()
      .waitFor();
    await page.getByRole('link', { name: 'Compare and repair' }).click();
    await page.getByRole('button', { name: 'Show what it would do' }).click();
    await page.getByText('1 of 1 nodes differs.').waitFor();
    await page
      .getByText(/wrong host: /)
      .first()
      .waitFor();
    for (const id of ports) expect((await world.neutron.port(id))?.['binding:host_id'], 'a dry run').to.equal('');
    await page.getByRole('button', { name: 'Repair 1 node …' }).click();
    const dialog = page.getByRole('dialog', { name: 'Repair this node?' });
    await dialog.getByText('Workers change Neutron so that it is as the record says.').waitFor();
    await dialog.getByRole('link', { name: first.node.uuid }).waitFor();
    await dialog
      .getByText(/wrong host: /)
      .first()
      .waitFor();
    expect(await accessibilityProblems(page)).to.deep.equal([]);
    await dialog.getByRole('button', { name: 'Repair 1 node' }).click();
    await page
      .getByText(/wrong host \(repaired\): /)
      .first()
      .waitFor();
    for (const id of ports) expect((await world.neutron.port(id))?.['binding:host_id']).to.equal(first.node.uuid);
    await page.getByRole('button', { name: 'Show what it would do' }).click();
    await page.getByText('0 of 1 nodes differ.').waitFor();
    expect(await page.getByRole('button', { name: /Repair/ }).count()).to.equal(0);
    await isOnRecord(page, 'Reconcile');
    await page.goto(world.page(`nodes/${first.node.uuid}`));
    await page.getByText('Neutron has what the record says.').waitFor();
  });
});
