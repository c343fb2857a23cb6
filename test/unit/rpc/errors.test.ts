import { expect } from 'chai';

import * as amqp from '../../../src/amqp/index.js';
import { NetprovError } from '../../../src/errors.js';
import * as rpc from '../../../src/rpc/index.js';

describe('errors', () => {
  it('have codes that programs can rely on', () => {
    const errors: { name: string; code: string }[] = [
      new amqp.Undeliverable('m'),
      new amqp.NoExchange('m'),
      new amqp.ConnectionLost('m'),
      new amqp.NotConfirmed('m'),
      new rpc.MessagingTimeout('m'),
      new amqp.TopologyMismatch('m', 'queue', 'durable'),
      new amqp.InvalidTransportUrl('m'),
      new rpc.RPCVersionCapError('m', '1.1', '1.0'),
      new rpc.MalformedMessage('not_json', 'm'),
      new rpc.RemoteError('C', 'm', 'm', ''),
      new rpc.NoSuchMethod('m'),
      new rpc.UnsupportedVersion('1.0', 'm'),
    ];
    expect(Object.fromEntries(errors.map(({ name, code }) => [name, code]))).to.deep.equal({
      Undeliverable: 'undeliverable',
      NoExchange: 'undeliverable',
      ConnectionLost: 'connection_lost',
      NotConfirmed: 'connection_lost',
      MessagingTimeout: 'timeout',
      TopologyMismatch: 'topology_mismatch',
      InvalidTransportUrl: 'invalid_transport_url',
      RPCVersionCapError: 'version_cap',
      MalformedMessage: 'not_json',
      RemoteError: 'remote_error',
      NoSuchMethod: 'no_such_method',
      UnsupportedVersion: 'unsupported_version',
    });
    for (const error of errors) expect(error).to.be.instanceOf(NetprovError);
  });
});
