import { expect } from 'chai';

import { maskFields } from '../../../src/log/mask.js';

const SECRET = 'hunter2';

/** All of the fields as one text. */
function shown(fields: object): string {
  return JSON.stringify(maskFields(fields));
}

describe('maskFields', () => {
  for (const name of [
    'auth_token',
    'password',
    'ipmi_password',
    'adminPass',
    'X-Auth-Token',
    'x-subject-token',
    'Authorization',
    'Set-Cookie',
    'application_credential_secret',
    'credentials',
    'snmp_auth_key',
    'configdrive',
  ]) {
    it(`masks whatever is called ${name}`, () => {
      const nested = { inner: [{ [name]: { any: SECRET } }], map: new Map([[name, SECRET]]), [name]: 5 };
      expect(maskFields(nested)).to.deep.equal({ inner: [{ [name]: '***' }], map: { [name]: '***' }, [name]: '***' });
    });
  }

  it('shows whether a secret is set', () => {
    const fields = { password: null, token: false, secret: undefined };
    expect(maskFields(fields)).to.deep.equal(fields);
  });

  it('looks into texts, names, sets, and JSON in texts', () => {
    const fields = {
      text: `password=${SECRET}`,
      json: JSON.stringify({ a: [{ password: SECRET, b: JSON.stringify({ token: [SECRET] }) }] }),
      set: new Set([`X-Auth-Token: ${SECRET}`]),
      url: new URL(`http://user:${SECRET}@host/`),
      [`password=${SECRET}`]: 1,
    };
    expect(shown(fields)).to.not.contain(SECRET);
    expect(maskFields(fields)['json']).to.equal('{"a":[{"password":"***","b":"{\\"token\\":\\"***\\"}"}]}');
  });

  it('writes the stacks of an error and of what caused it, without their secrets', () => {
    const cause = new TypeError(`no password: ${SECRET}`);
    const written = maskFields({ error: new Error(`cannot open rabbit://u:${SECRET}@h/`, { cause }) })['error'];
    expect(written).to.contain('Error: cannot open rabbit://u:***@h/').and.to.contain('mask.test');
    expect(written).to.contain('caused by: TypeError: no password: ***');
  });

  it('never writes bytes', () => {
    const bytes = Buffer.from(SECRET);
    expect(maskFields({ bytes, view: new Uint16Array(2) })).to.deep.equal({ bytes: '[7 bytes]', view: '[4 bytes]' });
  });

  it('shows dates, and the type of values that are no data', () => {
    const fields = { at: new Date(0), no: new Date(NaN), big: 12n, call: () => 1, [Symbol.iterator]: 1, n: NaN };
    expect(shown(fields)).to.equal(
      '{"at":"1970-01-01T00:00:00.000Z","no":"Invalid Date","big":"12","call":"[function]","n":null}',
    );
  });

  it('never throws', () => {
    const cyclic: Record<string, unknown> = {};
    cyclic['self'] = cyclic;
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const throws = {
      get broken(): string {
        throw new Error('broken');
      },
    };
    expect(shown({ cyclic, proxy, throws })).to.contain('[cut]').and.to.contain('"throws":"[cannot be read]"');
  });

  it('limits depth, items, texts and the line', () => {
    const deep = JSON.parse(`${'{"a":'.repeat(500)}1${'}'.repeat(500)}`) as object;
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`k${index}`, 'x'.repeat(20_000)]));
    const wide = Array.from({ length: 500 }, () => ({ many }));
    const text = shown({ deep, many, wide, list: Array.from({ length: 80 }, (_, index) => index) });
    expect(text.length).to.be.lessThan(70_000);
    expect(text).to.contain('450 more').and.to.contain('[cut]');
  });

  it('masks a secret that the limit of a text cuts in two', () => {
    const text = `${'x'.repeat(8180)} rabbit://user:${SECRET.repeat(20)}@host/`;
    expect(shown({ text })).to.not.contain(SECRET);
  });
});
