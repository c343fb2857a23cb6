import { format, resolveConfig } from 'prettier';

import { httpStatusOf } from '../../src/api/http/errors.js';
import * as ironic from '../../src/contract/errors.js';
import { WARNING_KINDS } from '../../src/contract/result.js';
import { ERROR_CODES } from '../../src/errors.js';
import { BROKER_REASONS, DEAD_LETTER_REASONS } from '../../src/messages/dead-letter-reasons.js';
import { EXIT } from '../../src/services/errors.js';

/** The classes of contract/errors.ts that conductors get. */
function ironicErrors(): ironic.IronicError[] {
  const errors: ironic.IronicError[] = [];
  for (const exported of Object.values(ironic)) {
    if (typeof exported !== 'function' || !(exported.prototype instanceof ironic.IronicError)) continue;
    errors.push(new (exported as typeof ironic.IronicError)(''));
  }
  return errors;
}

/** docs/errors.md: the codes of all errors, Ironic's exceptions, the kinds of warnings, and the reasons of dead letters. */
export async function errorReference(): Promise<string> {
  const own = ironicErrors();
  const others = Object.entries(ERROR_CODES).filter(([code]) => !own.some((error) => error.code === code));
  const text = [
    '# Errors\n',
    'Made by `script/docs` from the tables in the source code. Codes and reasons stay the same from version to version; ' +
      'sentences may change.\n',
    '## Codes\n',
    'Every error that this package throws is a `NetprovError` with a `code`. The exit code is what a `netprov` command ' +
      'ends with when it cannot go on because of the error; [cli.md](cli.md) describes the exit codes.\n',
    ...others.map(([code, { exit, meaning }]) => `- \`${code}\` (exit code ${EXIT[exit]}): ${meaning}`),
    "\n## Ironic's exceptions\n",
    'An operation that fails for good has one of these in its result, and a call raises it, as a class of ' +
      `\`${ironic.IRONIC_EXCEPTIONS}\`. The REST API answers with the HTTP status of the class; a class of a plug-in gets ` +
      `${httpStatusOf('')}. A \`netprov\` command that finds the error before it sends a request ends with exit code ` +
      `${EXIT.usage}.\n`,
    ...own.map(
      ({ name, code }) =>
        `- \`${name}\` (code \`${code}\`, HTTP status ${httpStatusOf(name)}): ${ERROR_CODES[code].meaning}`,
    ),
    '\n## Kinds of warnings\n',
    'A warning in a result that programs may want to tell apart has one of these as its `kind`. ' +
      '[wire-protocol.md](wire-protocol.md) describes results.\n',
    ...Object.entries(WARNING_KINDS).map(([kind, meaning]) => `- \`${kind}\`: ${meaning}`),
    '\n## Reasons of dead letters\n',
    'The header `netprov-reason` of a dead letter has one of these, and `netprov-detail` has a sentence. ' +
      '[wire-protocol.md](wire-protocol.md) describes the other headers.\n',
    ...Object.entries(DEAD_LETTER_REASONS).map(([reason, meaning]) => `- \`${reason}\`: ${meaning}`),
    '\nA message that RabbitMQ itself made a dead letter has no such header. Its reason is in the header `x-death`.\n',
    ...Object.entries(BROKER_REASONS).map(([reason, meaning]) => `- \`${reason}\`: ${meaning}`),
  ].join('\n');
  return format(text, { ...(await resolveConfig(import.meta.filename)), parser: 'markdown', proseWrap: 'always' });
}
