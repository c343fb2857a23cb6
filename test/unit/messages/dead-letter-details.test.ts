import { PassThrough } from 'node:stream';

import { expect } from 'chai';
import { InvalidArgumentError } from 'commander';

import { copyOf } from '../../../src/amqp/index.js';
import { pause } from '../../../src/async/pause.js';
import { filterOf, type FilterOptions, isFiltered } from '../../../src/cli/commands/run-dead-letter.js';
import { moment, nodeUuid } from '../../../src/cli/input/argument-parsers.js';
import { assertTerminal, confirm, ProgressLine } from '../../../src/cli/output/ask.js';
import { describeLetter } from '../../../src/cli/output/dead-letter-view.js';
import { deathsOf, requeuedHeaders } from '../../../src/messages/dead-letter.js';
import { brokerDeathOf, type Letter, readLetter } from '../../../src/messages/dead-letter-details.js';
import { describeMessage } from '../../../src/messages/request.js';
import { letterToJson } from '../../../src/recovery/letter-json.js';
import { jsonCodec } from '../../../src/rpc/index.js';
import { UsageError } from '../../../src/services/errors.js';
import { samplePort, sampleTask } from '../../../testkit/fixtures/samples.js';

const NODE = '1be26c0b-03f2-4d2e-ae87-c02d7f33c123';
const TOPIC = 'ironic.network_provider';
const OPTIONS = { jsonCodec, maxMessageBytes: 100_000 };

const LETTER: Letter = {
  id: 'op-1',
  reason: 'retries_exhausted',
  detail: 'Neutron answers 503',
  queue: `${TOPIC}.conductor-1`,
  node: NODE,
  method: 'add_cleaning_network',
  operation_id: 'op-1',
  first_time: '2026-03-01T10:00:00.000Z',
  last_time: '2026-03-02T10:00:00.000Z',
  deaths: 2,
  attempts: 2,
  content_type: 'application/json',
  bytes: 100,
};

type Raw = Parameters<typeof readLetter>[0];
function message(body: string | Buffer, headers: Record<string, unknown> = {}, more: object = {}): Raw {
  return { content: Buffer.from(body), properties: { headers, contentType: 'application/json', ...more } } as Raw;
}

