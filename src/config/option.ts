import { z } from 'zod';

interface MoreOfOption {
  /** Whether the value may contain a secret. It then appears in no error and no log. */
  secret?: boolean;
  /** A second environment variable, which is used when the first one is not set. */
  shortName?: string;
}

/** The details of an option that its schema does not have. */
interface OptionDetails extends MoreOfOption {
  /** The default, as it is written in config/default.yaml. */
  default: unknown;
  meaning: string;
}

const options = z.registry<OptionDetails>();
const sections = z.registry<{ meaning: string }>();

/**
 * Defines an option. config/default.yaml and config/custom-environment-variables.yaml are made from the definitions.
 *
 * @param schema the type and limits of its values; the error says what is expected
 * @param value the default, as in a file
 * @param meaning the comment in config/default.yaml, with the unit. A line that begins with "- " begins an item of a
 *   list. Empty: the comment of the option before is for this one, too
 */
export function option<T extends z.ZodType>(schema: T, value: z.input<T>, meaning = '', more: MoreOfOption = {}): T {
  options.add(schema, { default: value, meaning, ...more });
  return schema;
}

/** Defines a section. Its meaning is a comment as well. */
export function section<const T extends z.ZodRawShape>(meaning: string, shape: T) {
  const error = 'a section with options; leave out an empty section';
  return z.strictObject(shape, { error }).register(sections, { meaning });
}

/** A section, or an option with its details. */
export type Definition = { name: string; path: string; meaning: string } & (
  | { kind: 'section'; content: Definition[] }
  | { kind: 'option'; schema: z.ZodType; default: unknown; secret: boolean; shortName: string | null }
);

export type OptionDefinition = Extract<Definition, { kind: 'option' }>;

/** The definitions in a section, in their order. @throws Error for an option that was not made by `option` */
export function definitionsOf({ shape }: z.ZodObject, prefix = ''): Definition[] {
  return Object.entries(shape).map(([name, schema]) => {
    const path = `${prefix}${name}`;
    if (schema instanceof z.ZodObject) {
      const meaning = sections.get(schema)?.meaning ?? '';
      return { kind: 'section', name, path, meaning, content: definitionsOf(schema, `${path}.`) };
    }
    const details = options.get(schema as z.ZodType);
    if (details === undefined) throw new Error(`${path} is not defined by option()`);
    const { secret = false, shortName = null } = details;
    return { kind: 'option', name, path, schema: schema as z.ZodType, ...details, secret, shortName };
  });
}

/** The options among definitions, also those in sections. */
export function optionsAmong(definitions: readonly Definition[]): OptionDefinition[] {
  return definitions.flatMap((one) => (one.kind === 'section' ? optionsAmong(one.content) : [one]));
}

/** The environment variable of an option. */
export function variableOf(path: string): string {
  return `NETPROV_${path.replaceAll('.', '_').toUpperCase()}`;
}
