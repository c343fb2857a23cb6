import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect } from 'chai';

import { OPTIONS, SECRET_OPTIONS } from '../../../src/config/config-schema.js';
import { loadConfig } from '../../../src/config/load.js';
import { ConfigDirectory, fromEnvironment } from '../../../testkit/fixtures/config.js';

const CONFIG = fileURLToPath(new URL('../../../../config', import.meta.url));

describe('the definitions of the options', () => {
  it('documents every option in default.yaml', () => {
    const text = readFileSync(join(CONFIG, 'default.yaml'), 'utf8');
    // A comment stands over every option, or over the group of options without a blank line between them.
    for (const paragraph of text.split('\n\n')) expect(paragraph.replace(/^\w+:\n/, '').trim()).to.match(/^#/);
  });

  it('keeps every value with a password secret', () => {
    const withPassword = OPTIONS.filter((path) =>
      /(^|[._])(password|secret|session_key|transport_url|connection)$/.test(path),
    );
    expect(SECRET_OPTIONS).to.have.members(withPassword);
  });
});

describe('the configuration', () => {
  const directory = new ConfigDirectory();
  beforeEach(() => {
    directory.create();
  });
  afterEach(() => {
    directory.remove();
  });

  it('has the defaults, from any working directory', () => {
    const before = process.cwd();
    process.chdir(directory.path);
    try {
      const config = fromEnvironment({});
      expect(config.host).to.deep.equal([hostname()]);
      expect(config.control_exchange).to.equal('ironic');
      expect(config.default_network_provider).to.equal('none');
      expect(config.rpc.topic).to.equal('ironic.network_provider');
      expect(config.neutron.valid_interfaces).to.deep.equal(['internal', 'public']);
    } finally {
      process.chdir(before);
    }
  });

  it('takes files of a directory over the defaults, and environment variables over these files', () => {
    const text = 'rpc: { prefetch: 7, topic: other }\nlog: { level: debug }';
    const config = directory.load(text, { NETPROV_RPC_PREFETCH: '9' });
    expect(config.rpc).to.deep.include({ prefetch: 9, topic: 'other', queue_type: 'quorum' });
    expect(config.log.level).to.equal('debug');
  });

  it('reads the directory in NETPROV_CONFIG_DIR, unless another is given', () => {
    const other = join(directory.path, 'other');
    mkdirSync(other);
    writeFileSync(join(other, 'default.yaml'), 'control_exchange: other');
    directory.write('control_exchange: given');
    const env = { NETPROV_CONFIG_DIR: other };
    expect(loadConfig({ env }).control_exchange).to.equal('other');
    expect(loadConfig({ env, configDir: directory.path }).control_exchange).to.equal('given');
  });

  it('accepts JSON files and empty files', () => {
    directory.write('{"control_exchange": "json"}', 'default.json');
    const config = directory.load('# nothing here\n');
    expect(config.control_exchange).to.equal('json');
  });

  it('does not run programs', () => {
    directory.write('process.exitCode = 9; module.exports = { control_exchange: "js" };', 'local.js');
    expect(directory.load('').control_exchange).to.equal('ironic');
    expect(process.exitCode).to.equal(undefined);
  });

  it('can be read again after a change', () => {
    expect(fromEnvironment({ NETPROV_HOST: 'a' }).host).to.deep.equal(['a']);
    expect(fromEnvironment({ NETPROV_HOST: 'b' }).host).to.deep.equal(['b']);
  });

  it('cannot be changed', () => {
    const config = fromEnvironment({});
    expect(Object.isFrozen(config) && Object.isFrozen(config.worker.retry)).to.equal(true);
    expect(Object.isFrozen(config.neutron.valid_interfaces)).to.equal(true);
  });
});
