import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { hashSync } from 'bcryptjs';
import { expect } from 'chai';
import type { Page } from 'playwright-core';

import { rackNode } from '../../testkit/fixtures/rack-node.js';
import {
  accessibilityProblems,
  EVERY_SIZE,
  inBothThemes,
  keepPicture,
  overflow,
  TestBrowser,
} from '../../testkit/servers/browser.js';
import { ConsoleWorld } from '../../testkit/servers/console-world.js';
import { keystoneVariables, TestKeystone } from '../../testkit/servers/keystone.js';

const [own, other] = [rackNode('leased-node'), rackNode('other-node')];

const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { name });

describe('logging in to the console with a real Keystone', () => {
  let world: ConsoleWorld;
  const browser = TestBrowser.inSuite();
  let keystone: TestKeystone;
  let admin: { name: string; password: string; id: string };
  let lessee: typeof admin;
  let project: { id: string; name: string };

  before(async () => {
    keystone = new TestKeystone();
    await keystone.logInAsAdmin();
    project = await keystone.makeProject();
    admin = await keystone.makeUser('admin', 'system');
    lessee = await keystone.makeUser('member', { project: project.name });
    // The API asks Keystone about a token at every request, so that a revoked one ends at once.
    world = await ConsoleWorld.start({ api: keystoneVariables({ token_cache_time: 0 }) });
    for (const task of [own, other]) {
      await world.report(task);
      await world.cast('add_cleaning_network', task);
    }
    await lease();
  });
  after(async () => {
    await world.drop();
    await keystone.drop();
  });

  /** Gives the node to the lessee's project, as an administrator does it by the API. */
  async function lease(): Promise<void> {
    const page = await logInForSystem('?view=table');
    await page.locator('tr', { hasText: 'leased-node' }).getByText('Cleaning', { exact: true }).waitFor();
    await page.locator('tr', { hasText: 'other-node' }).getByText('Cleaning', { exact: true }).waitFor();
    const { token } = await keystone.issue(admin.name, admin.password, 'system');
    const answer = await fetch(new URL(`/v1/nodes/${own.node.uuid}`, world.url), {
      method: 'PATCH',
      headers: {
        'content-type': 'application/json',
        'x-auth-token': token,
        'x-openstack-ironic-api-version': '1.111',
      },
      body: JSON.stringify([{ op: 'add', path: '/lessee', value: project.id }]),
    });
    expect(answer.status, await answer.text()).to.equal(200);
    await browser.closePages();
  }

  async function enter(page: Page, fields: Record<string, string>): Promise<void> {
    for (const [label, value] of Object.entries(fields)) await page.getByLabel(label, { exact: true }).fill(value);
    await page.getByRole('button', { name: 'Log in' }).click();
  }

  async function logInForSystem(path = ''): Promise<Page> {
    const page = await browser.open(world.page(path));
    await page.getByLabel('Act for the whole system, not for a project').check();
    await enter(page, { 'User name': admin.name, Password: admin.password });
    await page.getByText(`${admin.name} · whole system`).waitFor();
    return page;
  }

  async function logInAsLessee(path = ''): Promise<Page> {
    const page = await browser.open(world.page(path));
    await enter(page, { 'User name': lessee.name, Password: lessee.password, Project: project.name });
    await page.getByText(`${lessee.name} · ${project.name}`).waitFor();
    return page;
  }

  const names = (page: Page): Promise<string[]> => page.locator('tbody th').allTextContents();
  const pagesOffered = (page: Page): Promise<string[]> =>
    page.getByRole('navigation', { name: 'Pages' }).getByRole('link').allTextContents();

  it('by a password for the whole system shows every node, and every page', async () => {
    const page = await logInForSystem('?view=table');
    await page.getByText('2 nodes').waitFor();
    expect((await names(page)).sort()).to.deep.equal(['leased-node', 'other-node']);
    expect(await pagesOffered(page)).to.deep.equal(['Fleet', 'Operations', 'Put right', 'Health']);
  });

  it('by a wrong password says what is wrong, and keeps what else was entered', async () => {
    const page = await browser.open(world.page());
    await enter(page, { 'User name': lessee.name, Password: 'a guess', Project: project.name });
    const alert = page.getByRole('alert');
    await alert.getByText('Keystone refused the log-in: check name, password, project and their domains.').waitFor();
    expect(await accessibilityProblems(page)).to.deep.equal([]);
    await page.getByLabel('Password', { exact: true }).fill(lessee.password);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByText(`${lessee.name} · ${project.name}`).waitFor();
  });

  it('by an application credential shows the page that was asked for', async () => {
    const { id, secret } = await keystone.makeCredential(lessee, project.name);
    const page = await browser.open(world.page(`nodes/${own.node.uuid}`));
    await page.getByRole('radio', { name: 'Application credential' }).check();
    await enter(page, { Id: id, Secret: secret });
    await heading(page, 'leased-node').waitFor();
    await page.getByText(`${lessee.name} · ${project.name}`).waitFor();
  });

  it('of a lessee shows its own node only, and no page and no button that the policy refuses', async () => {
    const page = await logInAsLessee('?view=table');
    await page.getByText('1 node', { exact: true }).waitFor();
    expect(await names(page)).to.deep.equal(['leased-node']);
    expect(await pagesOffered(page)).to.deep.equal(['Fleet', 'Operations']);
    // The node differs from its record: whoever may repair it is offered to.
    await world.unbind(own);
    await page.getByRole('link', { name: 'leased-node' }).click();
    await page.getByText('Neutron differs from the record.').waitFor();
    expect(await page.getByRole('link', { name: 'Compare and repair' }).count()).to.equal(0);
    await page.goto(world.page(`nodes/${other.node.uuid}`));
    await page.getByRole('alert').getByText('could not be found').waitFor();
    for (const path of ['repair', 'repair/letters', 'repair/replay', 'repair/reconcile', 'repair/actions']) {
      await page.goto(world.page(path));
      await page.getByText('Your role allows none of this.').waitFor();
      expect(await page.locator('main').getByRole('button').count(), path).to.equal(0);
    }
    const operator = await logInForSystem(`nodes/${own.node.uuid}`);
    await operator.getByRole('link', { name: 'Compare and repair' }).waitFor();
  });

  it('is asked for again when the session has ended, and then shows the same page', async () => {
    const page = await logInAsLessee(`nodes/${own.node.uuid}`);
    await heading(page, 'leased-node').waitFor();
    const cookies = await page.context().cookies();
    const session = cookies.find(({ name }) => name === 'netprov_session');
    expect(session).to.include({ httpOnly: true, sameSite: 'Strict' });
    await keystone.revoke(session?.value ?? '');
    await page.getByRole('button', { name: 'Ask again' }).click();
    await page.getByText('Your session has ended.').waitFor();
    await enter(page, { 'User name': lessee.name, Password: lessee.password, Project: project.name });
    await heading(page, 'leased-node').waitFor();
    expect(new URL(page.url()).pathname).to.equal(`/console/nodes/${own.node.uuid}`);
  });

  it('ends with the log-out, also for Keystone', async () => {
    const page = await logInAsLessee();
    const [session] = await page.context().cookies();
    expect(await keystone.accepts(session?.value ?? '')).to.equal(true);
    await page.getByRole('button', { name: 'Log out' }).click();
    await heading(page, 'Log in').waitFor();
    expect(await page.context().cookies()).to.deep.equal([]);
    expect(await keystone.accepts(session?.value ?? '')).to.equal(false);
  });

  it('has no finding of axe, with either way to log in', async () => {
    for (const size of EVERY_SIZE) {
      const page = await browser.open(world.page(), { ...size, theme: 'light' });
      await page.getByLabel('User name').waitFor();
      await inBothThemes(page, async (theme) => {
        await keepPicture(page, 'log-in', { ...size, theme });
        expect(await accessibilityProblems(page), `${size.width}, ${theme}`).to.deep.equal([]);
      });
      await page.getByRole('radio', { name: 'Application credential' }).check();
      await page.getByLabel('Secret').waitFor();
      await inBothThemes(page, async (theme) => {
        expect(await accessibilityProblems(page), `${size.width}, ${theme}`).to.deep.equal([]);
      });
      expect(await overflow(page)).to.equal(0);
      await browser.closePages();
    }
  });
});

