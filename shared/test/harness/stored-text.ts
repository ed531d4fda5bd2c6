import { sql } from 'kysely';
import type { Database } from '../../src/database/database.ts';

/** All rows of all tables of all services as text, bytes in hex, each with the table that it stands in. */
export async function storedText({ open }: Pick<Database, 'open'>): Promise<string> {
  const db = await open<object>({ schema: 'harness', migrations: {} });
  const tables = await sql<{ schema: string; name: string }>`
    select table_schema as schema, table_name as name from information_schema.tables
    where table_schema !~ '^pg_' and table_schema <> 'information_schema'
    order by 1, 2`.execute(db);
  const lines: string[] = [];
  for (const { schema, name } of tables.rows) {
    const { rows } = await sql<{ row: string }>`
      select row_to_json(each)::text as row from ${sql.table(`${schema}.${name}`)} each`.execute(db);
    for (const { row } of rows) lines.push(`${schema}.${name} ${row}`);
  }
  return lines.join('\n');
}

/** The first words of the lines in which a value stands, written or in hex. */
export function placesOf(value: string, stored: string): string[] {
  const forms = [value, Buffer.from(value).toString('hex')];
  const lines = stored.split('\n').filter((line) => forms.some((form) => line.includes(form)));
  return lines.map((line) => line.split(' ')[0] ?? '');
}
