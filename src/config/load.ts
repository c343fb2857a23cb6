import { existsSync, readdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { resolve } from 'node:path';

import { Load, type LoadOptions, Util } from 'config/lib/util.js';
import yaml from 'js-yaml';
import type { z } from 'zod';

import { errorText } from '../async/error-text.js';
import { NetprovError } from '../errors.js';
import { type Config, configSchema, OPTIONS, SECRET_OPTIONS, SHORT_NAMES } from './config-schema.js';
import { crossChecks } from './cross-checks.js';
import { variableOf } from './option.js';

export type { Config } from './config-schema.js';

/** Directory of this package with default.yaml. */
const DEFAULTS = resolve(__dirname, '../../../config');
const SYSTEM = '/etc/netprov';
const VARIABLES_FILE = resolve(DEFAULTS, 'custom-environment-variables.yaml');

/** Variables that are not options: the one for --config-dir, and those that script/services takes or prints for tests. */
const OTHER_VARIABLES =
  /^NETPROV_(CONFIG_DIR|SERVICES_DIR|WORLD|RABBITMQ_MANAGEMENT_URL|NEUTRON_(TRANSPORT_URL|DATABASE_URL|CONFIG)|PRIVATE_URLS|KEYSTONE_(?!AUTHTOKEN_)[A-Z_]+|IRONIC_TRANSPORT_URL|CLUSTER_[A-Z_]+|WIRE_PYTHONPATH)$/;

/**
 * The configuration is unusable. Thrown at start, with all problems at once; the operator must correct the named
 * options. No message contains the value of a secret option.
 */
export class ConfigurationError extends NetprovError {
  readonly code = 'configuration';

  constructor(
    /** One line for each wrong option. */
    readonly problems: readonly string[],
  ) {
    super(['the configuration is invalid:', ...problems.map((problem) => `  ${problem}`)].join('\n'));
  }
}

export interface ConfigSources {
  /** Directory whose files override the defaults and /etc/netprov. Default: NETPROV_CONFIG_DIR. */
  configDir?: string | undefined;
  /** Environment variables. Default: those of the process. */
  env?: NodeJS.ProcessEnv;
  /** Options from the command line. They override everything else. */
  given?: { host?: readonly string[] | undefined };
}

/**
 * Reads the configuration from the package's defaults, /etc/netprov, one more directory, environment variables and the
 * command line. Later sources override earlier ones.
 *
 * @throws ConfigurationError naming every option that does not exist or has an invalid value
 */
export function loadConfig({ configDir, env = process.env, given = {} }: ConfigSources = {}): Config {
  const problems: string[] = [];
  const load = new Loader(loadOptions(env, problems));
  try {
    load.readDirectory(DEFAULTS);
    load.readDirectory(SYSTEM);
    const chosen = configDir ?? env['NETPROV_CONFIG_DIR'];
    if (chosen) problems.push(...readChosen(load, resolve(chosen)));
    load.readVariables(longNames(env));
    if (given.host) load.addConfig('command line', { host: given.host });
  } catch (error) {
    // A file cannot be read. The message of node-config names the file.
    throw new ConfigurationError([...problems, errorText(error)]);
  }
  const parsed = configSchema.safeParse(load.config);
  problems.push(...unknownVariables(env), ...describe(load, env, parsed.error?.issues ?? []));
  if (!parsed.success || problems.length > 0) throw new ConfigurationError(problems);
  return freeze(parsed.data);
}

/**
 * Uses node-config without its process-wide instance. It reads only the given sources, and remembers the source of each
 * value.
 */
class Loader extends Load {
  readDirectory(directory: string): number {
    const before = this.getSources().length;
    this.options.configDir = directory;
    Util.loadFileConfigs(this);
    return this.getSources().length - before;
  }

  readVariables(env: NodeJS.ProcessEnv): void {
    this.loadFile(VARIABLES_FILE, (names) => this.substituteDeep(names as object, env) as object);
  }

  /** Name of the source of an option's value. */
  origin(path: readonly string[], env: NodeJS.ProcessEnv): string {
    const source = this.getSources().findLast(({ parsed }) => at(parsed, path) !== undefined);
    return source?.name === VARIABLES_FILE ? variableThatSet(path, env) : (source?.name ?? 'nowhere');
  }
}

function loadOptions(env: NodeJS.ProcessEnv, problems: string[]): LoadOptions {
  return {
    nodeEnv: (env['NODE_CONFIG_ENV'] ?? env['NODE_ENV'] ?? 'development').split(','),
    hostName: hostname(),
    parser: yamlParser(problems) as NonNullable<LoadOptions['parser']>,
  };
}

/**
 * Reads YAML, which includes JSON. We do not use node-config's own parser for two reasons: it would look for js-yaml
 * from its own directory instead of ours, and it would execute files that contain code. js-yaml's error messages quote
 * the file, including passwords, so we keep only the line and column.
 */
function yamlParser(problems: string[]): object {
  return {
    getFilesOrder: () => ['json', 'yaml', 'yml'],
    parse: (filename: string, content: string): object => {
      try {
        const read = yaml.load(content) ?? {};
        if (typeof read === 'object' && !Array.isArray(read)) return read;
        problems.push(`${filename}: expected options and their values, such as "rpc_ping_enabled: true"`);
      } catch (error) {
        const mark = error instanceof yaml.YAMLException ? error.mark : undefined;
        const place = mark ? ` at line ${mark.line + 1}, column ${mark.column + 1}` : '';
        problems.push(`${filename}: not valid YAML${place}; quote values that begin with one of * & ! % @`);
      }
      return {};
    },
    // Parses an environment variable. Text that is not YAML stays a text, which the schema refuses. null stays
    // the text 'null', because node-config drops a null.
    getParser: () => (_: unknown, text: string) => {
      try {
        return yaml.load(text) ?? text;
      } catch {
        return text;
      }
    },
  };
}

function readChosen(load: Loader, directory: string): string[] {
  if (!existsSync(directory)) return [`configuration directory ${directory}: does not exist`];
  readdirSync(directory);
  if (load.readDirectory(directory) > 0) return [];
  return [`configuration directory ${directory}: has no local.yaml, default.yaml or other file that netprov reads`];
}

function variableThatSet(path: readonly string[], env: NodeJS.ProcessEnv): string {
  const long = variableOf(optionOf(path));
  const short = Object.entries(SHORT_NAMES).find(([, name]) => name === long)?.[0];
  return short && !env[long] ? short : long;
}

/** Our variables only. node-config would take the "yaml" of `__format: yaml` as the name of a variable, too. */
function longNames(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const ours = Object.fromEntries(Object.entries(env).filter(([name]) => name.startsWith('NETPROV_')));
  for (const [short, long] of Object.entries(SHORT_NAMES)) {
    if (ours[long] === undefined || ours[long] === '') ours[long] = ours[short];
  }
  return ours;
}

function unknownVariables(env: NodeJS.ProcessEnv): string[] {
  const known = [...OPTIONS.map(variableOf), ...Object.keys(SHORT_NAMES)];
  return Object.keys(env)
    .filter((name) => name.startsWith('NETPROV_') && !known.includes(name) && !OTHER_VARIABLES.test(name))
    .map((name) => `${name}: no option has this environment variable${didYouMean(name, known)}`);
}

/** One line for each wrong option: the first of its problems. */
function describe(load: Loader, env: NodeJS.ProcessEnv, issues: readonly z.core.$ZodIssue[]): string[] {
  const lines = new Map<string, string>();
  const add = (path: readonly string[], line: (where: string) => string): void => {
    const name = path.join('.');
    if (!lines.has(name)) lines.set(name, `${name} ${line(load.origin(path, env))}`);
  };
  for (const issue of issues) {
    const path = issue.path.map(String);
    // An option such as log.levels has keys of its own. A wrong key there is a wrong value of the option.
    if (issue.code === 'unrecognized_keys' && !OPTIONS.includes(path.join('.'))) {
      for (const key of issue.keys) {
        const unknown = [...path, key];
        add(unknown, (where) => `(${where}): no such option${didYouMean(unknown.join('.'), OPTIONS)}`);
      }
    } else {
      const option = optionOf(path).split('.');
      add(option, (where) => `${shown(load.config as object, option)} (${where}): expected ${issue.message}`);
    }
  }
  for (const { path, message } of crossChecks((name) => at(load.config, name.split('.')))) {
    add(path.split('.'), (where) => `(${where}) ${message}`);
  }
  return [...lines.values()];
}

/** The option that contains a path: neutron.valid_interfaces for the path of its first item. */
function optionOf(path: readonly string[]): string {
  const name = path.join('.');
  return OPTIONS.find((option) => name === option || name.startsWith(`${option}.`)) ?? name;
}

/**
 * Describes a wrong value. The value is hidden if it may contain a secret: for secret options, and for a value in place
 * of a section.
 */
function shown(config: object, path: readonly string[]): string {
  const name = path.join('.');
  const value = at(config, path);
  if (value === undefined) return 'is not set';
  if (SECRET_OPTIONS.includes(name) || !OPTIONS.includes(name)) return 'has a wrong value';
  const text = JSON.stringify(value).replace(/\/\/[^/@]*@/g, '//***@');
  return `is ${text.length > 80 ? `${text.slice(0, 80)}...` : text}`;
}

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null && Object.hasOwn(inner, key)
        ? (inner as Record<string, unknown>)[key]
        : undefined,
    value,
  );
}

function didYouMean(name: string, known: readonly string[]): string {
  const near = known.map((other) => ({ other, edits: distance(name, other) })).sort((a, b) => a.edits - b.edits)[0];
  return near && near.edits <= Math.min(3, name.replace(/^NETPROV_/, '').length / 3)
    ? `; did you mean ${near.other}?`
    : '';
}

/** Levenshtein distance: how many letters to insert, delete or replace. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of a.split('').entries()) {
    const next = [i + 1];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (letter === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(freeze);
  return Object.freeze(value);
}
