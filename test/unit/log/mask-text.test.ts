import { expect } from 'chai';

import { knowSecret, maskText } from '../../../src/log/log.js';
import { maskWhole } from '../../../src/log/mask-text.js';

const SECRET = 'hunter2-correct.horse';
const FERNET = 'gAAAAABnQ1xQ8kq3Jv0w_7uO-2Yd8b1Zc9xT4eR6sW5aPq==';

describe('maskText', () => {
  const masks: Record<string, string> = {
    'a login in a URL': `cannot open mysql://netprov:${SECRET}@db:3306/netprov now`,
    'logins of several hosts': `rabbit://a:${SECRET}@h1:5672,b:${SECRET}@h2:5672/vhost`,
    'a raw slash in a password': `rabbit://a:x/${SECRET}@h1/`,
    'a raw comma in a password': `mysql://a:x,${SECRET}@h1/`,
    'a raw @ in a password': `mysql://a:${SECRET}@${SECRET}@h1/`,
    'a token in the place of a user': `https://${SECRET}@git.example.org/`,
    'a Fernet token': `token ${FERNET} has expired`,
    'a percent-encoded Fernet token': `/v3/auth/tokens?id=${FERNET.replaceAll('=', '%3D')}`,
    'a JSON web token': 'sent eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJodW50ZXIyIn0.c2lnbmF0dXJl',
    'a bearer token': `Bearer ${SECRET}`,
    'a header': `X-Auth-Token: ${SECRET}`,
    'a header with blanks in it': `Authorization: Digest username="x", response="${SECRET}"`,
    'a cookie': `Cookie: a=1; session=${SECRET}`,
    'key=value': `refused: password=${SECRET} user=x`,
    'key: value': `ipmi_password: ${SECRET}`,
    'key => value': `auth_token => ${SECRET}`,
    'a name in camel case': `adminPass=${SECRET}`,
    JSON: `{"auth": {"X-Subject-Token": "${SECRET}"}}`,
    'JSON with a quote in the value': `{"password": "a\\"${SECRET}"}`,
    'JSON that was cut': `{"password": "${SECRET}`,
    'JSON within JSON': JSON.stringify({ body: JSON.stringify({ password: SECRET }) }),
    'JSON within JSON within JSON': JSON.stringify({
      a: JSON.stringify({ b: JSON.stringify({ password: `x ${SECRET}` }) }),
    }),
    'a list': `"tokens": ["a", "${SECRET}"]`,
    'an object': `"credential": {"blob": "${SECRET}"}`,
    "Python's repr": `{'auth_token': '${SECRET}', u'password': u'x ${SECRET}'}`,
    'a private key': `-----BEGIN RSA PRIVATE KEY-----\n${SECRET}\n-----END RSA PRIVATE KEY-----`,
    'a private key that was cut': `-----BEGIN PRIVATE KEY-----\n${SECRET}`,
  };
  for (const [what, text] of Object.entries(masks)) {
    it(`masks ${what}`, () => {
      const masked = maskText(text);
      expect(masked).to.contain('***');
      expect(masked).to.not.match(/hunter2|correct|gAAAA|eyJ|c2lnb/);
      expect(maskText(masked)).to.equal(masked);
    });
  }

  it('keeps the text around a secret', () => {
    expect(maskText(`rabbit://a:${SECRET}@h1:5672,b:${SECRET}@h2/v`)).to.equal('rabbit://a:***@h1:5672,b:***@h2/v');
    expect(maskText(`mysql://a:${SECRET}@h1,h2,h3/db`)).to.equal('mysql://a:***@h1,h2,h3/db');
    expect(maskText(`password=${SECRET} of x`)).to.equal('password=*** of x');
  });

  it('leaves ordinary sentences alone', () => {
    for (const text of [
      'Keystone refused the credentials (401): check neutron.username, neutron.password, neutron.project_name',
      'POST http://127.0.0.1:5000/v3/auth/tokens was answered with 503',
      'the token was refused; asking Keystone for another',
      'neutron.password is not set; neutron.auth_type password needs it',
      'connected to RabbitMQ at 127.0.0.1:5672',
      'password=*** was given by oslo',
      'MAC 52:54:00:aa:00:01 on network 6d4f2d1e-0d5a-4b3e-9f57-2f1c3b0a8e11',
    ]) {
      expect(maskText(text)).to.equal(text);
    }
  });

  it('masks a known secret anywhere, even when it is encoded', () => {
    const value = 'p@ss "w/rd" é';
    knowSecret(value);
    for (const form of [value, encodeURIComponent(value), JSON.stringify({ x: value })]) {
      expect(maskText(`echo ${form} end`)).to.match(/^echo .*\*\*\*.* end$/);
      expect(maskText(form)).to.not.contain('w/rd').and.to.not.contain('w%2Frd');
    }
  });

  it('ignores known secrets that are short or empty', () => {
    for (const value of ['netprov', '', null, undefined]) knowSecret(value);
    expect(maskText('netprov works')).to.equal('netprov works');
  });

  it('cuts long text, and marks the cut', () => {
    expect(maskText('x'.repeat(9000))).to.equal(`${'x'.repeat(8187)}[cut]`);
    expect(maskText('x'.repeat(1_000_000), 100)).to.equal(`${'x'.repeat(95)}[cut]`);
    expect(maskText('x'.repeat(100), 100)).to.equal('x'.repeat(100));
  });

  it('masks a secret that the limit cuts in two, and shows no half of one', () => {
    for (const filler of ['', ` password=${'y'.repeat(4000)}`]) {
      for (let length = 80; length < 4300; length += 20) {
        const text = `${filler} ${'x'.repeat(length)} rabbit://user:${SECRET}@host/${'z'.repeat(9000)}`;
        expect(maskText(text, 100)).to.not.match(/hunter2|horse/);
      }
    }
  });

  it('does not split a surrogate pair', () => {
    expect(maskText('a\ud800b')).to.equal('a\ufffdb');
    for (const limit of [20, 21]) expect(maskText('😀'.repeat(40), limit).isWellFormed()).to.equal(true);
  });
});

