import { z } from 'zod';

import { DATABASE_URL_EXAMPLE, parseDatabaseUrl } from '../../state/database-url.js';
import { option, section } from '../option.js';
import { duration, file, integer, trueOrFalse } from '../value-types.js';

const databaseUrl = z
  .string({ error: DATABASE_URL_EXAMPLE })
  .max(8192, { error: DATABASE_URL_EXAMPLE })
  .refine((value) => parseDatabaseUrl(value) !== null, { error: DATABASE_URL_EXAMPLE });

export const databaseSection = section('Names are those of oslo.db, for options that oslo.db has.', {
  connection: option(
    databaseUrl,
    'mysql://netprov:netprov@127.0.0.1:3306/netprov',
    `URL of MySQL or MariaDB. Separate several servers of one cluster with commas: host1:3306,host2:3306,host3:3306.
     All connections use one server. When this server is down or cannot accept writes, they use the next one.`,
    { secret: true, shortName: 'NETPROV_DATABASE_URL' },
  ),
  max_pool_size: option(
    integer(1, 1000, 'connections'),
    10,
    "Maximum number of open connections. oslo's default is 5.",
  ),
  connect_timeout: option(duration(0.1, 3600), 10, 'Time limit for opening a connection to one server, in seconds.'),
  statement_timeout: option(
    duration(2, 3600),
    30,
    `Time limit for the answer to a statement of a worker, in seconds. A server that exceeds it counts as hung: the
     worker closes its connections and tries the statement again, on the next server if there are several. A
     statement waits for a lock for at most half of this time, and never more than 5 seconds. netprov db upgrade has
     no such limit.`,
  ),
  ssl: option(
    trueOrFalse(),
    false,
    `Whether connections use TLS (1.2 or later). Setting ssl_ca or ssl_cert turns TLS on too. Each ssl option can
     also be a parameter of the URL, as in oslo.db: mysql://user:password@host/netprov?ssl_ca=/etc/ssl/db-ca.pem. A
     parameter overrides the option.`,
  ),
  ssl_ca: option(
    file(),
    null,
    `Files in PEM format: the certificate authority of the server's certificate (null: those that Node.js trusts),
     and the client certificate with its key, if the server requires one.`,
  ),
  ssl_cert: option(file(), null),
  ssl_key: option(file(), null),
  ssl_verify_cert: option(
    trueOrFalse(),
    true,
    `Whether the server's certificate is verified, and whether it must contain the hostname or address of the
     server. PyMySQL checks the second only on request.`,
  ),
  ssl_verify_identity: option(trueOrFalse(), true),
});

export const operationsSection = section('The records of operations.', {
  keep: option(
    duration(60, 3_153_600_000).nullable(),
    2_592_000,
    `Seconds for which finished operations are kept (default: 30 days). After that, the worker deletes them in small
     groups. null: they are kept forever. A message is executed again if it arrives after its operation was deleted.`,
  ),
});
