import { expect } from 'chai';
import fc from 'fast-check';
import sinon from 'sinon';

import { createApi } from '../../../../src/api/api-server.js';
import { NoAuthentication } from '../../../../src/api/auth/authenticator.js';
import type { ApiServer } from '../../../../src/api/http/types.js';
import type { EventRoutes } from '../../../../src/api/routes/event-routes.js';
import type { PortEvent } from '../../../../src/neutron/events.js';
import { apiOptions, noResources } from '../../../../testkit/fixtures/api.js';
import { recordingLogger } from '../../../../testkit/fixtures/log.js';
import { BOUND, DELETED, eventsIn, UNBOUND } from '../../../../testkit/fixtures/neutron-event-samples.js';

/** As Neutron's notifier sends them. */
const NEUTRON = {
  'content-type': 'application/json',
  'openstack-api-version': 'baremetal 1.54',
  'x-openstack-ironic-api-version': '1.54',
  'x-auth-token': 'notused',
};

describe('POST /v1/events', () => {
  const { log, lines } = recordingLogger();
  let published: PortEvent[][];
  let publish: EventRoutes['events']['publish'];
  let server: ApiServer;

  beforeEach(async () => {
    lines.length = 0;
    published = [];
    publish = (events) => {
      published.push([...events]);
      return Promise.resolve();
    };
    const parts = { ...noResources(), log, authenticator: new NoAuthentication() };
    server = await createApi(apiOptions(), { ...parts, events: { publish: (events) => publish(events) } });
  });
  afterEach(() => server.close());

  async function post(body: string | object, headers: Record<string, string> = NEUTRON) {
    const payload = typeof body === 'string' ? body : JSON.stringify(body);
    const response = await server.inject({ method: 'POST', url: '/v1/events', headers, payload });
    const text = response.body === '' ? '{}' : response.body;
    const { error_message: message } = JSON.parse(text) as { error_message?: string };
    const { faultstring = '' } = JSON.parse(message ?? '{}') as { faultstring?: string };
    return { status: response.statusCode, body: response.body, fault: faultstring };
  }

  it('passes on what Neutron sends, and answers with nothing', async () => {
    for (const body of [BOUND, UNBOUND, DELETED, BOUND]) expect(await post(body)).to.include({ status: 204, body: '' });
    expect(published).to.deep.equal([BOUND, UNBOUND, DELETED, BOUND].map(eventsIn));
  });

  it('passes on the valid events of a batch, and names the invalid ones', async () => {
    const [good, other] = eventsIn(DELETED);
    const bad = [null, { ...good, port_id: 'x' }, { event: 'network.rebind_port' }];
    const { status, fault } = await post({ events: [good, ...bad, other] });
    expect(status).to.equal(400);
    expect(published).to.deep.equal([[good, other]]);
    expect(fault).to.match(/2 others were passed on/);
    for (const place of ['events.1: ', 'events.2: port_id: ', 'events.3: event: ']) expect(fault).to.include(place);
    expect(lines.filter((line) => line.includes('"dropped":3'))).to.have.length(1);
  });

  it('names at most ten invalid events', async () => {
    const { status, fault } = await post({ events: Array(500).fill(7) });
    expect(status).to.equal(400);
    expect(fault).to.include('events.9: ').and.include('and 490 more').and.not.include('events.10: ');
    expect(published).to.deep.equal([]);
  });

  for (const [what, body] of Object.entries({
    'no events': {},
    'an empty list': { events: [] },
    'an object for a list': { events: { 0: eventsIn(BOUND)[0] } },
    'something beside the list': { events: eventsIn(BOUND), more: 1 },
    'a list alone': eventsIn(BOUND),
    'more events than anybody has': { events: Array(10_001).fill(1) },
    'no JSON': '{"events": [',
    nothing: '',
  })) {
    it(`refuses ${what}, and passes nothing on`, async () => {
      expect((await post(body)).status).to.equal(400);
      expect(published).to.deep.equal([]);
    });
  }

  it('passes on the valid events of altered real payloads, and never fails', async () => {
    const real = [BOUND, UNBOUND, DELETED].flatMap(eventsIn);
    const field = fc.constantFrom(...Object.keys(real[0] ?? {}), '__proto__', 'more');
    const tampered = fc
      .tuple(fc.constantFrom(...real), fc.dictionary(field, fc.jsonValue({ maxDepth: 3 }), { maxKeys: 3 }))
      .map(([event, changes]) => ({ ...event, ...changes }));
    const items = fc.array(fc.oneof(fc.constantFrom(...real), tampered, fc.jsonValue({ maxDepth: 3 })), {
      minLength: 1,
    });
    await fc.assert(
      fc.asyncProperty(items, async (events) => {
        published = [];
        const { status } = await post({ events });
        const passed = published.flat();
        // A body with one of these keys, of which Neutron has none, is refused as a whole: it is out to do harm.
        if (status === 400 && /"(__proto__|constructor)"/.test(JSON.stringify(events))) return;
        expect(status).to.equal(passed.length === events.length ? 204 : 400);
        const good = events.filter((event) => real.includes(event as Record<string, unknown>));
        expect(passed).to.include.deep.members(good);
      }),
      { numRuns: 500 },
    );
  });

  it('answers 404 before version 1.54, as in Ironic', async () => {
    const version = (minor: number) => ({ ...NEUTRON, 'openstack-api-version': `baremetal 1.${minor}` });
    expect((await post(BOUND, version(53))).status).to.equal(404);
    expect((await post(BOUND, version(54))).status).to.equal(204);
    expect(published).to.have.length(1);
  });

  it('answers with 503 when RabbitMQ refuses the events, without quoting RabbitMQ', async () => {
    publish = () => Promise.reject(new Error('rabbit: secret'));
    const { status, body } = await post(BOUND);
    expect(status).to.equal(503);
    expect(body).not.to.include('secret');
    expect(lines.filter((line) => line.startsWith('error') && line.includes('could not pass on'))).to.have.length(1);
  });

  it('answers with 503 when RabbitMQ does not confirm the events', async () => {
    const clock = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    publish = () => {
      setImmediate(() => clock.tick(5_001));
      return new Promise(() => undefined);
    };
    try {
      expect((await post(BOUND)).status).to.equal(503);
    } finally {
      clock.restore();
    }
  });

  it('describes an event in the OpenAPI document', async () => {
    const document = (await server.inject('/openapi.json')).json<{ paths: Record<string, unknown> }>();
    const described = JSON.stringify(document.paths['/v1/events']);
    for (const name of Object.keys(eventsIn(BOUND)[0] ?? {})) expect(described).to.include(`"${name}"`);
    expect(described).not.to.include('$schema');
  });
});
