import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';

import { expect } from 'chai';
import ts from 'typescript';

import { ERROR_CODES } from '../../src/errors.js';

const SRC = join(process.cwd(), 'src');

/** Files of less than 30 lines, and why each is one. */
const SHORT: Readonly<Record<string, string>> = {
  'amqp/channels.ts': 'a connection, and what probes it, need them',
  'api/http/types.ts': "the types of Fastify's server with our additions, which every route imports",
  'async/error-text.ts': 'an idiom, for every other folder',
  'async/pause.ts': 'an idiom, for every other folder',
  'cli/commands/binding.ts': 'a command is described without loading what it runs',
  'cli/commands/run-binding.ts': 'what a command runs is loaded on demand',
  'cli/input/node-argument.ts': 'loads the database, which what only reads arguments must not',
  'cli/output/dead-letter-view.ts': 'what a command prints is in a file of its own',
  'contract/network-interface.ts': "Ironic's names of providers",
  'contract/schema.ts': 'loads the generated code of the contract',
  'doctor/check-config.ts': 'the checks of one subject, whose rules are in doctor/rules',
  'messages/host-name.ts': 'the configuration asks it, and loads nothing of AMQP for that',
  'messages/queue-names.ts': 'names of queues, which need the exchanges of rpc',
  'providers/plugin-url.mts': 'only an ES module can ask how an import finds its module',
  'rpc/index.ts': 'what other folders may use of rpc',
  'state/entities/json-column.ts': 'one entity, or part of one, a file',
  'state/entities/node-comparison.ts': 'one entity a file',
  'state/entities/owed-results.ts': 'one entity a file',
  'state/entities/vif-claim.ts': 'one entity a file',
  'version.ts': 'the version of the package',
};

/** Names that several files have, and why. Any other name says which file is meant, whatever its folder. */
const SHARED_NAMES: Readonly<Record<string, string>> = {
  'client.ts': "the client of oslo.messaging, and Neutron's",
  'dead-letter.ts': 'a command is in the file of its name',
  'dhcp-options.ts': 'what a request contains, and what Neutron gets of it',
  'errors.ts': 'the errors of a folder',
  'index.ts': 'what other folders may use of a folder',
  'methods.ts': 'what a request contains, and what the provider does',
  'node.ts': 'a command, and an entity, is in the file of its name',
  'operation.ts': 'a command, and an entity, is in the file of its name',
  'options.ts': 'the options of a worker, and of a binding',
  'port.ts': 'an entity is in the file of its name',
  'schema.ts': 'of the contract, and of the database',
  'topology.ts': 'a command is in the file of its name',
  'types.ts': 'the types of a folder',
  'vifs.ts': 'what a request contains, and what Neutron gets of it',
  'worker.ts': 'the worker, its metrics and its entity',
};

interface SourceFile {
  /** Below src, with slashes. */
  name: string;
  text: string;
}

function sourceFiles(): SourceFile[] {
  return readdirSync(SRC, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.m?ts$/.test(entry.name) && !entry.parentPath.endsWith('generated'))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ name: relative(SRC, path), text: readFileSync(path, 'utf8') }));
}

/** Names that a file itself declares and exports; those of an index.ts come from elsewhere. */
function exportedNames({ name, text }: SourceFile): string[] {
  const file = ts.createSourceFile(name, text, ts.ScriptTarget.Latest);
  return file.statements.filter(isExported).flatMap((statement) => {
    if (ts.isVariableStatement(statement)) {
      return statement.declarationList.declarations.flatMap(({ name: own }) =>
        ts.isIdentifier(own) ? [own.text] : [],
      );
    }
    const own = (statement as ts.Statement & { name?: ts.Identifier }).name?.text;
    return own === undefined ? [] : [own];
  });
}

function isExported(statement: ts.Statement): boolean {
  if (!ts.canHaveModifiers(statement)) return false;
  return ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false;
}

/** The files of packages (CommonJS) that a file of ours loads, and the function, if there is one. */
function loadedBy(
  file: string,
  run: (exported: { createProgram: () => unknown }) => unknown = () => undefined,
): string {
  const url = new URL(`../../src/${file}`, import.meta.url).href;
  const script = `
    const { _cache } = require('node:module');
    import(${JSON.stringify(url)}).then(${run.toString()}).then(() => {
      process.stdout.write(Object.keys(_cache).join('\\n'));
    });`;
  return execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' });
}

describe('the source code', () => {
  const files = sourceFiles();

  it('exports each name from one file', () => {
    const homes = new Map<string, Set<string>>();
    for (const file of files) {
      for (const name of exportedNames(file)) homes.set(name, (homes.get(name) ?? new Set()).add(file.name));
    }
    expect(homes.size).to.be.greaterThan(500);
    const shared = [...homes].filter(([, places]) => places.size > 1);
    expect(shared.map(([name, places]) => `${name}: ${[...places].join(', ')}`)).to.deep.equal([]);
  });

  it('has one base of all error classes, and uses every error code', () => {
    const classes = files.flatMap(({ name, text }) =>
      [...text.matchAll(/class (\w+) extends Error\b/g)].map(([, own]) => `${name}: ${own}`),
    );
    expect(classes).to.deep.equal(['errors.ts: NetprovError']);
    const others = files.filter(({ name }) => name !== 'errors.ts').map(({ text }) => text);
    const unused = Object.keys(ERROR_CODES).filter((code) => {
      // The code of a failed request to a service is put together of both.
      const [, , fault] =
        /^(neutron|ironic|keystone)_(unreachable|timeout|refused|auth|invalid|unusable)$/.exec(code) ?? [];
      const use = fault === undefined ? `'${code}'` : `fault: '${fault}'`;
      return !others.some((text) => text.includes(use));
    });
    expect(unused).to.deep.equal([]);
  });

  it('has no file name in two folders without a reason', () => {
    const names = files.map(({ name }) => basename(name));
    const shared = files.filter(({ name }) => names.indexOf(basename(name)) !== names.lastIndexOf(basename(name)));
    const unexplained = shared.filter(({ name }) => !(basename(name) in SHARED_NAMES));
    expect(unexplained.map(({ name }) => name)).to.deep.equal([]);
  });

  it('has no file of less than 30 lines without a reason', () => {
    const short = files.filter(({ text }) => text.split('\n').length - 1 < 30).map(({ name }) => name);
    expect(short.sort()).to.deep.equal(Object.keys(SHORT));
  });

  it('describes the commands without loading what only some of them need', () => {
    const loaded = loadedBy('main.js', ({ createProgram }) => createProgram());
    expect(loaded).to.contain('node_modules/commander/');
    const heavy = ['typeorm', 'mysql2', 'fastify', 'amqplib', 'protobufjs', '@opentelemetry'];
    for (const one of heavy) expect(loaded).not.to.contain(`node_modules/${one}/`);
  });

  it('starts a worker without loading what it needs only to ask Neutron, or only for the REST API', () => {
    const loaded = loadedBy('services/run-worker.js');
    expect(loaded).to.contain('node_modules/typeorm/');
    for (const heavy of ['undici', 'fastify']) expect(loaded).not.to.contain(`node_modules/${heavy}/`);
  });
});
