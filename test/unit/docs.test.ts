import { readFileSync } from 'node:fs';

import { expect } from 'chai';

import { commandReference } from '../../docs/generate/cli.js';
import { compatibilityPage, readmePage } from '../../docs/generate/compatibility.js';
import { defaultsFile, variablesFile } from '../../docs/generate/config.js';
import { errorReference } from '../../docs/generate/errors.js';
import { SIDES } from '../../src/adoption/sides.js';
import { OPTIONS } from '../../src/config/config-schema.js';
import { argumentsOf, NO_ARGUMENTS } from '../../src/contract/arguments.js';
import { answerOf, METHOD_NAMES, METHODS } from '../../src/contract/methods.js';
import { COMPONENTS, silentLogger } from '../../src/log/log.js';
import { DEAD_LETTER_REASONS } from '../../src/messages/dead-letter-reasons.js';
import { NeutronClient } from '../../src/neutron/client.js';
import { FINDING_KINDS } from '../../src/providers/neutron/reconcile/compare.js';
import { BUILT_IN } from '../../src/providers/provider-registry.js';
import { EXIT } from '../../src/services/errors.js';
import { providerOptions } from '../../testkit/servers/neutron.js';

const linesOf = (file: string): string[] =>
  readFileSync(new URL(`../../../docs/${file}`, import.meta.url), 'utf8').split('\n');

/** The rows of a table in docs/, by the first cell of its head: each a list of cells. */
function rowsOf(file: string, head: string): string[][] {
  const lines = linesOf(file);
  const first = lines.findIndex((line) => line.startsWith(`| ${head} `));
  const rows = lines.slice(first + 2, lines.indexOf('', first));
  return rows.map((line) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** The names that the items of a section's lists begin with: those before the first colon. */
function namesOf(file: string, heading: string): string[] {
  const lines = linesOf(file);
  const first = lines.indexOf(heading) + 1;
  const end = lines.findIndex((line, index) => index >= first && line.startsWith('#'));
  const items = lines.slice(first, end).filter((line) => line.startsWith('- `'));
  return items.flatMap((line) => quoted(line.split(':')[0]));
}

const quoted = (cell = ''): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text);

describe('the documentation', () => {
  it('has every method in wire-protocol.md, with its arguments and answer', () => {
    const rows = rowsOf('wire-protocol.md', 'method');
    expect(rows.flatMap(([names]) => quoted(names))).to.have.members(METHOD_NAMES);
    for (const [names, since, beside, type = '', answer] of rows) {
      for (const name of quoted(names)) {
        const method = METHOD_NAMES.find((known) => known === name);
        if (method === undefined) throw new Error(`no method ${name}`);
        expect(since, name).to.equal(METHODS[method].since);
        expect(quoted(beside), name).to.have.members([...argumentsOf(method)]);
        expect(type.startsWith('none') ? null : type, name).to.equal(METHODS[method].networkType);
        expect(quoted(answer)[0] ?? null, name).to.equal(answerOf(method));
      }
    }
  });

  it('has every argument in wire-protocol.md', () => {
    expect(namesOf('wire-protocol.md', '### Arguments')).to.have.members(Object.keys(NO_ARGUMENTS));
  });

  it('says in providers.md which methods each provider refuses', async () => {
    const rows = rowsOf('providers.md', 'method');
    expect(rows.map(([name]) => quoted(name)[0])).to.have.members(METHOD_NAMES);
    const options = providerOptions({}, {});
    const neutron = new NeutronClient(options.neutron);
    const columns = ['none', 'flat', 'neutron'];
    expect(columns).to.have.members(Object.keys(BUILT_IN));
    for (const [index, name] of columns.entries()) {
      const module = await BUILT_IN[name]?.();
      const provider = await module?.default({ log: silentLogger(), neutron, options });
      const refused = rows.filter((cells) => cells[index + 1] === 'refused').map(([cell]) => quoted(cell)[0]);
      expect(refused, name).to.have.members(METHOD_NAMES.filter((method) => provider?.[method] === undefined));
    }
    await neutron.close();
  });

  it('has every kind of difference in reconcile.md', () => {
    expect(namesOf('reconcile.md', '## What differs')).to.deep.equal([...FINDING_KINDS]);
    expect(namesOf('reconcile.md', '## Ironic as third side')).to.deep.equal(SIDES.map((side) => `${side}_differs`));
  });

  it('has every component of the log in operations.md', () => {
    const names = rowsOf('operations.md', 'component').flatMap(([cell]) => quoted(cell));
    expect(names).to.deep.equal([...COMPONENTS]);
  });

  it('has every exit code of netprov reconcile in reconcile.md', () => {
    const codes = rowsOf('reconcile.md', 'exit code').map(([cell]) => Number(cell));
    const others: number[] = [EXIT.schemaBehind, EXIT.problem];
    expect([...codes, ...others]).to.have.members(Object.values(EXIT));
  });

  it('has in compatibility.md what is on record of the last runs', async () => {
    const written = readFileSync(new URL('../../../docs/compatibility.md', import.meta.url), 'utf8');
    expect(written).to.equal(await compatibilityPage());
  });

  it('has in the README the servers of the last runs', async () => {
    const written = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
    expect(written).to.contain('<!-- works with -->\n\n| servers');
    expect(written).to.equal(await readmePage(written));
  });

  it("has the commands' help in cli.md, as script/docs makes it", async () => {
    const written = readFileSync(new URL('../../../docs/cli.md', import.meta.url), 'utf8');
    expect(written).to.equal(await commandReference());
  });

  it('has every code, exception and reason of a dead letter in errors.md, as script/docs makes it', async () => {
    const written = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');
    expect(written).to.equal(await errorReference());
  });

  it('has the options of the source code in config/, as script/docs makes them', async () => {
    const read = (name: string): string => readFileSync(new URL(`../../../config/${name}`, import.meta.url), 'utf8');
    expect(read('default.yaml')).to.equal(await defaultsFile());
    expect(read('custom-environment-variables.yaml')).to.equal(await variablesFile());
  });

  it('names only existing reasons of dead letters in wire-protocol.md', () => {
    const reasons = rowsOf('wire-protocol.md', 'input').flatMap(([, reason]) => quoted(reason));
    expect(reasons).to.include('not_json');
    expect(Object.keys(DEAD_LETTER_REASONS)).to.include.members(reasons);
  });

  it('names only existing options in providers.md', () => {
    for (const [cell] of rowsOf('providers.md', 'option')) {
      for (const name of quoted(cell)) {
        const known = OPTIONS.some((option) =>
          name.startsWith('*') ? option.endsWith(name.slice(1)) : option === name,
        );
        expect(known, name).to.equal(true);
      }
    }
  });
});
