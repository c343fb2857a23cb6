import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'chai';

import { componentLogger, type Log, type LogOptions, logTogether, openLog } from '../../../src/log/log.js';
import { until } from '../../../testkit/fixtures/poll.js';

describe('a log', () => {
  let directory: string;
  let file: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'netprov-log-'));
    file = join(directory, 'netprov.log');
  });

  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  const open = (options: Partial<LogOptions> = {}): Log => openLog({ level: 'info', format: 'text', file, ...options });

  /** The lines so far, when the last one says "end". */
  async function linesOf(log: Log, path = file): Promise<string[]> {
    log.logger.error('end');
    const text = (): string => readFileSync(path, 'utf8');
    await until('the last line is written', () => text().includes('ERROR netprov: end') || text().includes('"end"'));
    return text().split('\n').slice(0, -2);
  }

  it('writes a line for people', async () => {
    const log = open();
    const child = componentLogger(log.logger, 'worker').child({ operation: 'a1', node: null });
    child.info('done', { ports: 2, reason: 'two words', list: ['x'], eq: 'a=b', host: 'h' });
    const [line = ''] = await linesOf(log);
    expect(line.replace(/^\S+Z /, '')).to.equal(
      'INFO worker: done operation=a1 ports=2 reason="two words" list=["x"] eq="a=b" host=h',
    );
  });

  it('writes a JSON object for programs', async () => {
    const log = open({ format: 'json' });
    componentLogger(log.logger, 'rpc')
      .child({ operation: 'a1' })
      .warn('two\nlines', { password: 'x', error: new Error('e') });
    const [line = ''] = await linesOf(log);
    const { timestamp, error, ...rest } = JSON.parse(line) as Record<string, unknown>;
    expect(rest).to.deep.equal({
      level: 'warn',
      component: 'rpc',
      message: 'two\nlines',
      operation: 'a1',
      password: '***',
    });
    expect(Date.parse(String(timestamp))).to.be.greaterThan(0);
    expect(error).to.match(/^Error: e\n +at /);
  });

  it('keeps the message of a line whose fields are too many or too long', async () => {
    const log = open();
    const many = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`field${index}`, 'x'.repeat(8000)]));
    log.logger.info('what happened', many);
    const [line = ''] = await linesOf(log);
    expect(line).to.include('INFO netprov: what happened field0=x').and.to.include('[cut]');
  });

  for (const format of ['text', 'json'] as const) {
    it(`writes many lines together as it writes each of them, in format ${format}`, async () => {
      const log = open({ format });
      const worker = componentLogger(log.logger, 'worker');
      for (const operation of ['a 1', 'gAAAAABmVerySecretToken']) {
        const lines = [operation, 'b2'].map((id) => ({ message: 'done', operation: id, node: null, ports: 2 }));
        logTogether(worker, 'info', lines);
        for (const { message, ...fields } of lines) worker.info(message, fields);
      }
      const lines = (await linesOf(log)).map((line) => line.replace(/\d{4}-\S+?Z/, 'TIME'));
      expect(lines).to.have.length(8);
      expect(lines.slice(0, 2)).to.deep.equal(lines.slice(2, 4));
      expect(lines.slice(4, 6)).to.deep.equal(lines.slice(6, 8));
      expect(lines[4]).to.include('***').and.not.to.include('VerySecret');
    });
  }

  it('lets no value make a line or a field of its own', async () => {
    const log = open();
    log.logger.info('a\n2026-01-01 ERROR netprov: forged\r\u2028\u009b', {
      reason: 'x\nnode=forged',
      ['k\n=']: '\u202eabc',
      error: new Error('many\nlines'),
    });
    const lines = await linesOf(log);
    expect(lines).to.have.length(1);
    expect(lines[0]).to.contain('a\\n2026-01-01 ERROR netprov: forged\\r\\u2028\\u009b reason="x\\nnode=forged"');
    expect(lines[0]).to.contain('k\\n==\\u202eabc error="Error: many\\nlines\\n');
  });

  it('takes the component of the innermost child, and masks messages', async () => {
    const log = open();
    const worker = componentLogger(log.logger, 'worker').child({ operation: 'a1' });
    componentLogger(worker, 'neutron').info('refused password=hunter2');
    const [line] = await linesOf(log);
    expect(line).to.contain('INFO neutron: refused password=*** operation=a1');
  });

  it('has levels for components, which may change', async () => {
    const log = open({ level: 'warn', levels: { neutron: 'debug', rpc: 'error' } });
    const say = (round: number): void => {
      for (const component of ['worker', 'neutron', 'rpc'] as const) {
        const logger = componentLogger(log.logger, component);
        for (const level of ['debug', 'info', 'warn', 'error'] as const) logger.log(level, `${round}`);
      }
      log.logger.info(`${round} of none`);
    };
    say(1);
    log.setLevels({ level: 'info', levels: { worker: 'error', netprov: 'debug' } });
    expect(log.levels).to.deep.equal({ level: 'info', levels: { worker: 'error', netprov: 'debug' } });
    say(2);
    const said = (await linesOf(log)).map((line) => line.replace(/^\S+Z /, ''));
    expect(said).to.deep.equal([
      ...['WARN worker: 1', 'ERROR worker: 1'],
      ...['DEBUG neutron: 1', 'INFO neutron: 1', 'WARN neutron: 1', 'ERROR neutron: 1'],
      ...['ERROR rpc: 1'],
      ...['ERROR worker: 2'],
      ...['INFO neutron: 2', 'WARN neutron: 2', 'ERROR neutron: 2'],
      ...['INFO rpc: 2', 'WARN rpc: 2', 'ERROR rpc: 2'],
      ...['INFO netprov: 2 of none'],
    ]);
  });

  it('continues in a new file after the old one was renamed, and loses no line', async () => {
    const log = open();
    log.logger.info('before');
    const rotated = `${file}.1`;
    renameSync(file, rotated);
    log.logger.info('still the old one');
    log.reopen();
    log.logger.info('after');
    expect(await linesOf(log)).to.have.length(1);
    expect(readFileSync(rotated, 'utf8')).to.match(/: before\n.*: still the old one\n$/);
    expect(readFileSync(file, 'utf8')).to.contain(': after');
  });

  it('keeps the old file when it cannot be opened anew', async () => {
    const place = join(directory, 'logs');
    mkdirSync(place);
    const log = open({ file: join(place, 'a.log') });
    renameSync(place, join(directory, 'moved'));
    expect(() => {
      log.reopen();
    }).to.throw('ENOENT');
    log.logger.info('still here');
    expect(await linesOf(log, join(directory, 'moved', 'a.log'))).to.have.length(1);
  });
});
