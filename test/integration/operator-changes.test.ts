import { randomUUID } from 'node:crypto';

import { expect } from 'chai';

import { Nodes } from '../../src/inventory/nodes.js';
import type { NetworkProvider, ProviderContext, ProviderOutcome } from '../../src/providers/provider.js';
import type { Providers } from '../../src/worker/provider-choice.js';
import { rejection } from '../../testkit/fixtures/rejection.js';
import { sampleTask } from '../../testkit/fixtures/samples.js';
import { nothingDone, scriptedProvider, TOPIC, WorkerFixture } from '../../testkit/fixtures/worker.js';

const TARGET = { topic: TOPIC, server: 'conductor-1', version: '1.1' };

/** Something that a test holds up, and lets go. */
class Gate {
  let: () => void = () => undefined;
  reached: Promise<void>;
  readonly #open: Promise<void>;
  #arrive: () => void = () => undefined;

  constructor() {
    this.#open = new Promise((resolve) => (this.let = resolve));
    this.reached = new Promise((resolve) => (this.#arrive = resolve));
  }

  async pass(): Promise<void> {
    this.#arrive();
    await this.#open;
  }
}

describe('a node that an operator changes while an operation runs or waits', () => {
  let fixture: WorkerFixture;
  let nodes: Nodes;
  /** The provider, and the name that the task has, of every run. */
  let ran: [string, string | null][];
  let gate: Gate;

  before(async () => {
    fixture = await WorkerFixture.create();
    nodes = new Nodes(fixture.database.dataSource, () => ['none', 'slow', 'other']);
  });
  after(() => fixture.drop());
  beforeEach(() => {
    ran = [];
    gate = new Gate();
  });
  afterEach(() => fixture.reset());

  const provider = (
    name: string,
    work: (context: ProviderContext) => Promise<Partial<ProviderOutcome>> = () => Promise.resolve(nothingDone),
  ): NetworkProvider =>
    scriptedProvider((_method, context) => {
      ran.push([name, context.task.node.name]);
      return work(context);
    });

  /** A node on record, with two ports. */
  async function enrolled(fields: Record<string, unknown> = {}): Promise<string> {
    const task = sampleTask({ name: `before-${randomUUID()}`, ...fields });
    await fixture.client.call(TARGET, 'validate', { task });
    ran = [];
    return task.node.uuid;
  }

  const named = (name: string) => (document: object) => ({ ...document, name });

  it('boots by its new boot interface, not by what the conductor said about the old one', async () => {
    const booted: (boolean | null)[] = [];
    const noting = provider('none', ({ task }) => {
      booted.push(task.node.pxe_boot);
      return Promise.resolve(nothingDone);
    });
    await fixture.start({ none: noting });
    const uuid = await enrolled({ boot_interface: 'redfish-virtual-media', pxe_boot: false });
    const move = () => fixture.client.call(TARGET, 'add_cleaning_network', { node_id: uuid });
    await move();
    await nodes.update(uuid, (document) => ({ ...document, description: 'still the same' }));
    await move();
    await nodes.update(uuid, (document) => ({ ...document, boot_interface: 'ipxe' }));
    await move();
    expect(booted.slice(-3)).to.deep.equal([false, false, null]);
  });

  it('is moved with its new values and by its new provider when it was changed before the operation began', async () => {
    const slow = provider('slow');
    const others: Record<string, NetworkProvider> = { none: provider('none'), other: provider('other') };
    // What comes between the look-up and the begin: the provider is loaded.
    const providers: Providers = {
      get: async (name) => {
        if (name === 'slow') await gate.pass();
        return name === 'slow' ? slow : (others[name] ?? slow);
      },
      away: () => [],
    };
    await fixture.start(providers);
    const uuid = await enrolled();
    await nodes.update(uuid, (document) => ({ ...document, network_provider: 'slow' }));
    const call = fixture.client.call(TARGET, 'add_cleaning_network', { node_id: uuid });
    await gate.reached;
    await nodes.update(uuid, (document) => ({ ...document, network_provider: 'other', name: 'after-1' }));
    gate.let();
    expect(await call).to.include({ status: 'succeeded', network_provider: 'other' });
    expect(ran).to.deep.equal([['other', 'after-1']]);
    expect(await nodes.get(uuid)).to.include({ network_provider: 'other', name: 'after-1' });
  });

  it('keeps the change when an operation that was not recorded before commits', async () => {
    const slow = provider('slow', async ({ task, args }) => {
      await gate.pass();
      const [port] = task.ports;
      const id = args.vif_info?.id ?? '';
      return { vifs: [{ id, port_uuid: port?.uuid ?? null, portgroup_uuid: null }] };
    });
    const changesNothing = Object.assign(slow, { changesNothing: ['vif_attach' as const] });
    await fixture.start({ none: provider('none'), slow: changesNothing });
    const uuid = await enrolled();
    await nodes.update(uuid, (document) => ({ ...document, network_provider: 'slow' }));
    const vif = randomUUID();
    const call = fixture.client.call(TARGET, 'vif_attach', { node_id: uuid, vif_info: { id: vif } });
    await gate.reached;
    await nodes.update(uuid, named('after-2'));
    gate.let();
    expect(await call).to.include({ status: 'succeeded' });
    const row = await nodes.get(uuid);
    expect(row.name).to.equal('after-2');
    expect(row.attached_vifs).to.have.length(1);
    expect(ran.map(([, name]) => name)).to.deep.equal([ran[0]?.[1], 'after-2']);
  });

  it('is refused while an operation runs, except for fields that no task contains', async () => {
    await fixture.start({
      none: provider('none', async () => {
        await gate.pass();
        return nothingDone;
      }),
    });
    const task = sampleTask({ name: 'at-work' });
    const call = fixture.client.call(TARGET, 'add_cleaning_network', { task });
    await gate.reached;
    await fixture.database.dataSource.query(
      `INSERT INTO nodes (uuid, driver_info, instance_info, task_digest) VALUES (?, '{}', '{}', '')`,
      [task.node.uuid],
    );
    const locked = await rejection(nodes.update(task.node.uuid, named('after-3')));
    expect(locked).to.include({ kind: 'locked' });
    expect(locked?.message).to.contain('add_cleaning_network');
    expect((await nodes.update(task.node.uuid, (node) => ({ ...node, extra: { rack: 7 } }))).extra).to.deep.equal({
      rack: 7,
    });
    gate.let();
    expect(await call).to.include({ status: 'succeeded' });
    expect(await nodes.get(task.node.uuid)).to.deep.include({ name: 'at-work', extra: { rack: 7 } });
    expect((await nodes.update(task.node.uuid, named('after-3'))).name).to.equal('after-3');
  });
});
