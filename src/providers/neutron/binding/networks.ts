import { InvalidParameterValue, MissingParameterValue, TransientError } from '../../../contract/errors.js';
import type { ManagementNetworkType } from '../../../contract/methods.js';
import type { Json } from '../../../contract/types.js';
import type { NeutronClient } from '../../../neutron/client.js';
import type { NeutronRequestOptions } from '../../../neutron/paced-requests.js';
import type { ProviderContext } from '../../provider.js';
import { answerCache } from './limits.js';
import type { NeutronProviderOptions } from './options.js';

/** A network that a setting asks for. */
export interface WantedNetwork {
  readonly id: string;
  /** The setting and its value, for messages. */
  readonly label: string;
  /** The name by which the network was looked up; null if the setting is a UUID, which needs no request. */
  readonly name: string | null;
}

/** Maximum length of a network name in Neutron. */
const MAX_NAME_LENGTH = 255;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Finds the management networks by name or UUID. The node's driver_info overrides the configuration. */
export class Networks {
  readonly #client: NeutronClient;
  readonly #options: NeutronProviderOptions;
  /** Network ids by name. They are kept only briefly, because a name may move to another network. */
  readonly #names = answerCache<string>();

  constructor(client: NeutronClient, options: NeutronProviderOptions) {
    this.#client = client;
    this.#options = options;
  }

  /**
   * Finds the management network of this type for the node.
   *
   * @throws MissingParameterValue when no setting names the network
   * @throws InvalidParameterValue when no network, or more than one, has the name
   */
  async find(
    type: ManagementNetworkType,
    context: Pick<ProviderContext, 'task'>,
    request: NeutronRequestOptions,
  ): Promise<WantedNetwork> {
    const setting = `${type}_network` as const;
    const own: Json | undefined = context.task.node.driver_info[setting];
    const overridden = own !== undefined && own !== null && own !== '';
    const where = overridden ? `driver_info.${setting} of node ${context.task.node.uuid}` : setting;
    const value = overridden ? own : this.#options[setting];
    if (value === null || value === '') {
      throw new MissingParameterValue(
        `${setting} is not set: name a network in the configuration or in the node's driver_info`,
      );
    }
    if (typeof value !== 'string' || value.length > MAX_NAME_LENGTH) {
      throw new InvalidParameterValue(`${where} must be the name or UUID of a network`);
    }
    return this.#named(value, `${where} "${value}"`, request);
  }

  /**
   * Finds the quarantine network; null if the configuration names none.
   *
   * @throws InvalidParameterValue when no network, or more than one, has the name
   */
  async quarantine(request: NeutronRequestOptions): Promise<WantedNetwork | null> {
    const { quarantine_network: value } = this.#options;
    return value === null ? null : this.#named(value, `quarantine_network "${value}"`, request);
  }

  async #named(value: string, label: string, request: NeutronRequestOptions): Promise<WantedNetwork> {
    if (UUID.test(value)) return { id: value.toLowerCase(), label, name: null };
    return { id: await this.#lookUp(value, label, request), label, name: value };
  }

  async #lookUp(name: string, label: string, request: NeutronRequestOptions): Promise<string> {
    const known = this.#names.get(name);
    if (known !== undefined) return known;
    const [network, ...others] = await this.#client.findNetworks(name, request);
    if (network === undefined) throw new InvalidParameterValue(`${label}: Neutron has no network of this name`);
    if (others.length > 0) {
      const ids = [network, ...others].map(({ id }) => id).join(', ');
      throw new InvalidParameterValue(`${label}: Neutron has several networks of this name (${ids}); use a UUID`);
    }
    this.#names.set(name, network.id);
    return network.id;
  }

  /** The error for a network that Neutron does not have. A network name is looked up again at the next attempt. */
  gone(network: WantedNetwork): Error {
    if (network.name === null) return new InvalidParameterValue(`${network.label}: Neutron has no such network`);
    this.#names.delete(network.name);
    return new TransientError(`${network.label}: network ${network.id} with this name was deleted`);
  }
}
