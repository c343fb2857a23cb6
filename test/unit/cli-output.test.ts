import { expect } from 'chai';
import { Command } from 'commander';
import yaml from 'js-yaml';
import { stub } from 'sinon';

import { addOutput, firstPage, outputOf, type OutputOptions, print } from '../../src/cli/output/output.js';

/** What is written to standard output meanwhile. */
function written(work: () => void): string {
  const write = stub(process.stdout, 'write').returns(true);
  try {
    work();
    return write.args.map(([text]) => String(text)).join('');
  } finally {
    write.restore();
  }
}

describe('an answer of netprov', () => {
  const chosen = (...args: string[]): string => {
    const command = addOutput(new Command('test'))
      .exitOverride()
      .configureOutput({ writeErr: () => undefined });
    return outputOf(command.parse(args, { from: 'user' }).opts<OutputOptions>());
  };

  it('is a table, unless -o or --json selects another format', () => {
    expect(chosen()).to.equal('table');
    expect(chosen('-o', 'yaml')).to.equal('yaml');
    expect(chosen('--output', 'json')).to.equal('json');
    expect(chosen('--json')).to.equal('json');
    expect(() => chosen('--json', '-o', 'yaml')).to.throw('cannot be used with');
    expect(() => chosen('-o', 'xml')).to.throw('table, json, yaml');
  });

  it('has the same content as JSON on one line, and as a YAML document', () => {
    const answer = { id: 'op-1', at: new Date(0), nothing: null, left: undefined, list: [{ yes: 'no' }] };
    const same = { id: 'op-1', at: '1970-01-01T00:00:00.000Z', nothing: null, list: [{ yes: 'no' }] };
    const json = written(() => {
      print('json', answer, 'text');
    });
    expect(json.match(/\n/g)).to.have.length(1);
    expect(JSON.parse(json)).to.deep.equal(same);
    const twice = written(() => {
      print('yaml', answer, 'text');
      print('yaml', answer, 'text');
    });
    expect(yaml.loadAll(twice)).to.deep.equal([same, same]);
    const text = written(() => {
      print('table', answer, () => 'text');
    });
    expect(text).to.equal('text\n');
  });

  it('keeps whole numbers of any size, in JSON and in YAML', () => {
    const answer = { extra: { serial: 9007199254740993n, wwn: [18446744073709551615n] } };
    const printed = (output: 'json' | 'yaml'): string =>
      written(() => {
        print(output, answer, 'text');
      });
    expect(printed('json')).to.equal('{"extra":{"serial":9007199254740993,"wwn":[18446744073709551615]}}\n');
    expect(printed('yaml')).to.contain('serial: 9007199254740993\n').and.to.contain('- 18446744073709551615\n');
  });

  it('shows that there are more items when a list was read with one more', () => {
    const markerOf = (item: number): string => `after ${item}`;
    expect(firstPage([1, 2, 3], 2, markerOf)).to.deep.equal({ page: [1, 2], next: 'after 2' });
    expect(firstPage([1, 2, 3], 3, markerOf)).to.deep.equal({ page: [1, 2, 3], next: null });
    expect(firstPage([], 1, markerOf)).to.deep.equal({ page: [], next: null });
  });
});
