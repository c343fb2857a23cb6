import { expect } from 'chai';

import { InvalidTransportUrl } from '../../../src/amqp/errors.js';
import { parseTransportUrl, redactTransportUrl } from '../../../src/amqp/transport-url.js';

describe('transport_url', () => {
  it('reads one host', () => {
    expect(parseTransportUrl('rabbit://user:pass@example.org:5673/vhost')).to.deep.equal({
      hosts: [{ hostname: 'example.org', port: 5673, username: 'user', password: 'pass' }],
      virtualHost: 'vhost',
      query: {},
    });
  });

  it('reads several hosts, each with its own login, in their order', () => {
    const { hosts } = parseTransportUrl('rabbit://a:1@h1:5672,b:2@h2,c:3@[::1]:5674/');
    expect(hosts).to.deep.equal([
      { hostname: 'h1', port: 5672, username: 'a', password: '1' },
      { hostname: 'h2', port: 5672, username: 'b', password: '2' },
      { hostname: '::1', port: 5674, username: 'c', password: '3' },
    ]);
  });

  it('decodes percent-encoding as Python does', () => {
    const { hosts, virtualHost } = parseTransportUrl('rabbit://us%40er:p%2Fa:s%C3%A9%zz%@h/my%2Fvhost');
    expect(hosts[0]).to.include({ username: 'us@er', password: 'p/a:sé%zz%', hostname: 'h' });
    expect(virtualHost).to.equal('my/vhost');
  });

  it('accepts an @ in a user name', () => {
    expect(parseTransportUrl('rabbit://me@realm:secret@h/').hosts[0]).to.include({
      username: 'me@realm',
      password: 'secret',
    });
  });

  for (const [url, virtualHost] of [
    ['rabbit://h', '/'],
    ['rabbit://h/', '/'],
    ['rabbit://h//', '/'],
    ['rabbit://h/%2F', '/'],
    ['rabbit://h/a/b', 'a/b'],
  ] as const) {
    it(`${url} means virtual host ${virtualHost}`, () => {
      expect(parseTransportUrl(url).virtualHost).to.equal(virtualHost);
    });
  }

  it('means guest at localhost when it is empty', () => {
    const guest = { hostname: 'localhost', port: 5672, username: 'guest', password: 'guest' };
    expect(parseTransportUrl('rabbit:///').hosts).to.deep.equal([guest]);
    expect(parseTransportUrl('rabbit://').hosts).to.deep.equal([guest]);
  });

  it('reads driver options from the query', () => {
    const { query } = parseTransportUrl('rabbit://h/v?ssl=true&ssl_ca_file=%2Fetc%2Fca.pem');
    expect(query).to.deep.equal({ ssl: 'true', ssl_ca_file: '/etc/ca.pem' });
  });

  for (const [url, problem] of [
    ['', 'must look like'],
    ['h:5672', 'must look like'],
    ['rabbit:h', 'must look like'],
    ['amqp://u:secret@h/', 'only "rabbit" is supported (in oslo.messaging, amqp: would mean AMQP 1.0)'],
    ['kafka://u:secret@h/', 'the scheme "kafka"'],
    ['rabbit://u:secret@h1,h2/', 'for all of its hosts or for none'],
    ['rabbit://u:secret@::1:5672/', 'IPv6 addresses in brackets'],
    ['rabbit://u:secret@[::1/', 'IPv6 addresses in brackets'],
    ['rabbit://u:secret@h:many/', 'must be host or host:port'],
    ['rabbit://u:secret@h:70000/', 'port outside 1 to 65535'],
    ['rabbit://u:secret@/', 'must be host or host:port'],
    ['rabbit://u:se/cret@h:5672/', 'percent-encoded'],
    ['rabbit://u:1234/secret@h:5672/', 'percent-encoded'],
    ['rabbit://u:se?secret@h:5672/', 'percent-encoded'],
    ['rabbit://u:se#secret@h:5672/', 'must look like'],
  ] as const) {
    it(`refuses ${url} without telling the password`, () => {
      expect(() => parseTransportUrl(url))
        .to.throw(InvalidTransportUrl, problem)
        .with.property('message')
        .that.does.not.match(/secret|1234/);
      expect(redactTransportUrl(url)).to.equal('(invalid transport_url)');
    });
  }

  it('redacts passwords and query', () => {
    expect(redactTransportUrl('rabbit://a:p1@h1,b:p2@[::1]:5673/v?ssl=1')).to.equal(
      'rabbit://a:***@h1:5672,b:***@[::1]:5673/v',
    );
  });
});