describe('logging in to the console with http_basic', () => {
  let world: ConsoleWorld;
  const browser = TestBrowser.inSuite();
  let folder: string;
  const task = rackNode('rack1-node1');

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'netprov-test-'));
    const file = join(folder, 'htpasswd');
    await writeFile(file, `operator:${hashSync('a secret', 4)}\n`);
    const api = { NETPROV_AUTH_STRATEGY: 'http_basic', NETPROV_HTTP_BASIC_AUTH_USER_FILE: file };
    world = await ConsoleWorld.start({ api });
    await world.report(task);
    await world.cast('add_cleaning_network', task);
  });
  after(async () => {
    await world.drop();
    await rm(folder, { recursive: true });
  });

  it('shows the page that was asked for, also after a session that has ended', async () => {
    const page = await browser.open(world.page(`nodes/${task.node.uuid}`));
    const logIn = async (password: string): Promise<void> => {
      await page.getByLabel('User name').fill('operator');
      await page.getByLabel('Password').fill(password);
      await page.getByRole('button', { name: 'Log in' }).click();
    };
    await page.getByLabel('User name').waitFor();
    expect(await page.getByRole('radio').count()).to.equal(0);
    expect(await accessibilityProblems(page)).to.deep.equal([]);
    await logIn('a guess');
    await page.getByRole('alert').getByText('Incorrect username or password').waitFor();
    await logIn('a secret');
    await heading(page, 'rack1-node1').waitFor();
    // The new process signs sessions with another key, so that it knows none of before.
    await world.startApi();
    await page.getByText('Your session has ended.').waitFor();
    await logIn('a secret');
    await heading(page, 'rack1-node1').waitFor();
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByLabel('User name').waitFor();
  });
});
