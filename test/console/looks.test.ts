import { expect } from 'chai';
import type { Page } from 'playwright-core';

import { putManyNodes } from '../../testkit/fixtures/many-nodes.js';
import { until } from '../../testkit/fixtures/poll.js';
import { rackNode } from '../../testkit/fixtures/rack-node.js';
import {
  accessibilityProblems,
  EVERY_SIZE,
  inBothThemes,
  keepPicture,
  overflow,
  TestBrowser,
  type View,
  WIDE,
} from '../../testkit/servers/browser.js';
import { ConsoleWorld } from '../../testkit/servers/console-world.js';

/** A television of 4K on a wall. */
const WALL: View = { width: 3840, height: 2160, theme: 'dark' };
/** A sheet of A4 between margins of 12 mm, in pixels of 1/96 inch. */
const PAPER: View = { width: 703, height: 1032, theme: 'dark' };

/** Whether the board's canvas has a pixel that is not transparent. */
const IS_PAINTED = `(() => {
  const canvas = document.querySelector('canvas');
  if (canvas === null || canvas.width === 0) return false;
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  return data.some((value, i) => i % 4 === 3 && value > 0);
})()`;

interface PageToSee {
  name: string;
  path: string;
  /** Makes the page show all that it can. */
  prepare: (page: Page) => Promise<unknown>;
}

