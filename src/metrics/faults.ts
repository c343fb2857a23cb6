import { Counter, type Registry } from 'prom-client';

/** What no code caught. */
export const FAULT_KINDS = ['unhandled_rejection', 'uncaught_exception'] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** Counts the faults of this program itself. Answers with what is to be told of each. */
export function faultMetrics(registry: Registry): (kind: FaultKind) => void {
  const faults = new Counter({
    name: 'netprov_faults_total',
    help: 'Faults of this program itself, which no code caught.',
    labelNames: ['kind'],
    registers: [registry],
  });
  for (const kind of FAULT_KINDS) faults.inc({ kind }, 0);
  return (kind) => {
    faults.inc({ kind });
  };
}
