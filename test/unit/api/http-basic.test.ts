import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { hashSync } from 'bcryptjs';
import { expect } from 'chai';
import sinon from 'sinon';

import type { AuthenticationRefused } from '../../../src/api/auth/authenticator.js';
import { HttpBasicAuthenticator } from '../../../src/api/auth/http-basic-authenticator.js';
import { parsePasswords } from '../../../src/api/auth/password-file.js';
import type { ApiError } from '../../../src/api/http/errors.js';
import { ConfigurationError, loadConfig } from '../../../src/config/load.js';
import { openAuthenticator } from '../../../src/services/api-access.js';
import { recordingLogger } from '../../../testkit/fixtures/log.js';
import { until } from '../../../testkit/fixtures/poll.js';
import { rejection } from '../../../testkit/fixtures/rejection.js';

const PASSWORD = 'open sesame';
const [HASH, OTHER] = [hashSync(PASSWORD, 4), hashSync('another', 4)];
const basic = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

describe('a password file', () => {
  it('has one user in each line, skips other lines, and uses the first of two lines of a user', () => {
    const text = `\n  ada:${HASH}  \nno colon\n# a remark\nada:${OTHER}\r\ngrace:${OTHER}\n\n`;
    const { users, problems } = parsePasswords(text);
    expect([...users]).to.deep.equal([
      ['ada', HASH],
      ['grace', OTHER],
    ]);
    expect(problems).to.deep.equal([]);
  });

  it('accepts only bcrypt hashes, and names the line of another one without quoting it', () => {
    const wrong = [
      'plain',
      '{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=',
      '$apr1$r31.....$HqJZimcKQFAMYayBlzkrA/',
      HASH.slice(0, -1),
    ];
    const { users, problems } = parsePasswords(
      ['a', 'b', 'c', 'd'].map((name, i) => `${name}:${wrong[i] ?? ''}`).join('\n'),
    );
    expect([...users.values()]).to.deep.equal([null, null, null, null]);
    expect(problems).to.have.length(4);
    expect(problems[2]).to.match(/^line 3: .*bcrypt/);
    for (const secret of wrong) expect(problems.join()).to.not.include(secret);
  });

  it('accepts hashes of htpasswd and Python, and refuses costs that are too slow to check', () => {
    const rest = HASH.slice(7);
    for (const start of ['$2y$04$', '$2a$10$', '$2b$16$']) {
      expect(parsePasswords(`a:${start}${rest}`).problems, start).to.deep.equal([]);
    }
    for (const start of ['$2x$04$', '$2b$03$', '$2b$17$']) {
      expect(parsePasswords(`a:${start}${rest}`).problems, start).to.have.length(1);
    }
  });
});

