import { expect } from 'chai';

import { type Config, ConfigurationError, loadConfig } from '../../../src/config/load.js';

describe('options of the log', () => {
  const logOf = (env: NodeJS.ProcessEnv): Config['log'] => loadConfig({ env }).log;

  it('have defaults', () => {
    expect(logOf({})).to.deep.equal({ level: 'info', levels: {}, format: 'text', file: null });
  });

  it('give components a level of their own, and name a file', () => {
    const env = { NETPROV_LOG_LEVELS: '{neutron: debug, rpc: warn}', NETPROV_LOG_FILE: '/var/log/netprov.log' };
    expect(logOf(env)).to.deep.include({ levels: { neutron: 'debug', rpc: 'warn' }, file: '/var/log/netprov.log' });
  });

  for (const wrong of ['{neutorn: debug}', '{neutron: verbose}', '[debug]', 'debug']) {
    it(`refuses the levels ${wrong}, and says what they may be`, () => {
      expect(() => logOf({ NETPROV_LOG_LEVELS: wrong }))
        .to.throw(ConfigurationError)
        .with.property('problems')
        .that.satisfies(([problem]: string[]) =>
          /^log\.levels is .* \(NETPROV_LOG_LEVELS\): expected components \(netprov, worker, .*\), each with a level \(error, /.test(
            problem ?? '',
          ),
        );
    });
  }
});