describe('the look of the console', () => {
  let world: ConsoleWorld;
  const browser = TestBrowser.inSuite();
  let operation: string;
  const [steady, differing, failed] = [rackNode('rack1-node1'), rackNode('rack1-node2'), rackNode('rack1-node3')];

  before(async () => {
    world = await ConsoleWorld.start({ retryDeadline: 15 });
    for (const task of [steady, differing, failed]) await world.report(task);
    operation = await world.cast('add_cleaning_network', steady);
    await world.cast('add_cleaning_network', differing);
    const page = await browser.open(world.page('?view=table'));
    const row = (name: string) => page.locator('tr', { hasText: name });
    for (const name of ['rack1-node1', 'rack1-node2']) {
      await row(name).getByText('Cleaning', { exact: true }).waitFor();
    }
    await world.unbind(differing);
    world.beginOutage();
    await world.cast('add_cleaning_network', failed);
    await row('rack1-node3').getByText('Failed').waitFor();
    world.guard.reset();
    await browser.closePages();
    await putManyNodes(world.database.dataSource, 72);
  });
  after(() => world.drop());

  const shows = (selector: string) => (page: Page) => page.locator(selector).first().waitFor();

  const pages = (): readonly PageToSee[] => [
    { name: 'fleet', path: '', prepare: shows('canvas') },
    { name: 'table', path: '?view=table', prepare: shows('tbody tr') },
    { name: 'no-nodes', path: '?name=nobody', prepare: shows('text=No node matches the filters.') },
    {
      name: 'node',
      path: `nodes/${steady.node.uuid}`,
      prepare: shows('text=Neutron has what the record says.'),
    },
    {
      name: 'differing-node',
      path: `nodes/${differing.node.uuid}`,
      prepare: shows('text=Neutron differs from the record.'),
    },
    { name: 'operations', path: 'operations', prepare: shows('tbody tr') },
    {
      name: 'operation',
      path: `operations/${operation}`,
      prepare: (page) => page.getByText('The whole result').click(),
    },
    {
      name: 'dead-letters',
      path: 'repair/letters',
      prepare: async (page) => {
        await page.getByRole('button', { name: 'add cleaning network' }).click();
        await page.locator('pre').waitFor();
      },
    },
    { name: 'replay', path: 'repair/replay', prepare: tries('It would send') },
    { name: 'reconcile', path: 'repair/reconcile', prepare: tries('nodes differ') },
    { name: 'actions', path: 'repair/actions', prepare: shows('tbody tr') },
    {
      name: 'action',
      path: 'repair/actions',
      prepare: async (page) => {
        await page.locator('tbody').getByRole('link', { name: 'Replay' }).first().click();
        await page.getByText('What was asked for').click();
      },
    },
    { name: 'health', path: 'health', prepare: shows('.tally') },
    { name: 'unknown', path: 'nothing/here', prepare: shows('text=The console has no page at this address.') },
  ];

  /** Has the API try what the form asks for. */
  function tries(outcome: string): PageToSee['prepare'] {
    return async (page) => {
      await page.getByRole('button', { name: 'Show what it would do' }).click();
      await page.getByText(outcome).first().waitFor();
    };
  }

  for (const size of EVERY_SIZE) {
    it(`has no finding of axe, light and dark, and does not scroll sideways: ${size.width} pixels`, async () => {
      for (const { name, path, prepare } of pages()) {
        const page = await browser.open(world.page(path), { ...size, theme: 'light' });
        await prepare(page);
        await inBothThemes(page, async (theme) => {
          await keepPicture(page, name, { ...size, theme });
          expect(await accessibilityProblems(page), `${name}, ${theme}`).to.deep.equal([]);
        });
        expect(await overflow(page), `${name}: pixels too wide`).to.equal(0);
        await browser.closePages();
      }
    });
  }

  it('prints a node with all that a ticket needs, on white paper, and without what can only be clicked', async () => {
    const page = await browser.open(world.page(`nodes/${steady.node.uuid}`), PAPER);
    await page.getByText('Neutron has what the record says.').waitFor();
    const [port] = await world.neutron
      .portsOn(world.networks.cleaning)
      .then((ports) => ports.filter((one) => one['binding:host_id'] === steady.node.uuid));
    await page.emulateMedia({ media: 'print' });
    await keepPicture(page, 'print', PAPER);
    const paper = await page.locator('body').innerText();
    const wanted = [
      ...['rack1-node1', steady.node.uuid, 'Steady', 'Cleaning', `/console/nodes/${steady.node.uuid}`],
      ...['Wiring', 'bond0', 'leaf-1', 'Ethernet1', 'Ethernet3', 'Neutron has what the record says.', port?.id ?? ''],
      ...['Where it was', 'add cleaning network', 'Succeeded', 'On record', 'conductor-1'],
    ];
    for (const text of wanted) expect(paper).to.include(text);
    expect(paper).to.match(/for .+ \(since \d+ \w+ \d{4}, [\d:]+\)/);
    for (const role of ['button', 'navigation', 'slider', 'combobox', 'textbox'] as const) {
      expect(await page.getByRole(role).count(), role).to.equal(0);
    }
    for (const text of ['Fleet', 'Put right', 'Log out', 'Colors', 'Ask again']) expect(paper).to.not.include(text);
    expect(await overflow(page), 'pixels too wide for the paper').to.equal(0);
    const colors = await page.evaluate<string[]>(
      "['color', 'backgroundColor'].map((name) => getComputedStyle(document.documentElement)[name])",
    );
    expect(colors).to.deep.equal(['rgb(24, 32, 38)', 'rgba(0, 0, 0, 0)']);
    expect((await page.pdf({ format: 'A4' })).subarray(0, 5).toString()).to.equal('%PDF-');
  });

  it('has no error on a board without room, such as on a page that is being left, and is painted again with room', async () => {
    const page = await browser.open(world.page(''));
    const isPainted = () => page.evaluate<boolean>(IS_PAINTED);
    const display = (value: string) => page.evaluate(`document.querySelector('.board').style.display = '${value}'`);
    await until('the board is painted', isPainted);
    await display('none');
    await until('the canvas has no pixel', () =>
      page.evaluate<boolean>("document.querySelector('canvas').width === 0"),
    );
    await page.evaluate('new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted)))');
    await display('');
    await until('the board is painted again', isPainted);
  });

  it('fills a screen on a wall: large, without anything to scroll or to click, and live', async () => {
    const page = await browser.open(world.page('?view=wall'), WALL);
    await page.locator('canvas').waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    const strip = page.getByRole('region', { name: 'State' });
    await strip.getByText('Failed 3').waitFor();
    await until('the board is painted', () => page.evaluate<boolean>(IS_PAINTED));
    await keepPicture(page, 'wall', WALL);
    expect(await accessibilityProblems(page)).to.deep.equal([]);
    for (const role of ['button', 'combobox', 'searchbox'] as const) {
      expect(await page.getByRole(role).count(), role).to.equal(0);
    }
    const [outer, inner, board, boardInner] = await page.evaluate<[number, number, number, number]>(`(() => {
      const board = document.querySelector('.board');
      return [innerHeight, document.documentElement.scrollHeight, board.clientWidth, board.scrollWidth];
    })()`);
    expect(inner, 'the page scrolls down').to.be.at.most(outer);
    expect(boardInner, 'the board scrolls sideways').to.be.at.most(board);
    // The height of letters, as a part of that of the screen.
    const smallest =
      await page.evaluate<number>(`Math.min(...[...document.querySelectorAll('.wall-strip li, .stuck a, .column-head')]
      .map((element) => parseFloat(getComputedStyle(element).fontSize)))`);
    expect(smallest).to.be.at.least(WALL.height / 65);
    world.guard.reset();
    await world.cast('add_cleaning_network', failed);
    await strip.getByText('Failed 2').waitFor();
  });

  it('says on the wall that what it shows may be old, and goes on by itself when the API is back', async () => {
    const page = await browser.open(world.page('?view=wall'), WALL);
    await page.getByText('Live', { exact: true }).waitFor();
    await world.stopApi();
    await page.getByText('No connection: trying again').waitFor();
    expect(await accessibilityProblems(page)).to.deep.equal([]);
    await world.startApi();
    await page.getByText('Live', { exact: true }).waitFor();
  });

  it('says on the wall that nothing is stuck', async () => {
    const page = await browser.open(world.page('?host=conductor-without-nodes&view=wall'), WALL);
    await page.getByText('Nothing is stuck.').waitFor();
  });

  it('leaves the wall by the name of the console, with the filters as they were', async () => {
    const page = await browser.open(world.page('?host=conductor-2'));
    await page.getByRole('link', { name: 'Wall' }).click();
    await page.getByRole('region', { name: 'State' }).waitFor();
    expect(new URL(page.url()).search).to.equal('?host=conductor-2&view=wall');
    await page.getByRole('link', { name: 'netprov' }).click();
    await page.getByRole('button', { name: 'Board' }).waitFor();
    expect(new URL(page.url()).search).to.equal('?host=conductor-2');
  });

  it('is loaded again on the wall when the API serves another version, and only then', async () => {
    const page = await browser.open(world.page('?view=wall'), WIDE);
    await page.getByText('Live', { exact: true }).waitFor();
    await page.evaluate('window.isFirst = true');
    // A simulated new version: one look gets a page with another script.
    let isNew = false;
    let looks = 0;
    await page.route('**/console/', async (route) => {
      const answer = await route.fetch().catch(() => null);
      if (answer === null) {
        await route.abort();
        return;
      }
      const text = await answer.text();
      const body = isNew ? text.replace(/index-[\w-]+\.js/, 'index-new.js') : text;
      isNew = false;
      await route.fulfill({ response: answer, body });
      looks++;
    });
    // The page looks after each start. While the API is away, no look of the last start is under way.
    const restart = async (version: 'same' | 'new'): Promise<void> => {
      await world.stopApi();
      await page.getByText('No connection: trying again').waitFor();
      isNew = version === 'new';
      const before = looks;
      await world.startApi();
      await page.getByText('Live', { exact: true }).waitFor();
      await until('the page has looked', () => looks > before);
    };
    await restart('same');
    expect(await page.evaluate('window.isFirst')).to.equal(true);
    const loaded = page.waitForEvent('load');
    await restart('new');
    await loaded;
    await page.getByText('Live', { exact: true }).waitFor();
    expect(await page.evaluate('window.isFirst')).to.equal(undefined);
  });
});