describe('dead letters', () => {
  describe('filters', () => {
    const cases: [FilterOptions, boolean][] = [
      [{}, true],
      [{ reason: 'retries_exhausted' }, true],
      [{ reason: 'not_json' }, false],
      [{ queue: `${TOPIC}.conductor-1` }, true],
      [{ queue: TOPIC }, false],
      [{ host: 'conductor-1' }, true],
      [{ host: 'conductor' }, false],
      [{ node: NODE }, true],
      [{ node: NODE.replace('1', '2') }, false],
      [{ method: 'add_cleaning_network' }, true],
      [{ method: 'remove_cleaning_network' }, false],
      [{ operation: 'op-1' }, true],
      [{ operation: 'op-2' }, false],
      [{ olderThan: new Date('2026-03-02T10:00:01Z') }, true],
      [{ olderThan: new Date('2026-03-02T10:00:00Z') }, false],
      [{ newerThan: new Date('2026-03-02T09:59:59Z') }, true],
      [{ newerThan: new Date('2026-03-02T10:00:00Z') }, false],
      [{ host: 'conductor-1', reason: 'not_json' }, false],
    ];
    for (const [options, chosen] of cases) {
      it(`${JSON.stringify(options)}: ${chosen ? 'chosen' : 'left alone'}`, () => {
        expect(filterOf([], options, TOPIC)(LETTER)).to.equal(chosen);
      });
    }

    it('go together with ids', () => {
      expect(filterOf(['op-1'], {}, TOPIC)(LETTER)).to.equal(true);
      expect(filterOf(['op-2'], {}, TOPIC)(LETTER)).to.equal(false);
      expect(filterOf(['op-1'], { reason: 'not_json' }, TOPIC)(LETTER)).to.equal(false);
    });

    it('by time skip letters without a readable time', () => {
      for (const time of [null, 'yesterday']) {
        const letter = { ...LETTER, last_time: time };
        expect(filterOf([], { olderThan: new Date() }, TOPIC)(letter)).to.equal(false);
        expect(filterOf([], { newerThan: new Date(0) }, TOPIC)(letter)).to.equal(false);
      }
    });

    it('are recognized as given or not', () => {
      expect(isFiltered([], {})).to.equal(false);
      expect(isFiltered(['op-1'], {})).to.equal(true);
      expect(isFiltered([], { olderThan: new Date() })).to.equal(true);
    });

    it('match a node in any case of letters, and no other text', () => {
      expect(nodeUuid(NODE.toUpperCase())).to.equal(NODE);
      expect(() => nodeUuid('node-1')).to.throw(InvalidArgumentError, 'a UUID');
    });
  });

  describe('moments', () => {
    const now = Date.parse('2026-03-08T12:00:00Z');
    const cases: [string, string][] = [
      ['90s', '2026-03-08T11:58:30.000Z'],
      ['30m', '2026-03-08T11:30:00.000Z'],
      ['2h', '2026-03-08T10:00:00.000Z'],
      ['1.5h', '2026-03-08T10:30:00.000Z'],
      ['7d', '2026-03-01T12:00:00.000Z'],
      ['1w', '2026-03-01T12:00:00.000Z'],
      ['2026-03-01', '2026-03-01T00:00:00.000Z'],
      ['2026-03-01T14:00Z', '2026-03-01T14:00:00.000Z'],
      ['2026-03-01T14:00:00.5+02:00', '2026-03-01T12:00:00.500Z'],
    ];
    for (const [text, time] of cases) {
      it(`${text} is ${time}`, () => {
        expect(moment(text, now).toISOString()).to.equal(time);
      });
    }

    for (const text of ['', '2', 'h', '-2h', '2 h', '2y', '9999999d', 'yesterday', '2026-13-01', '2026-03-01T14:00']) {
      it(`"${text}" is none`, () => {
        expect(() => moment(text, now)).to.throw(InvalidArgumentError, 'duration such as');
      });
    }
  });

  describe('headers', () => {
    it('of a letter that goes back are its own, its first time and its deaths', () => {
      const headers = {
        'their-own': 1,
        'netprov-reason': 'not_json',
        'netprov-first-time': '2026-03-01T10:00:00.000Z',
        'netprov-last-time': '2026-03-02T10:00:00.000Z',
        'netprov-deaths': 2,
      };
      expect(requeuedHeaders(headers)).to.deep.equal({
        'their-own': 1,
        'netprov-first-time': '2026-03-01T10:00:00.000Z',
        'netprov-deaths': 2,
      });
    });

    it('count deaths only where they are a number', () => {
      expect(deathsOf({ 'netprov-deaths': 3 })).to.equal(3);
      for (const wrong of [undefined, '3', -1, 1.5, NaN]) expect(deathsOf({ 'netprov-deaths': wrong })).to.equal(0);
    });

    it('by which RabbitMQ routes and counts are not copied, nor is an expiration', () => {
      const raw = message(
        '{}',
        {
          ...{ CC: ['other'], BCC: ['other'], 'x-delivery-count': 4, 'x-acquired-count': 5, own: 'x' },
          ...{ 'x-death': [{}], 'x-first-death-reason': 'expired', 'x-last-death-queue': 'q' },
        },
        { contentEncoding: 'utf-8', expiration: '100', messageId: 'm', userId: 'u', correlationId: 'c' },
      );
      expect(copyOf(raw)).to.deep.equal({
        contentType: 'application/json',
        properties: { contentEncoding: 'utf-8', correlationId: 'c' },
        headers: { own: 'x' },
      });
    });
  });

  describe('a letter', () => {
    const request = (fields: object): string => JSON.stringify({ method: 'add_cleaning_network', ...fields });

    it('that RabbitMQ put there is described by its headers and its message', () => {
      const time = (value: unknown): object => ({ '!': 'timestamp', value });
      const death = { reason: 'delivery_limit', queue: `${TOPIC}.conductor-1`, count: 2, time: time(1_772_445_600) };
      const before = { reason: 'expired', queue: 'other', count: 1, time: time(1_772_359_200) };
      const body = request({ _unique_id: 'op-2', args: { node_id: NODE } });
      const headers = { 'x-death': [death, before], 'netprov-deaths': 1 };
      expect(readLetter(message(body, headers), OPTIONS)).to.deep.include({
        id: 'op-2',
        reason: 'delivery_limit',
        queue: `${TOPIC}.conductor-1`,
        node: NODE,
        first_time: '2026-03-01T10:00:00.000Z',
        last_time: '2026-03-02T10:00:00.000Z',
        deaths: 4,
      });
      const ours = { ...headers, 'netprov-reason': 'not_json', 'netprov-origin-queue': TOPIC };
      expect(readLetter(message(body, ours), OPTIONS)).to.deep.include({ reason: 'not_json', queue: TOPIC, deaths: 1 });
    });

    it('has no death by RabbitMQ where its headers only look as if', () => {
      for (const wrong of [null, 'x', {}, [], [null], [{}], [{ reason: 7 }]]) {
        expect(brokerDeathOf({ 'x-death': wrong })).to.equal(null);
      }
      for (const time of [null, 'x', {}, { value: 'x' }, { value: 1e300 }, { value: NaN }]) {
        const odd = { 'x-death': [{ reason: 'r', queue: 7, count: 'many', time }] };
        expect(brokerDeathOf(odd)).to.deep.include({ reason: 'r', queue: null, first: null, last: null, count: 1 });
      }
    });

    it('that somebody else put there is described by its message', () => {
      const body = request({ _unique_id: 'op-2', args: { node_id: NODE } });
      expect(readLetter(message(body), OPTIONS)).to.deep.include({
        id: 'op-2',
        operation_id: 'op-2',
        node: NODE,
        method: 'add_cleaning_network',
        reason: null,
        queue: null,
      });
    });

    it('that cannot be read has the SHA-256 of its body for an id', () => {
      const { id, operation_id } = readLetter(message('no JSON', { 'netprov-reason': 'not_json' }), OPTIONS);
      expect(id).to.match(/^[0-9a-f]{64}$/);
      expect(operation_id).to.equal(null);
      expect(readLetter(message('no JSON'), OPTIONS).id).to.equal(id);
    });

    it('is shown without secrets', () => {
      const task = sampleTask({ driver_info: { ipmi_password: 'secret', cleaning_network: 'net-1' } });
      const body = request({
        _unique_id: 'op-3',
        _context_auth_token: 'secret',
        _context_request_id: 'req-1',
        args: { task },
      });
      const description = describeMessage({ body: Buffer.from(body), contentType: null }, OPTIONS);
      const shown = describeLetter(LETTER, description) + JSON.stringify(letterToJson(LETTER, description));
      expect(shown).to.contain(task.node.uuid).and.to.contain('net-1').and.to.contain('req-1');
      expect(shown).to.not.contain('secret');
    });

    it('is shown with what the method takes beside the task', () => {
      const port = samplePort({ extra: { password: 'secret' } });
      const args = { task: sampleTask(), port_obj: port };
      const body = JSON.stringify({ method: 'port_changed', version: '1.1', args });
      const description = describeMessage({ body: Buffer.from(body), contentType: null }, OPTIONS);
      const shown = JSON.stringify(letterToJson(LETTER, description));
      expect(shown).to.contain(port.address).and.to.not.contain('secret');
    });

    it('with wrong arguments is shown with their names and what is wrong', () => {
      const body = request({ args: { task: { ports: 'secret' } } });
      const description = describeMessage({ body: Buffer.from(body), contentType: null }, OPTIONS);
      expect(letterToJson(LETTER, description))
        .to.have.nested.property('request.args')
        .that.has.keys('names', 'problem');
    });

    it('that is no request is shown with what is wrong, and cannot steer the terminal', () => {
      const description = describeMessage({ body: Buffer.from('\x1b[2J'), contentType: null }, OPTIONS);
      const shown = describeLetter({ ...LETTER, detail: 'a\x1b[2Jb' }, description);
      expect(shown).to.contain('the request is unreadable: Malformed message').and.to.not.contain('\x1b');
    });
  });

  describe('a confirmation', () => {
    for (const [typed, answer] of [
      ['y\n', true],
      ['YES\n', true],
      ['n\n', false],
      ['\n', false],
      ['', false],
    ] as const) {
      it(`${JSON.stringify(typed)} is ${answer ? 'yes' : 'no'}`, async () => {
        const input = new PassThrough();
        const output = new PassThrough();
        input.end(typed);
        expect(await confirm('drop it?', { input, output })).to.equal(answer);
        expect(String(output.read())).to.contain('drop it? [y/N]');
      });
    }

    it('needs a terminal', () => {
      expect(() => {
        assertTerminal({});
      }).to.throw(UsageError, '--yes');
    });
  });

  it('long work tells how far it is, short work nothing', async () => {
    const written: string[] = [];
    const progress = new ProgressLine('letters read', { isTTY: true, write: (text) => written.push(text) });
    progress.tell(1, 10);
    expect(written).to.deep.equal([]);
    await pause(1010);
    progress.tell(5, 10);
    progress.end();
    expect(written.join('')).to.equal('\rletters read: 5 of 10\n');
  });
});
