/** The name of Ironic's network interface that does nothing, and of our provider that does nothing. */
const NOOP = 'noop';
const NONE = 'none';

/**
 * The name of the provider for the name of a network interface. Ironic's `noop` is our `none`; all other names are
 * equal.
 *
 * Source: Ironic, drivers/modules/network; the specification "Pluggable network providers": `none` maps to the no-op
 * provider.
 */
export function providerNamed(name: string): string {
  return name === NOOP ? NONE : name;
}

/** The name of Ironic's network interface for a provider. */
export function interfaceNamed(provider: string): string {
  return provider === NONE ? NOOP : provider;
}

/** Whether the name is Ironic's name for a provider with another name here. No plug-in can have such a name. */
export function isTakenByIronic(name: string): boolean {
  return providerNamed(name) !== name;
}

/** The error message for an unknown provider. @param field the field or option that has the name */
export function unknownProvider(field: string, name: string, known: readonly string[]): string {
  return `${field} "${name}" is unknown; known names: ${known.join(', ')} (network_interface ${NOOP} means ${NONE})`;
}
