import { execFileSync } from 'node:child_process';

import { PYTHON } from './python.js';

const VERSION = "from importlib.metadata import version; print(version('ironic'))";

let known: number | null = null;

/** The release of the Ironic that is installed here, such as 21.4 or 29. */
function ironicRelease(): number {
  known ??= Number.parseFloat(execFileSync(PYTHON, ['-c', VERSION], { encoding: 'utf8' }));
  return known;
}

/** What this Ironic can do, of what not every Ironic can. */
export interface IronicAbilities {
  /** `baremetal node service`. Source: release notes of 23.0. */
  service: boolean;
  /** An aborted service puts the node back on the tenant's networks: in 35.0, and not yet in 29.0. */
  abortsService: boolean;
  /** Inspection by the ramdisk and Ironic itself (`agent`). Source: release notes of 24.0. */
  agentInspection: boolean;
  /** Inspection by ironic-inspector (`inspector`): 29.0 still has it, and 35.0 has it no more. */
  inspector: boolean;
  /** Its oslo.messaging takes a durable queue as it is where its options want another one: 16.1 does, and 14.0 does not. */
  takesDurableQueues: boolean;
}

/** What the Ironic that is installed here can do. */
export function ironicAbilities(): IronicAbilities {
  const release = ironicRelease();
  return {
    service: release >= 23,
    abortsService: release >= 35,
    agentInspection: release >= 24,
    inspector: release < 35,
    takesDurableQueues: release >= 29,
  };
}
