import type { Server } from '../place/services.js';
import type { Fault } from './fault.js';

/** Kills all processes of a server with SIGKILL. At the end, it starts again with the same data and port. */
export function killServer(server: Server): Fault {
  return async ({ place: { services } }) => {
    await services.kill(server);
    return () => services.up();
  };
}

/**
 * Kills Keystone, and has Neutron refuse the tokens that the workers have, as after a change of Keystone's keys: they need
 * new ones, and get none until Keystone is back.
 */
export const killKeystone: Fault = async ({ place: { services, members } }) => {
  const ends = members.map(({ neutronFaults }) => neutronFaults.refuseTokens());
  await services.kill('keystone');
  return async () => {
    await services.up();
    for (const end of ends) end();
  };
};

/** More than any disk has free. RabbitMQ then reads nothing more from connections that publish. */
const TOO_MUCH = '1000000GB';
/** The value that script/services sets. */
const USUAL = '50MB';

export const raiseDiskAlarm: Fault = async ({ place: { services } }) => {
  await services.rabbitmqctl('set_disk_free_limit', TOO_MUCH);
  return () => services.rabbitmqctl('set_disk_free_limit', USUAL);
};
