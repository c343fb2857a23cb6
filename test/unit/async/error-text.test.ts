import { expect } from 'chai';

import { errorText, toError } from '../../../src/async/error-text.js';

describe('errorText', () => {
  it('is the message of an error, without its name', () => {
    expect(errorText(new TypeError('no number'))).to.equal('no number');
  });

  it('joins the messages of all addresses at which a connection failed', () => {
    const refused = ['::1', '127.0.0.1'].map((address) => new Error(`connect ECONNREFUSED ${address}`));
    expect(errorText(new AggregateError(refused))).to.equal('connect ECONNREFUSED ::1; connect ECONNREFUSED 127.0.0.1');
    expect(errorText(new AggregateError(refused, 'no address left'))).to.equal('no address left');
  });

  it('is the text of anything else', () => {
    expect([errorText('gone'), errorText(undefined), errorText(404)]).to.deep.equal(['gone', 'undefined', '404']);
  });
});

describe('toError', () => {
  it('leaves an error as it is', () => {
    const error = new TypeError('no number');
    expect(toError(error)).to.equal(error);
  });

  it('makes an error of anything else', () => {
    expect(toError('gone')).to.be.an.instanceof(Error).with.property('message', 'gone');
  });
});
