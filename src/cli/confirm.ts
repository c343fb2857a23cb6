import { createInterface } from 'node:readline';

import { UsageError } from './exit.js';

/** @throws UsageError when nobody can be asked */
export function assertTerminal({ isTTY }: { isTTY?: boolean } = process.stdin, toLook = 'or --dry-run'): void {
  if (isTTY === true) return;
  throw new UsageError(`standard input is no terminal, so nobody can confirm: give --yes, ${toLook} to look only`);
}

/** Asks on standard error, and answers whether the operator said yes. Ctrl-C and the end of the input are a no. */
export async function confirm(
  question: string,
  { input, output }: { input: NodeJS.ReadableStream; output: NodeJS.WritableStream } = {
    input: process.stdin,
    output: process.stderr,
  },
): Promise<boolean> {
  const lines = createInterface({ input, output });
  const answer = await new Promise<string>((resolve) => {
    lines.on('SIGINT', () => {
      lines.close();
    });
    lines.on('close', () => {
      resolve('');
    });
    lines.question(`${question} [y/N] `, resolve);
  });
  lines.close();
  return /^y(es)?$/i.test(answer.trim());
}
