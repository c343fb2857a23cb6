import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';

import { expect } from 'chai';

import { ClientFixture } from '../../testkit/fixtures/client-fixture.js';
import { randomMac } from '../../testkit/fixtures/samples.js';
import {
  type Answered,
  type Asked,
  asksAbout,
  FIELDS,
  type Known,
  PATCHES,
  QUERIES,
  type Side,
  SIDES,
} from '../../testkit/fixtures/validators.js';
import { WANTED } from '../../testkit/fixtures/validators-differences.js';
import { required } from '../../testkit/servers/environment.js';

/** Every value is sent to a real Ironic and to netprov api; status and what is kept are compared. */
describe("Ironic's validators and ours", () => {
  let fixture: ClientFixture;
  let known: Known;
  let endpoints: Record<Side, string>;
  /** No other test has changed it. */
  const patchedPort = randomUUID();
  const made: string[] = [];

  before(async () => {
    fixture = await ClientFixture.start();
    endpoints = { ironic: required('NETPROV_IRONIC_ENDPOINT'), netprov: fixture.endpoint };
    const run = randomUUID().slice(0, 8);
    known = {
      node: randomUUID(),
      nodeName: `n-${run}`,
      port: randomUUID(),
      group: randomUUID(),
      groupName: `g-${run}`,
    };
    const { node, port, group } = known;
    for (const [resource, body] of [
      ['nodes', { uuid: node, name: known.nodeName, driver: 'fake-hardware', network_interface: 'noop' }],
      ['portgroups', { uuid: group, node_uuid: node, name: known.groupName }],
      ['ports', { uuid: port, node_uuid: node, address: randomMac() }],
      ['ports', { uuid: patchedPort, node_uuid: node, address: randomMac() }],
    ] as const) {
      const asked = { title: resource, method: 'POST' as const, path: `/v1/${resource}`, body };
      for (const side of SIDES) expect((await ask(side, asked)).status, `${side} ${resource}`).to.equal(201);
    }
    made.length = 0;
  });
  after(async () => {
    await removeMade();
    for (const path of [
      `ports/${known.port}`,
      `ports/${patchedPort}`,
      `portgroups/${known.group}`,
      `nodes/${known.node}`,
    ]) {
      for (const side of SIDES) await ask(side, { title: path, method: 'DELETE', path: `/v1/${path}` });
    }
    await fixture.stop();
  });
  afterEach(removeMade);

  async function removeMade(): Promise<void> {
    for (const path of made.splice(0)) {
      for (const side of SIDES) await ask(side, { title: path, method: 'DELETE', path });
    }
  }

  async function ask(side: Side, { method, path, body, version = '1.82', shows }: Asked): Promise<Answered> {
    const response = await fetch(endpoints[side] + path, {
      method,
      headers: { 'X-OpenStack-Ironic-API-Version': version, 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const { status } = response;
    if (status >= 300 || text === '') return { status, shown: null };
    const read = JSON.parse(text) as Record<string, unknown>;
    if (method === 'POST') made.push(`${path}/${String(read['uuid'])}`);
    return { status, shown: shows === undefined || shows === 'uuid' ? null : (read[shows] ?? null) };
  }

  /** What differs is what is wanted so. */
  async function compare(all: readonly Asked[]): Promise<void> {
    const found: string[] = [];
    for (const asked of all) {
      const [ironic, ours] = [await ask('ironic', asked), await ask('netprov', asked)];
      if (isDeepStrictEqual(ironic, ours)) continue;
      const shown =
        ironic.status === ours.status ? ` ${JSON.stringify(ironic.shown)} ${JSON.stringify(ours.shown)}` : '';
      const title = asked.title
        .replaceAll(known.nodeName, '{name}')
        .replaceAll(known.groupName, '{name}')
        .replaceAll(known.node, '{node}')
        .replaceAll(known.group, '{group}');
      found.push(`${title}: ${ironic.status} ${ours.status}${shown}`);
    }
    expect(found.filter((line) => !WANTED.some(({ lines }) => lines.includes(line)))).to.deep.equal([]);
  }

  // Before nodes are changed: Ironic judges a port by its node's network interface too.
  it('agree on which patches are valid', () =>
    compare(
      PATCHES.map((body) => ({
        ...{
          title: `PATCH ${JSON.stringify(body)}`,
          method: 'PATCH',
          path: `/v1/ports/${patchedPort}`,
          shows: 'extra',
          body,
        },
      })),
    ));

  for (const resource of ['ports', 'portgroups', 'nodes'] as const) {
    for (const field of Object.keys(FIELDS[resource])) {
      it(`agree on ${field} of ${resource}`, () => compare(asksAbout(resource, field, known)));
    }
    it(`agree on what lists of ${resource} can be asked for`, () =>
      compare(
        QUERIES[resource](known).map((query) => ({
          ...{
            title: `GET ${resource} ${query}`,
            method: 'GET',
            path: `/v1/${resource}?${query.replaceAll(' ', '%20')}`,
          },
        })),
      ));
  }
});
