/**
 * A process that inserts rows 1, 2, 3 … into the embedded database of a folder, and prints each id once it is
 * acknowledged. usage: database-writer.ts FOLDER FIRST-ID
 */
import { pgliteDatabase } from '../../src/database/pglite.ts';
import { createLogger } from '../../src/logger.ts';
import { type Rows, rowsMigrations } from '../suites/database-fixture.ts';

const [dataDir, first] = process.argv.slice(2);
const logger = createLogger({ level: 'silent', name: 'writer' });
try {
  const database = await pgliteDatabase({ dataDir, logger });
  const db = await database.open<Rows>({ schema: 'rows', migrations: rowsMigrations });
  for (let id = Number(first); ; id++) {
    await db.transaction().execute(async (tx) => {
      await tx
        .insertInto('rows')
        .values({ id, name: `row ${id}` })
        .execute();
      await tx.updateTable('rows').set({ amount: id }).where('id', '=', id).execute();
    });
    console.log(`row ${id}`);
  }
} catch (error) {
  console.log(error instanceof Error ? error.message : error);
}
