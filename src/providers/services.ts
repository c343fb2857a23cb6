import type { Logger } from '../log.js';
import type { NeutronClient } from '../neutron/client.js';
import type { PortEvents } from '../neutron/port-events.js';
import type { NeutronProviderOptions } from './neutron/options.js';
import type { NetworkProvider } from './provider.js';

/** What a provider may use. One set for all of them; whoever made it closes it. */
export interface ProviderServices {
  readonly log: Logger;
  readonly neutron: NeutronClient;
  readonly options: NeutronProviderOptions;
  /** What Neutron says of its ports by itself; undefined where nobody listens, as in commands. */
  readonly portEvents?: PortEvents;
}

/** The default export of a provider's module. */
export type ProviderFactory = (services: ProviderServices) => NetworkProvider | Promise<NetworkProvider>;
