import { z } from 'zod';

export const oneOf = <const T extends readonly [string, ...string[]]>(values: T) =>
  z.enum(values, { error: `one of ${values.join(', ')}` });

export const string = (error: string) => z.string({ error }).min(1, { error }).max(1024, { error });

export const file = () => string('the path of a file, or null').nullable();

export const trueOrFalse = () => z.boolean({ error: 'true or false' });

export function integer(min: number, max: number, unit = '') {
  const error = `a whole number${unit && ` of ${unit}`} from ${min} to ${max}`;
  return z.int({ error }).min(min, { error }).max(max, { error });
}

export function duration(min: number, max: number) {
  const error = `a number of seconds from ${min} to ${max}`;
  return z.number({ error }).min(min, { error }).max(max, { error });
}

/** A number or null. An environment variable can hold null only as the text "null". */
export function numberOrNull(min: number, max: number, unit = '') {
  const number = integer(min, max, unit).nullable();
  return z.preprocess((value) => (value === 'null' ? null : value), number);
}

export const portOrNull = () => numberOrNull(0, 65_535);

export function ratio() {
  const error = 'a number from 0 to 1';
  return z.number({ error }).min(0, { error }).max(1, { error });
}

/** A list, or a text with commas between the items, because an environment variable can only hold a text. */
export const list = <T extends z.ZodType>(item: T, error: string, least = 1) =>
  z.preprocess(
    (value) =>
      typeof value === 'string'
        ? value
            .split(',')
            .map((part) => part.trim())
            .filter((part) => part !== '')
        : value,
    z.array(item, { error }).min(least, { error }),
  );

/** A URL for fetch. User and password have options of their own, because the URL appears in logs. */
export function httpUrl() {
  const error = 'a URL such as http://neutron.example.org:9696, without user and password';
  return z.string({ error }).refine(isHttpUrl, { error }).nullable();
}

function isHttpUrl(value: string): boolean {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  return url !== undefined && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
}
