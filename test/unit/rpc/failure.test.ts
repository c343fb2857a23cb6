import { expect } from 'chai';

import {
  deserializeFailure,
  NoSuchMethod,
  RemoteError,
  serializeFailure,
  UnsupportedVersion,
} from '../../../src/rpc/failure.js';

describe('failure', () => {
  it('is a JSON text with what Python needs to rebuild the exception', () => {
    const text = serializeFailure({ class: 'NetworkError', module: 'ironic.common.exception', message: 'no port' });
    expect(JSON.parse(text)).to.deep.equal({
      class: 'NetworkError',
      module: 'ironic.common.exception',
      message: 'no port',
      tb: [],
      args: ['no port'],
      kwargs: {},
    });
  });

  it('reads what Python wrote', () => {
    const error = deserializeFailure(
      '{"class": "ValueError", "module": "builtins", "message": "bad", "tb": ["Traceback\\n", "  line 1\\n"], "args": ["bad"], "kwargs": {}}',
    );
    expect(error).to.be.instanceOf(RemoteError);
    expect(error).to.include({
      className: 'ValueError',
      module: 'builtins',
      message: 'bad',
      remoteTraceback: 'Traceback\n  line 1\n',
    });
  });

  for (const text of ['not json', '', '[1]', 'null', '{"class": 7, "tb": "x"}']) {
    it(`makes an error of ${JSON.stringify(text)} too`, () => {
      expect(deserializeFailure(text)).to.be.instanceOf(RemoteError);
    });
  }

  it("has oslo.messaging's protocol errors, with arguments that fit their constructors", () => {
    const module = 'oslo_messaging.rpc.dispatcher';
    expect(new NoSuchMethod('fly').toFailure()).to.deep.equal({
      class: 'NoSuchMethod',
      module,
      message: 'Endpoint does not support RPC method fly',
      args: ['fly'],
    });
    expect(new UnsupportedVersion('9.0', 'fly').toFailure()).to.deep.equal({
      class: 'UnsupportedVersion',
      module,
      message: 'Endpoint does not support RPC version 9.0. Attempted method: fly',
      args: ['9.0'],
      kwargs: { method: 'fly' },
    });
  });
});
