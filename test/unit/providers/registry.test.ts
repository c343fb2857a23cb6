import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'chai';

import { InvalidParameterValue, NetworkError } from '../../../src/contract/errors.js';
import { silentLogger } from '../../../src/log/log.js';
import { NeutronClient } from '../../../src/neutron/client.js';
import { createNoneProvider } from '../../../src/providers/none.js';
import { BUILT_IN, ProviderRegistry, type RegistryOptions } from '../../../src/providers/provider-registry.js';
import { rejection } from '../../../testkit/fixtures/rejection.js';
import { makeContext, makeTask } from '../../../testkit/fixtures/tasks.js';
import { providerOptions } from '../../../testkit/servers/neutron.js';

const METHOD_LINES = [
  'add_provisioning_network',
  'remove_provisioning_network',
  'add_cleaning_network',
  'remove_cleaning_network',
  'configure_tenant_networks',
];

describe('the provider registry', () => {
  let folder: string;
  let neutron: NeutronClient;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'netprov-test-'));
    neutron = new NeutronClient(providerOptions({}, {}).neutron);
  });

  after(async () => {
    await neutron.close();
    await rm(folder, { recursive: true });
  });

  function makeRegistry(options: Partial<RegistryOptions> = {}): ProviderRegistry {
    const services = { log: silentLogger(), neutron, options: providerOptions({}, {}) };
    return new ProviderRegistry({ known: BUILT_IN, plugins: {}, defaultProvider: 'none', services, ...options });
  }

  async function plugin(name: string, source: string): Promise<string> {
    const file = join(folder, name);
    await writeFile(file, source);
    return file;
  }

  const complete = (reason = 'made by the plug-in') =>
    `export default (services) => {
       const method = async () => ({ bindings: [], failures: [{ port_uuid: null, portgroup_uuid: null,
         reason: '${reason} with ' + Object.keys(services).sort() }] });
       return { ${[...METHOD_LINES, 'unconfigure_tenant_networks'].map((name) => `${name}: method`).join(', ')} };
     };`;

  it('has the built-in providers', async () => {
    const registry = makeRegistry();
    expect(registry.names()).to.deep.equal(['none', 'neutron', 'flat']);
    expect(registry.defaultProvider).to.equal('none');
    for (const name of registry.names()) expect(await registry.get(name)).to.respondTo('configure_tenant_networks');
  });

  it('loads a provider at its first use, and once', async () => {
    let loads = 0;
    const lazy = () => {
      loads++;
      return Promise.resolve({ default: createNoneProvider });
    };
    const registry = makeRegistry({ known: { ...BUILT_IN, lazy } });
    expect(loads).to.equal(0);
    const [one, two] = await Promise.all([registry.get('lazy'), registry.get('lazy')]);
    expect(one).to.equal(two);
    expect(await registry.get('lazy')).to.equal(one);
    expect(loads).to.equal(1);
  });

  it('loads a provider again at its next use when loading failed', async () => {
    let loads = 0;
    const shaky = () => {
      loads++;
      return loads === 1 ? Promise.reject(new Error('disk on fire')) : Promise.resolve({ default: createNoneProvider });
    };
    const registry = makeRegistry({ known: { none: BUILT_IN['none'] ?? shaky, shaky } });
    const error = await rejection(registry.get('shaky'));
    expect(error).to.be.instanceOf(NetworkError);
    expect(error?.message).to.include('"shaky"').and.include('disk on fire');
    expect(await registry.get('shaky')).to.be.an('object');
  });

  it('names the known providers when a name is unknown', () => {
    const unknown = 'network_provider "neutorn" is unknown; known names: none, neutron, flat';
    expect(() => makeRegistry().get('neutorn')).to.throw(InvalidParameterValue, unknown);
    expect(() => makeRegistry().get('__proto__')).to.throw(InvalidParameterValue);
    expect(() => makeRegistry().get('constructor')).to.throw(InvalidParameterValue);
    expect(() => makeRegistry({ plugins: { noop: '/nowhere' } })).to.throw(
      InvalidParameterValue,
      'providers.noop: "noop" is a built-in network provider',
    );
    expect(() => makeRegistry({ defaultProvider: 'acme' })).to.throw(
      InvalidParameterValue,
      'default_network_provider "acme"',
    );
  });

  it('loads a plug-in from a file and gives it the services', async () => {
    const registry = makeRegistry({ plugins: { mine: await plugin('mine.mjs', complete()) } });
    expect(registry.names()).to.include('mine');
    const provider = await registry.get('mine');
    const outcome = await provider.add_cleaning_network(makeContext(makeTask()));
    expect(outcome.failures[0]?.reason).to.equal('made by the plug-in with log,neutron,options');
  });

  it('says which methods a plug-in lacks', async () => {
    const source = `export default () => ({ ${METHOD_LINES.slice(1)
      .map((name) => `${name}() {}`)
      .join(', ')} });`;
    const registry = makeRegistry({ plugins: { half: await plugin('half.mjs', source) } });
    const error = await rejection(registry.get('half'));
    expect(error).to.be.instanceOf(NetworkError);
    expect(error?.message).to.equal(
      'network provider "half" lacks these methods: add_provisioning_network, unconfigure_tenant_networks',
    );
  });

  it('says what is wrong with a plug-in that cannot be loaded, and loads it once it is right', async () => {
    const file = await plugin('wrong.mjs', 'export const provider = 1;');
    const missing = join(folder, 'not-there.mjs');
    const registry = makeRegistry({ plugins: { wrong: file, missing, none_such: 'no-such-package-anywhere' } });
    expect((await rejection(registry.get('wrong')))?.message).to.include('default export is not a function');
    expect((await rejection(registry.get('missing')))?.message).to.include('not-there.mjs');
    expect((await rejection(registry.get('none_such')))?.message).to.include('no-such-package-anywhere');
    await plugin('wrong.mjs', complete());
    await plugin('not-there.mjs', complete());
    expect(await registry.get('wrong')).to.respondTo('add_cleaning_network');
    expect(await registry.get('missing')).to.respondTo('add_cleaning_network');
  });

  it("does not let a plug-in take a built-in provider's name", () => {
    expect(() => makeRegistry({ plugins: { neutron: './mine.mjs' } })).to.throw(InvalidParameterValue, 'built-in');
  });
});
