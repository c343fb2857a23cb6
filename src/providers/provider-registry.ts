import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

import { errorText } from '../async/error-text.js';
import { InvalidParameterValue, NetworkError } from '../contract/errors.js';
import { BASE_METHOD_NAMES } from '../contract/methods.js';
import { isTakenByIronic, unknownProvider } from '../contract/network-interface.js';
import type { NetworkProvider, ProviderFactory, ProviderServices } from './provider.js';

/** Loads a provider's module. */
export type ProviderLoader = () => Promise<{ default: ProviderFactory }>;

/** The providers that are always available. The module of a provider is loaded when a node first needs it. */
export const BUILT_IN: Readonly<Record<string, ProviderLoader>> = {
  none: async () => ({ default: (await import('./none.js')).createNoneProvider }),
  neutron: async () => ({ default: (await import('./neutron/index.js')).createNeutronProvider }),
  flat: async () => ({ default: (await import('./flat.js')).createFlatProvider }),
};

export interface RegistryOptions {
  known: Readonly<Record<string, ProviderLoader>>;
  /**
   * The option `providers`: name -> npm package (installed beside netprov), or file (path that begins with / or a dot).
   */
  plugins: Readonly<Record<string, string>>;
  /** The option `default_network_provider`, for nodes that name no provider. */
  defaultProvider: string;
  services: ProviderServices;
}

/** The network providers by name. Each is loaded at its first use. */
export class ProviderRegistry {
  readonly defaultProvider: string;
  readonly #loaders = new Map<string, ProviderLoader>();
  readonly #providers = new Map<string, Promise<NetworkProvider>>();
  readonly #loaded: NetworkProvider[] = [];
  readonly #services: ProviderServices;

  /** @throws InvalidParameterValue when a plug-in has the name of a built-in provider, or the default is unknown */
  constructor(options: RegistryOptions) {
    this.#services = options.services;
    for (const [name, loader] of Object.entries(options.known)) this.#loaders.set(name, loader);
    for (const [name, source] of Object.entries(options.plugins)) {
      if (this.#loaders.has(name) || isTakenByIronic(name)) {
        throw new InvalidParameterValue(
          `providers.${name}: "${name}" is a built-in network provider; use another name`,
        );
      }
      this.#loaders.set(name, pluginLoader(source));
    }
    this.defaultProvider = options.defaultProvider;
    this.#loader(options.defaultProvider, 'default_network_provider');
  }

  /** All names that a node may have as its provider. */
  names(): string[] {
    return [...this.#loaders.keys()];
  }

  /**
   * Returns the provider of this name, and loads it first if necessary.
   *
   * @throws InvalidParameterValue when no provider has this name
   * @throws NetworkError when the provider cannot be loaded or lacks methods; the next call tries again
   */
  get(name: string): Promise<NetworkProvider> {
    const loader = this.#loader(name, 'network_provider');
    const loaded = this.#providers.get(name);
    if (loaded !== undefined) return loaded;
    const loading = this.#load(name, loader);
    this.#providers.set(name, loading);
    loading.catch(() => this.#providers.delete(name));
    return loading;
  }

  /** The reasons why loaded providers cannot work at the moment, each reason once. */
  away(): string[] {
    return [...new Set(this.#loaded.flatMap(({ dependency }) => dependency?.away ?? []))];
  }

  #loader(name: string, field: string): ProviderLoader {
    const loader = this.#loaders.get(name);
    if (loader !== undefined) return loader;
    throw new InvalidParameterValue(unknownProvider(field, name, this.names()));
  }

  async #load(name: string, loader: ProviderLoader): Promise<NetworkProvider> {
    const services = { ...this.#services, log: this.#services.log.child({ provider: name }) };
    let provider: NetworkProvider;
    try {
      const { default: factory } = (await loader()) as { default: unknown };
      if (typeof factory !== 'function') throw new TypeError('its default export is not a function');
      provider = await (factory as ProviderFactory)(services);
    } catch (error) {
      const reason = errorText(error);
      throw new NetworkError(`network provider "${name}" cannot be loaded: ${reason}`, { cause: error });
    }
    const lacks = missingMethods(provider);
    if (lacks.length > 0) throw new NetworkError(`network provider "${name}" lacks these methods: ${lacks.join(', ')}`);
    this.#loaded.push(provider);
    this.#services.log.info('network provider loaded', { provider: name });
    return provider;
  }
}

function missingMethods(provider: unknown): string[] {
  if (typeof provider !== 'object' || provider === null) return [...BASE_METHOD_NAMES];
  return BASE_METHOD_NAMES.filter((method) => typeof (provider as Record<string, unknown>)[method] !== 'function');
}

/** Loads from a file when the source begins with / or a dot, and from an npm package otherwise. */
function pluginLoader(source: string): ProviderLoader {
  let attempts = 0;
  return async () => {
    const url = /^[./]/.test(source)
      ? pathToFileURL(resolve(source)).href
      : (await import('./plugin-url.mjs')).urlOf(source);
    // Node.js caches a failed import by its URL for ever, so a later attempt uses another query.
    const again = attempts++ === 0 ? '' : `?attempt=${attempts}`;
    return (await import(url + again)) as { default: ProviderFactory };
  };
}
