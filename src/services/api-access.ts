import { type Authenticator, isLoopback, NoAuthentication } from '../api/auth/authenticator.js';
import { HttpBasicAuthenticator } from '../api/auth/http-basic-authenticator.js';
import { KeystoneAuthenticator } from '../api/auth/keystone-authenticator.js';
import { serverOptions, TlsFileError, type TlsFiles } from '../api/http/tls.js';
import { errorText } from '../async/error-text.js';
import { credentialsOf } from '../config/cross-checks.js';
import { type Config, ConfigurationError } from '../config/load.js';
import { knowSecret, type Logger } from '../log/log.js';

/**
 * Creates the authenticator that auth_strategy names. Its options are checked here, because no other command needs
 * them.
 *
 * @throws ConfigurationError when an option is missing or unusable
 */
export async function openAuthenticator(config: Config, log: Logger): Promise<Authenticator> {
  switch (config.auth_strategy) {
    case 'keystone':
      return keystone(config, log);
    case 'http_basic':
      return httpBasic(config, log);
    case 'noauth':
      return noAuthentication(config, log);
  }
}

function keystone({ keystone_authtoken: options }: Config, log: Logger): Authenticator {
  const missing = credentialsOf(options.auth_type)
    .filter((name) => options[name as keyof typeof options] === null)
    .map((name) => `keystone_authtoken.${name} is not set: auth_strategy keystone needs it`);
  if (missing.length > 0) throw new ConfigurationError(missing);
  try {
    return new KeystoneAuthenticator(options, log);
  } catch (error) {
    const message = `keystone_authtoken: cafile, certfile or keyfile cannot be used: ${errorText(error)}`;
    throw new ConfigurationError([message]);
  }
}

async function httpBasic({ http_basic_auth_user_file: file, api }: Config, log: Logger): Promise<Authenticator> {
  knowSecret(api.session_key);
  try {
    return await HttpBasicAuthenticator.open(file, log, { key: api.session_key, time: api.session_time });
  } catch (error) {
    const message = `http_basic_auth_user_file is ${file}, which is unusable: ${errorText(error)}`;
    throw new ConfigurationError([message]);
  }
}

function noAuthentication({ api }: Config, log: Logger): Authenticator {
  const { bind_host, noauth_anywhere } = api;
  if (!isLoopback(bind_host) && !noauth_anywhere) {
    const message =
      `auth_strategy is noauth and api.bind_host is ${bind_host}: everybody who can reach this address could do everything. ` +
      'Set auth_strategy to keystone or http_basic, or api.bind_host to 127.0.0.1; or, if this is what you want, ' +
      'api.noauth_anywhere to true';
    throw new ConfigurationError([message]);
  }
  log.warn('auth_strategy is noauth: everybody who can reach the API may do everything', { bind_host });
  return new NoAuthentication();
}

/**
 * The files of section ssl; null: no TLS.
 *
 * @throws ConfigurationError when a file is missing or unusable
 */
export function tlsFiles({ api, ssl }: Config): TlsFiles | null {
  if (!api.enable_ssl_api) return null;
  const { cert_file, key_file, ca_file } = ssl;
  if (cert_file === null || key_file === null) {
    const missing = Object.entries({ cert_file, key_file }).filter(([, file]) => file === null);
    throw new ConfigurationError(missing.map(([name]) => `ssl.${name} is not set: api.enable_ssl_api needs it`));
  }
  const files = { cert_file, key_file, ca_file };
  try {
    serverOptions(files);
  } catch (error) {
    throw error instanceof TlsFileError ? new ConfigurationError([error.message]) : error;
  }
  return files;
}
