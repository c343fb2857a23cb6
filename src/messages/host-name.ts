/** Suffixes of our own queues. The queues are named like those of conductor hosts, so no host may have these names. */
export const OWN_QUEUES = { deadLetters: 'dead', journal: 'journal' } as const;

export const RESERVED_HOSTS: readonly string[] = Object.values(OWN_QUEUES);

/**
 * Pattern of a conductor host's name. The name becomes part of a routing key, where a star or a hash would match the
 * messages of other hosts. AMQP limits the whole key to 255 bytes.
 */
const HOST = /^[^\s*#,]{1,160}$/;

/**
 * Says what is expected of a conductor host's name that is not valid; null: the name is valid. The configuration asks
 * this, so this file loads nothing of AMQP.
 */
export function hostProblem(name: string): string | null {
  if (!HOST.test(name)) return 'the name of a conductor host: up to 160 characters, without * # , and blanks';
  if (!RESERVED_HOSTS.includes(name)) return null;
  return (
    `the name of a conductor host, and none of ${RESERVED_HOSTS.join(', ')}, which are queues of netprov: ` +
    'give the conductor another name (option host in ironic.conf)'
  );
}