describe('auth_strategy http_basic', () => {
  const { log, lines } = recordingLogger();
  let directory: string;
  let file: string;
  let tries: number;

  beforeEach(() => {
    lines.length = 0;
    tries = 0;
    directory = mkdtempSync(join(tmpdir(), 'netprov-passwords-'));
    file = join(directory, 'htpasswd');
    writeFileSync(file, `ada:${HASH}\n`);
  });

  afterEach(() => {
    sinon.restore();
    rmSync(directory, { recursive: true });
  });

  const beforeTrying = (): Promise<void> => {
    tries++;
    return Promise.resolve();
  };
  const open = () => HttpBasicAuthenticator.open(file, log);
  const ask = (one: HttpBasicAuthenticator, authorization?: string) =>
    one.authenticate(authorization === undefined ? {} : { authorization }, beforeTrying);
  const statusOf = async (one: HttpBasicAuthenticator, authorization: string): Promise<number> => {
    const error = await rejection(ask(one, authorization));
    return error === null ? 200 : (error as AuthenticationRefused).status;
  };

  it('accepts a caller with the password as an administrator', async () => {
    const identity = await ask(await open(), basic('ada', PASSWORD));
    expect(identity).to.deep.include({
      userId: 'ada',
      userName: 'ada',
      roles: ['admin', 'manager', 'member', 'reader'],
    });
  });

  it('compares a password that was right once in a minute, and a wrong one each time', async () => {
    const now = sinon.stub(performance, 'now').returns(1000);
    const one = await open();
    for (let i = 0; i < 3; i++) await ask(one, basic('ada', PASSWORD));
    expect(tries).to.equal(1);
    for (let i = 0; i < 2; i++) expect(await statusOf(one, basic('ada', 'wrong'))).to.equal(401);
    expect(tries).to.equal(3);
    now.returns(62_000);
    await ask(one, basic('ada', PASSWORD));
    expect(tries).to.equal(4);
  });

  it('compares a password even for an unknown user', async () => {
    const one = await open();
    expect(await statusOf(one, basic('grace', PASSWORD))).to.equal(401);
    expect(tries).to.equal(1);
  });

  it('does not compare a password when the limit for failures refuses it', async () => {
    const one = await open();
    const asked = one.authenticate({ authorization: basic('ada', PASSWORD) }, () =>
      Promise.reject(new Error('not now')),
    );
    expect((await rejection(asked))?.message).to.equal('not now');
  });

  it('reads a changed file again: removed users are refused, and new users accepted', async () => {
    const one = await open();
    await ask(one, basic('ada', PASSWORD));
    writeFileSync(file, `grace:${OTHER}\n`);
    expect(await statusOf(one, basic('ada', PASSWORD))).to.equal(401);
    expect(await statusOf(one, basic('grace', 'another'))).to.equal(200);
    writeFileSync(file, `ada:${OTHER}\n`);
    expect(await statusOf(one, basic('ada', PASSWORD))).to.equal(401);
  });

  it('refuses a user whose line became unusable, and everybody when the file is missing', async () => {
    const one = await open();
    writeFileSync(file, `ada:plain\ngrace:${OTHER}\n`);
    expect(await statusOf(one, basic('ada', 'plain'))).to.equal(401);
    expect(await statusOf(one, basic('grace', 'another'))).to.equal(200);
    expect(lines.join('\n')).to.include('line 1: ');
    rmSync(file);
    expect(await statusOf(one, basic('grace', 'another'))).to.equal(503);
    expect(await statusOf(one, basic('grace', 'another'))).to.equal(503);
    expect(lines.filter((line) => line.includes('cannot read the password file'))).to.have.length(1);
    writeFileSync(file, `grace:${OTHER}\n`);
    expect(await statusOf(one, basic('grace', 'another'))).to.equal(200);
  });

  it('answers 503 when a password would wait too long for its check', async () => {
    const one = await open();
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    let away = 0;
    const attempts = Array.from({ length: 60 }, async (_, i) => {
      const error = await rejection(one.authenticate({ authorization: basic('ada', `wrong ${i}`) }, () => released));
      if ((error as AuthenticationRefused | ApiError).status === 503) away++;
    });
    await until('nine are sent away', () => away === 9);
    release();
    await Promise.all(attempts);
    expect(away).to.equal(9);
  });

  it('logs no password and no hash', async () => {
    const one = await open();
    for (const password of [PASSWORD, 'planted-password']) await statusOf(one, basic('ada', password));
    writeFileSync(file, `ada:plain-text-password\n`);
    await statusOf(one, basic('ada', PASSWORD));
    expect(lines.length).to.be.greaterThan(0);
    for (const secret of [PASSWORD, 'planted-password', 'plain-text-password', HASH]) {
      expect(lines.join('\n')).to.not.include(secret);
    }
  });

  it('does not start with a missing or unusable password file', async () => {
    const openConfigured = () => {
      const env = { NETPROV_AUTH_STRATEGY: 'http_basic', NETPROV_HTTP_BASIC_AUTH_USER_FILE: file };
      return openAuthenticator(loadConfig({ env }), log);
    };
    writeFileSync(file, `\nada:secret\n`);
    const unusable = await rejection(openConfigured());
    expect(unusable).to.be.instanceOf(ConfigurationError);
    expect(unusable?.message).to.include('http_basic_auth_user_file').and.include(file).and.include('line 2');
    expect(unusable?.message).to.not.include('secret');
    rmSync(file);
    expect((await rejection(openConfigured()))?.message).to.include('ENOENT');
  });
});
