import type { Compilable, CompiledQuery, Kysely } from 'kysely';

/** Stands in a query where each call puts a value of its own. */
export class GivenValue {
  readonly name: PropertyKey;

  constructor(name: PropertyKey) {
    this.name = name;
  }
}

/** What `Values` are while the query is built; to Kysely each is a value like any other. */
function givenValues<Values extends object>(): Values {
  const given = new Proxy({}, { get: (_, name) => new GivenValue(name) });
  return given as Values; // The builder only hands them on, never looks into them.
}

/**
 * A query that is built once and asked often, each time with other values: building one costs several times what
 * asking it does. What `build` does with the values must not depend on them.
 */
export function fixedQuery<Tables, Row, Values extends object>(
  db: Kysely<Tables>,
  build: (given: Values) => Compilable<Row>,
): (values: Values) => Promise<Row[]> {
  let built: CompiledQuery<Row> | undefined;

  return async (values) => {
    built ??= build(givenValues<Values>()).compile();
    const given = new Map<PropertyKey, unknown>(Object.entries(values));
    const parameters = built.parameters.map((parameter) =>
      parameter instanceof GivenValue ? given.get(parameter.name) : parameter,
    );
    const { rows } = await db.executeQuery<Row>({ ...built, parameters });
    return rows;
  };
}
