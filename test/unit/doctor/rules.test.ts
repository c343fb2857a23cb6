import { expect } from 'chai';

import { type DoctorRule, Findings } from '../../../src/doctor/finding.js';
import { BROKER_VERSION_RULES, CONNECTION_RULES, EXCHANGE_RULES } from '../../../src/doctor/rules/broker-rules.js';
import { CLOCK_RULES, clockFacts } from '../../../src/doctor/rules/clock-rules.js';
import { SCHEMA_RULES, SERVER_RULES, TABLE_RULES } from '../../../src/doctor/rules/database-rules.js';
import {
  BROKER_RULES,
  type BrokerFacts,
  LIMIT_RULES,
  MEMBER_RULES,
} from '../../../src/doctor/rules/management-rules.js';
import { AGENT_RULES, EXTENSION_RULES, REMOVAL_RULES } from '../../../src/doctor/rules/neutron-rules.js';

/** What is found by every row that holds, or by the first one, as "status check: what". */
function found<Facts>(rules: readonly DoctorRule<Facts>[], facts: Facts, how: 'every' | 'first' = 'every'): string[] {
  const findings = new Findings('s');
  findings[how](rules, facts);
  return findings.all.map(({ check, status, what }) => `${status} ${check}: ${what}`);
}

describe('the rules of netprov doctor', () => {
  it('give a remedy with each warning and problem, and none with what is well', () => {
    const findings = new Findings('subject');
    const rules: DoctorRule<number>[] = [
      { check: 'one', status: 'ok', when: (value) => value > 1, what: (value) => `is ${value}` },
      { check: 'two', status: 'warning', when: (value) => value > 5, what: 'never', remedy: 'nothing' },
      { check: 'three', status: 'problem', what: 'always', remedy: (value) => `not ${value}` },
    ];
    findings.every(rules, 3);
    findings.first(rules, 4);
    findings.first(rules.slice(1, 2), 4);
    expect(findings.all).to.deep.equal([
      { check: 'subject.one', status: 'ok', what: 'is 3', remedy: null },
      { check: 'subject.three', status: 'problem', what: 'always', remedy: 'not 3' },
      { check: 'subject.one', status: 'ok', what: 'is 4', remedy: null },
    ]);
  });

  it('say why a host of transport_url cannot be used', () => {
    const remedyFor = (message: string, reached = false): string => {
      const findings = new Findings('s');
      findings.first(CONNECTION_RULES, { place: 'h:5672', error: new Error(message), reached });
      return findings.all.map(({ status, remedy }) => `${status}: ${remedy}`).join();
    };
    expect(remedyFor('ACCESS_REFUSED')).to.match(/^problem: correct user and password/);
    expect(remedyFor('virtual host does not exist')).to.match(/^problem: correct the virtual host/);
    expect(remedyFor('connect ECONNREFUSED')).to.match(/^problem: start RabbitMQ/);
    expect(remedyFor('connect ECONNREFUSED', true)).to.match(/^warning: start this broker/);
    expect(found(CONNECTION_RULES, { place: 'h:5672', error: null, reached: true }, 'first')).to.deep.equal([
      'ok s.connection: connected to h:5672',
    ]);
  });

  it('know which versions were tested', () => {
    const broker = (product: string, version: string) => found(BROKER_VERSION_RULES, { product, version }, 'first');
    expect(broker('RabbitMQ', '3.9.8')).to.deep.equal(['warning s.version: RabbitMQ 3.9.8']);
    expect(broker('RabbitMQ', '3.10.0')).to.deep.equal(['ok s.version: RabbitMQ 3.10.0']);
    expect(broker('Other', '2.0.0')).to.deep.equal(['warning s.version: the broker is Other 2.0.0']);
    const well = { product: 'MySQL', version: '8.0.4', readOnly: false, flush: '1' } as const;
    expect(found(SERVER_RULES, well)).to.deep.equal(['ok s.version: MySQL 8.0.4']);
    const old = { product: 'MariaDB', version: '10.5.1-MariaDB', readOnly: true, flush: '2' } as const;
    expect(found(SERVER_RULES, old).map((line) => line.split(':')[0])).to.deep.equal([
      'warning s.version',
      'problem s.read_only',
      'warning s.durability',
    ]);
  });

  it('compare an exchange with what conductors declare', () => {
    const wanted = { name: 'x', type: 'topic', durable: true, autoDelete: false } as const;
    const differs = (property: string) => ({ property, current: 'false', received: 'true' });
    const statusOf = (exists: boolean, property?: string, type: 'topic' | 'fanout' = 'topic') =>
      found(EXCHANGE_RULES, { ...wanted, type, exists, difference: property ? differs(property) : null }, 'first');
    expect(statusOf(true)).to.deep.equal(['ok s.exchange: exchange "x" is durable, as conductors declare it']);
    expect(statusOf(false)[0]).to.match(/^warning .* does not exist/);
    expect(statusOf(false, undefined, 'fanout')).to.deep.equal([]);
    expect(statusOf(true, 'durable')[0]).to.match(/^warning .* is not durable, .* when it restarts$/);
    expect(statusOf(true, 'auto_delete')[0]).to.match(/^warning .* has auto_delete false, .* with true: netprov/);
    expect(statusOf(true, 'type')[0]).to.equal('problem s.exchange: exchange "x" has type false, but true is needed');
  });

  it('say what is wrong with a broker, and only one thing about a stopped one', () => {
    const well: BrokerFacts = {
      ...{ name: 'b', running: true, memoryAlarm: false, diskAlarm: false, partitions: [], near: [] },
    };
    const checks = (facts: Partial<BrokerFacts>) =>
      found(BROKER_RULES, { ...well, ...facts }).map((line) => line.split(':')[0]);
    expect(checks({})).to.deep.equal(['ok s.nodes']);
    expect(checks({ running: false, memoryAlarm: true, near: ['its limit'] })).to.deep.equal(['problem s.nodes']);
    expect(checks({ memoryAlarm: true, diskAlarm: true })).to.deep.equal(['problem s.alarms', 'problem s.alarms']);
    expect(checks({ partitions: ['c'] })).to.deep.equal(['problem s.partitions', 'ok s.nodes']);
    expect(checks({ near: ['its memory limit'] })).to.deep.equal(['warning s.room']);
  });

  it('tell which quorum queues lack members or limits', () => {
    const queue = { name: 'q', arguments: {}, effective_policy_definition: {} };
    const members = (...online: string[]) =>
      found(MEMBER_RULES, { ...queue, members: ['a', 'b', 'c'], online }, 'first').map((line) => line.split(':')[0]);
    expect(members('a', 'b', 'c')).to.deep.equal([]);
    expect(members('a', 'b')).to.deep.equal(['warning s.members']);
    expect(members('a')).to.deep.equal(['problem s.members']);
    const limits = (version: string, ...missing: string[]) =>
      found(LIMIT_RULES, { queue: 'q', missing, version }, 'first').map((line) => line.split(':')[0]);
    expect(limits('4.0.1', 'delivery-limit')).to.deep.equal(['problem s.limits']);
    expect(limits('3.13.0', 'delivery-limit')).to.deep.equal(['warning s.limits']);
    expect(limits('4.0.1', 'dead-letter-exchange')).to.deep.equal(['warning s.limits']);
  });

  it('compare schema, tables and clocks', () => {
    const schema = (missing: string[], unknown: string[]) => found(SCHEMA_RULES, { missing, unknown }, 'first');
    expect(schema([], [])).to.deep.equal(['ok s.schema: the schema is current']);
    expect(schema(['m1'], [])[0]).to.match(/^problem .*: m1 not applied$/);
    expect(schema([], ['m9'])[0]).to.match(/^warning .* does not know: m9$/);
    const table = { name: 'nodes', engine: 'InnoDB', collation: 'utf8mb4_bin' };
    expect(found(TABLE_RULES, table)).to.deep.equal([]);
    expect(found(TABLE_RULES, { ...table, engine: 'Aria' })).to.have.length(1);
    expect(found(CLOCK_RULES, clockFacts('X', 12_000, 10_000), 'first')[0]).to.match(/^ok /);
    expect(found(CLOCK_RULES, clockFacts('X', 20_000, 10_000), 'first')[0]).to.match(/is 10\.0 s ahead of/);
    expect(found(CLOCK_RULES, clockFacts('X', 5_000, 10_000), 'first')[0]).to.match(/is 5\.0 s behind/);
  });

  it('tell which extensions and agents Neutron lacks', () => {
    const all = ['binding', 'agent', 'provider', 'segment', 'extra_dhcp_opt', 'security-group'];
    expect(found(EXTENSION_RULES, all)).to.deep.equal([
      'ok s.extensions: Neutron has all extensions that netprov uses',
    ]);
    expect(found(EXTENSION_RULES, all.slice(2)).map((line) => line.split(' ')[0])).to.deep.equal([
      'problem',
      'warning',
    ]);
    const agents = (nodes: number, dead: string[], none: string[]) => found(AGENT_RULES, { nodes, dead, none });
    expect(agents(0, [], [])).to.deep.equal(['ok s.agents: agents were not checked: no node is on record']);
    expect(agents(2, [], [])[0]).to.match(/^ok .*: every node on record \(2\)/);
    expect(agents(6, ['a'], ['b', 'c', 'd', 'e'])).to.have.length(2);
    expect(agents(6, ['a'], ['b', 'c', 'd', 'e'])[1]).to.contain('4 nodes (b, c, d, ...)');
  });

  it('tell whether a removal is proven, and name the driver for which it is not', () => {
    const removals = (drivers: string[], quarantine: string | null) =>
      found(REMOVAL_RULES, { drivers, quarantine }, 'first');
    expect(removals([], null)).to.deep.equal([]);
    expect(removals(['baremetal'], null)).to.deep.equal([]);
    expect(removals(['baremetal', 'genericswitch'], null)[0]).to.match(/^warning .* driver genericswitch configures/);
    expect(removals(['genericswitch'], 'quarantine')[0]).to.match(/^ok s\.removals: /);
  });
});
