import { randomUUID } from 'node:crypto';

import { expect } from 'chai';

import { type PortEvent, readPortEvents } from '../../../src/neutron/events.js';
import { PortEvents } from '../../../src/neutron/port-events.js';
import { recordingLogger } from '../../../testkit/fixtures/log.js';
import { BOUND, DELETED, eventsIn, UNBOUND } from '../../../testkit/fixtures/neutron-event-samples.js';

/** Milliseconds that no test waits for. */
const LONG = 300_000;

const [bound = {}] = eventsIn(BOUND);

describe("Neutron's events", () => {
  it('are read as Neutron sends them', () => {
    for (const body of [BOUND, UNBOUND, DELETED]) {
      expect(readPortEvents(eventsIn(body))).to.deep.equal({ events: eventsIn(body), problems: [] });
    }
  });

  it('may be without what Neutron leaves out, have null where Ironic takes it, and more than is known', () => {
    const less = { ...bound };
    delete less['device_id'];
    delete less['binding:vnic_type'];
    const items = [less, { ...bound, device_id: null, 'binding:host_id': null }, { ...bound, segment: 7 }];
    const { events, problems } = readPortEvents(items);
    expect(problems).to.deep.equal([]);
    expect(events).to.deep.equal([less, { ...bound, device_id: null, 'binding:host_id': null }, bound]);
  });

  for (const [field, values] of Object.entries({
    event: [undefined, null, 'network.rebind_port', 7, ''],
    port_id: [undefined, null, 'not-a-uuid', 7, [], '../ports'],
    mac_address: [undefined, null, 'fa:16:3e', 7, 'fa:16:3e:36:2d:f6:00'],
    status: [undefined, null, '', 7, {}, 'X'.repeat(256)],
    device_id: [7, [], 'd'.repeat(256)],
    'binding:host_id': [7, {}, 'h'.repeat(256)],
    'binding:vnic_type': [7, true],
  })) {
    it(`are refused with a wrong ${field}, each alone, by its place and field`, () => {
      for (const value of values) {
        const { events, problems } = readPortEvents([bound, { ...bound, [field]: value }, ...eventsIn(DELETED)]);
        expect(events, JSON.stringify(value)).to.deep.equal([bound, ...eventsIn(DELETED)]);
        expect(problems).to.have.length(1);
        expect(problems[0]?.index).to.equal(1);
        expect(problems[0]?.problem).to.match(new RegExp(`^${field}: `));
      }
    });
  }

  it('are refused where an item is no object', () => {
    const items = [null, 7, 'text', [], undefined, bound];
    const { events, problems } = readPortEvents(items);
    expect(events).to.deep.equal([bound]);
    expect(problems.map(({ index }) => index)).to.deep.equal([0, 1, 2, 3, 4]);
  });
});

describe('PortEvents', () => {
  const { log, lines } = recordingLogger();
  const event = (port: string): PortEvent => ({ ...(bound as PortEvent), port_id: port });
  const never = new AbortController().signal;
  let events: PortEvents;

  beforeEach(() => {
    lines.length = 0;
    events = new PortEvents(log);
  });

  it('remembers when a port was heard of last, however often', () => {
    const port = randomUUID();
    const before = performance.now();
    expect(events.has(port, before)).to.equal(false);
    events.hear(event(port));
    events.hear(event(port));
    expect(events.has(port, before)).to.equal(true);
    expect(events.has(port, performance.now() + 1)).to.equal(false);
    expect(events.has(randomUUID(), before)).to.equal(false);
  });

  it('remembers what was said of a port last', () => {
    const port = randomUUID();
    const before = performance.now();
    expect(events.last(port, before)).to.equal(null);
    events.hear(event(port));
    const unbound: PortEvent = { ...event(port), event: 'network.unbind_port', status: 'DOWN' };
    events.hear(unbound);
    expect(events.last(port, before)).to.deep.equal(unbound);
    expect(events.last(port, performance.now() + 1)).to.equal(null);
  });

  it('wakes whoever waits when all of their ports were heard of', async () => {
    const [one, two] = [randomUUID(), randomUUID()];
    const since = performance.now();
    let woken = false;
    const waiting = events.heardOf([one, two], since, LONG, never).then(() => (woken = true));
    for (const port of [one, one, randomUUID()]) events.hear(event(port));
    await new Promise(setImmediate);
    expect(woken).to.equal(false);
    events.hear(event(two));
    await waiting;
    await events.heardOf([one, two], since, LONG, never);
  });

  it('wakes them after a moment when only some were heard of, be it before', async () => {
    const [one, two] = [randomUUID(), randomUUID()];
    const since = performance.now();
    const waiting = events.heardOf([one, two], since, 10, never);
    events.hear(event(randomUUID()));
    events.hear(event(one));
    await waiting;
    await events.heardOf([one, two], since, 10, never);
  });

  it('lets those go who do not wait any longer', async () => {
    const over = new AbortController();
    const [one, two] = [randomUUID(), randomUUID()];
    const waiting = events.heardOf([one, two], performance.now(), LONG, over.signal);
    events.hear(event(one));
    over.abort();
    await waiting;
    await events.heardOf([randomUUID()], performance.now(), LONG, over.signal);
  });

  it('expects events from the first one on, until one was missed', () => {
    const port = randomUUID();
    expect(events.expected).to.equal(false);
    events.missed(port);
    expect(lines, 'none was expected').to.deep.equal([]);
    events.hear(event(port));
    expect(events.expected).to.equal(true);
    events.missed(port);
    expect(events.expected).to.equal(false);
    expect(lines.filter((line) => line.startsWith('warn'))).to.have.length(1);
    events.hear(event(port));
    expect(events.expected).to.equal(true);
  });

  it('forgets the oldest of very many ports', () => {
    const ports: string[] = Array.from({ length: 10_001 }, () => randomUUID());
    const before = performance.now();
    for (const port of ports) events.hear(event(port));
    expect([ports.at(0), ports.at(-1)].map((port = '') => events.has(port, before))).to.deep.equal([false, true]);
  });
});
