/** Ironic's network interface that does nothing, and the provider that does. */
const NOOP = 'noop';
const NONE = 'none';

/**
 * The provider that a name means: Ironic's `noop` is `none`; the other names are the same here and there.
 *
 * Source: Ironic, drivers/modules/network; the specification "Pluggable network providers": `none` maps to the no-op
 * provider.
 */
export function providerNamed(name: string): string {
  return name === NOOP ? NONE : name;
}

/** How Ironic calls a provider among its network interfaces. */
export function interfaceNamed(provider: string): string {
  return provider === NONE ? NOOP : provider;
}

/** Whether it is Ironic's name of a provider that has another one here, so that no plug-in can have it. */
export function isTakenByIronic(name: string): boolean {
  return providerNamed(name) !== name;
}

/** What is said of a provider that there is not. @param field what has the name */
export function unknownProvider(field: string, name: string, known: readonly string[]): string {
  return `${field} "${name}" is unknown; known are: ${known.join(', ')} (a network_interface may say ${NOOP} for ${NONE})`;
}
