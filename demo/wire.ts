import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { styleText } from 'node:util';

import { CLEANING, LIFE, oneLag, twoNics } from '../testkit/wire/moves.js';
import { picture } from '../testkit/wire/picture.js';
import { table, wrongPings } from '../testkit/wire/table.js';
import { type Evidence, tally, walk } from '../testkit/wire/walk.js';
import { Wire } from '../testkit/wire/wire.js';

const [folder = '.'] = process.argv.slice(2);

function say(text: string): void {
  console.log(`\n${styleText('bold', text, { stream: process.stdout })}`);
}

async function show(evidence: Evidence, name: string, title: string): Promise<void> {
  console.log(table(evidence));
  const file = join(folder, name);
  writeFileSync(file, await picture(evidence, title));
  console.log(`As a picture: ${file}`);
}

/** Both nodes go through their lives. Returns whether every frame and ping was as it should be. */
async function lives(wire: Wire): Promise<boolean> {
  say('Both nodes go through their lives side by side, while everybody floods the wire');
  const evidence = await walk(wire, [twoNics(), oneLag()], LIFE);
  await show(evidence, 'wire.svg', 'Who reached whom while two nodes moved');
  return tally(evidence).astray === 0 && wrongPings(evidence).length === 0;
}

/** A fault on purpose. Returns whether the wire shows it. */
async function control(wire: Wire): Promise<boolean> {
  say('Control: the switch cannot be reached while node1 is taken off the cleaning network');
  const evidence = await walk(wire, [twoNics()], CLEANING, async ({ method }) => {
    if (method === 'remove_cleaning_network') await wire.rack.login.close();
  });
  await wire.rack.login.open();
  await show(evidence, 'wire-control.svg', 'Control: the switch is away during remove_cleaning_network');
  console.log(
    'Neutron says that the port is gone, and node1 still reaches the conductor: what a proof must be able to show.',
  );
  return tally(evidence).astray > 0;
}

say('A rack of network namespaces: an Open vSwitch, two nodes, a conductor and two tenants');
console.log('Neutron configures the switch over SSH, with networking-generic-switch.');
mkdirSync(folder, { recursive: true });
const wire = await Wire.start();
try {
  const right = await lives(wire);
  const shown = await control(wire);
  if (!right || !shown) process.exitCode = 1;
  say(right && shown ? 'Done.' : 'The wire is not as it should be.');
} finally {
  await wire.stop();
}
