import { expect } from 'chai';

import { ConfigurationError, loadConfig } from '../../../src/config/load.js';
import { hostProblem } from '../../../src/messages/host-name.js';
import { deadLetterQueue, isServerQueue, journalName } from '../../../src/messages/queue-names.js';

describe('names of queues', () => {
  it('of our own queues are refused as names of conductor hosts', () => {
    for (const own of [deadLetterQueue('t'), journalName('t')]) {
      expect(hostProblem(own.slice('t.'.length))).to.match(/none of dead, journal/);
    }
    for (const fine of ['conductor-1', 'dead.example.org', 'journal-1', 'Dead', 'h', 'h'.repeat(160)]) {
      expect(hostProblem(fine), fine).to.equal(null);
    }
    for (const wrong of ['', 'a b', 'a*', '#', 'a,b', 'h'.repeat(161)]) {
      expect(hostProblem(wrong), wrong).to.match(/up to 160 characters/);
    }
  });

  it('are checked when the configuration is read', () => {
    expect(() => loadConfig({ env: { NETPROV_HOST: 'bar-1, journal' } })).to.throw(
      ConfigurationError,
      /host is "bar-1, journal" \(NETPROV_HOST\): expected .*none of dead, journal.*give the conductor another name/,
    );
  });

  it('distinguish queues of requests from others', () => {
    const topic = 'ironic.network_provider';
    for (const served of ['', '.conductor-1', '.dead.example.org', '.journal-1', '_fanout']) {
      expect(isServerQueue(topic, topic + served), served).to.equal(true);
    }
    for (const other of ['.dead', '.journal', '_results.conductor-1', '_fanouts', '.', 'x']) {
      expect(isServerQueue(topic, topic + other), other).to.equal(false);
    }
    expect(isServerQueue(topic, 'ironic-network_provider')).to.equal(false);
    expect(isServerQueue(topic, `other.${topic}`)).to.equal(false);
  });
});
