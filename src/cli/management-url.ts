import { InvalidArgumentError, Option } from 'commander';

/** The option that names RabbitMQ's management API. */
export function managementUrlOption(): Option {
  return new Option(
    '--management-url <url>',
    "of RabbitMQ's management API, which tells more: http://user:password@host:15672",
  )
    .env('NETPROV_RABBITMQ_MANAGEMENT_URL')
    .argParser(managementUrl);
}

/** The value is not repeated: it may have a password in it. */
function managementUrl(text: string): URL {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return new URL(text);
  throw new InvalidArgumentError('It must be a URL such as http://user:password@rabbit1:15672.');
}