/** Seconds of the processor, not of a clock: what else runs on the machine does not count. */
function secondsOf(work: () => void): number {
  const begun = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(begun);
  return (user + system) / 1e6;
}

/** What each pattern begins with, over and over, and what keeps it looking for an end that does not come. */
const ADVERSARIAL = [
  ...[
    'a://',
    'a://,',
    'a://@',
    'a+',
    'a'.repeat(40) + '://',
    'eyJ',
    'eyJeyJeyJ.',
    'gAAAA',
    'gAAAAA%3D',
    'bearer ',
    'bearer',
  ],
  ...['-----BEGIN ', '-----BEGIN PRIVATE KEY', '-----BEGIN PRIVATE KEY-----', '-----END ', 'PRIVATE KEY '],
  ...['authorization', 'authorization: ', 'cookie:[', 'cookie""""', 'cookie\\\\\\\\', 'token=', 'token=\n', 'token'],
  ...[
    'password="',
    "password='",
    'password=u"\\',
    'password["',
    'password:[',
    'password:{',
    'password: ***',
    'token    ',
  ],
  ...['token\\"', 'token=\\\\\\"', 'token=\\"\\\'', 'private_', 'adminpass', 'secretsecret.', '{[', '\\', '"', ' '],
];

describe('masking long texts', function () {
  this.timeout(120_000);

  for (const piece of ADVERSARIAL) {
    it(`takes no more than in proportion for 1 MB of ${JSON.stringify(piece)}`, () => {
      const text = `password=x ${piece.repeat(Math.ceil(1_000_000 / piece.length))}\\`;
      expect(secondsOf(() => maskWhole(text))).to.be.lessThan(3);
      expect(secondsOf(() => maskText(text))).to.be.lessThan(0.2);
    });
  }
});
