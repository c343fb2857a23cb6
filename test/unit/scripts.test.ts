import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'chai';

/**
 * Runs commands of script/lib/process.sh. Each look at the service's processes finds what the next of `looks` says: their ids, or
 * nothing. The last is found again and again. It stands for Linux, which shows no environment of a process that is executing
 * another program. A test cannot bring that moment about.
 */
function shell(looks: string[], commands: string): { status: number | null; said: string } {
  const folder = mkdtempSync(join(tmpdir(), 'netprov-processes-'));
  try {
    writeFileSync(join(folder, 'looks'), looks.map((look) => `${look}\n`).join(''));
    const script = `
      ROOT=$PWD
      source script/lib/common.sh
      source script/lib/process.sh
      pids_of() {
        head -n 1 "$FOLDER/looks"
        [[ $(wc -l <"$FOLDER/looks") == 1 ]] || sed -i 1d "$FOLDER/looks"
      }
      ${commands}`;
    const env = { ...process.env, FOLDER: folder, NETPROV_SERVICES_DIR: folder };
    const { status, stdout } = spawnSync('bash', ['-c', script], { env, encoding: 'utf8' });
    return { status, said: stdout };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The functions that a shell script defines. */
function functionsOf(script: string): string[] {
  return [...readFileSync(script, 'utf8').matchAll(/^(\w+)\(\)/gm)].map(([, name]) => name ?? '');
}

function filesIn(folder: string): string[] {
  return readdirSync(folder)
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());
}

describe('functions of the shell scripts', () => {
  // Bash says nothing when a function replaces another one of the same name.
  it('have names of their own', () => {
    const shared = filesIn('script/lib')
      .filter((path) => path.endsWith('.sh'))
      .flatMap(functionsOf);
    expect(shared.length).to.be.greaterThan(100);
    expect(shared.filter((name, index) => shared.indexOf(name) !== index)).to.deep.equal([]);
    const own = filesIn('script').flatMap((path) => functionsOf(path).map((name) => ({ path, name })));
    expect(own.length).to.be.greaterThan(50);
    expect(own.filter(({ name }) => shared.includes(name))).to.deep.equal([]);
  });
});

describe('processes of script/services', () => {
  it('does not take a service for ended when one look does not find it', () => {
    const answers = 'answers() { [[ $(wc -l <"$FOLDER/looks") == 1 ]]; }';
    const { status, said } = shell(
      ['', '4711', '4711', '', '4711', '4711'],
      `${answers}; wait_until keystone 60 answers`,
    );
    expect({ status, said }).to.deep.equal({ status: 0, said: '' });
  });

  it('says that a service ended when two looks do not find it', () => {
    const { status, said } = shell(['4711', '', ''], 'wait_until keystone 60 false');
    expect({ status, said }).to.deep.equal({ status: 1, said: 'keystone ended while it was starting\n' });
  });

  it('kills a process that one look does not find', () => {
    const kill = 'kill() { echo "$@"; }';
    const { said } = shell(['4711', '', '4711', '4711', '', ''], `${kill}; stop_processes 0 keystone`);
    expect(said).to.equal('-KILL 4711\n');
  });
});
