import type { Server } from '../place/services.js';
import type { Fault } from './fault.js';

/** SIGKILL to all processes of a server; it is started again when the fault is over, on the same data and port. */
export function killServer(server: Server): Fault {
  return async ({ place: { services } }) => {
    await services.kill(server);
    return () => services.up();
  };
}

/** More than any disk has free. RabbitMQ then reads nothing more from whoever publishes. */
const TOO_MUCH = '1000000GB';
/** As script/services has it. */
const USUAL = '50MB';

export const raiseDiskAlarm: Fault = async ({ place: { services } }) => {
  await services.rabbitmqctl('set_disk_free_limit', TOO_MUCH);
  return () => services.rabbitmqctl('set_disk_free_limit', USUAL);
};
