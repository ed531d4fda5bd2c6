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
 * asking it does. `build` takes each value by its name, and does the same whatever it is. Asked of `db`, or of a transaction.
 */
export function fixedQuery<Tables, Row, Values extends object>(
  db: Kysely<Tables>,
  build: (given: Values) => Compilable<Row>,
): (values: Values, on?: Kysely<Tables>) => Promise<Row[]> {
  let built: CompiledQuery<Row> | undefined;

  return async (values, on = db) => {
    built ??= build(givenValues<Values>()).compile();
    const given = new Map<PropertyKey, unknown>(Object.entries(values));
    const parameters = built.parameters.map((parameter) =>
      parameter instanceof GivenValue ? given.get(parameter.name) : parameter,
    );
    const { rows } = await on.executeQuery<Row>({ ...built, parameters });
    return rows;
  };
}
