import { Column } from 'typeorm';

import { readJson, writeJson } from '../rows.js';

/**
 * A JSON column. TypeORM must treat it as a text, because it would read a JSON column with JSON.parse, which does not
 * keep large numbers.
 */
export function JsonColumn({ nullable = false } = {}): PropertyDecorator {
  return Column({
    type: 'longtext',
    nullable,
    transformer: {
      from: readJson,
      to: (value: object | null | undefined) => (value === null || value === undefined ? value : writeJson(value)),
    },
  });
}
