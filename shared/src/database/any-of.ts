import { type RawBuilder, sql } from 'kysely';

/** One of the values, as one parameter: so the text is the same however many there are. */
export function anyOf<Value extends string | number>(
  values: readonly Value[],
  type: Value extends number ? 'bigint' : 'text' | 'uuid',
): RawBuilder<Value> {
  return sql<Value>`any(${values}::${sql.raw(type)}[])`;
}
