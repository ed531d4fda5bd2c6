import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import type { Logger } from '../logger.ts';
import type { Database } from './database.ts';
import { sessionDialect } from './dialect.ts';
import { lockFolder } from './folder-lock.ts';
import type { Sessions } from './lent-connection.ts';
import { openDatabase } from './open-database.ts';
import { parsers } from './sql-types.ts';
import { createTurns } from './turns.ts';

type Options = {
  /** Folder of the data; undefined: in memory, gone with the process. */
  dataDir: string | undefined;
  logger: Logger;
  /** Milliseconds to wait for the only connection. */
  timeoutMs?: number;
  /** A dump of an empty database to begin with, which is faster than making one. */
  template?: Blob;
};

/**
 * Postgres inside this process, for one process alone. It has one session: queries and transactions of all
 * services in the process take turns on it. No fsync: what it has acknowledged survives the death of the
 * process, not that of the machine.
 */
export async function pgliteDatabase({
  dataDir,
  logger,
  timeoutMs = 3000,
  template,
}: Options): Promise<Database> {
  if (dataDir !== undefined) await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const unlock = dataDir === undefined ? () => {} : lockFolder(resolve(dataDir));
  const pglite = await PGlite.create({
    ...(dataDir === undefined ? {} : { dataDir: join(dataDir, 'postgres') }),
    ...(template === undefined ? {} : { loadDataDir: template }),
    startParams: [...PGlite.defaultStartParams, '-c', 'shared_buffers=16MB'],
    parsers: { ...parsers },
  }).catch((error: unknown) => {
    unlock();
    throw error;
  });
  const turns = createTurns('the embedded database');

  const sessions: Sessions = {
    isLost: () => pglite.closed,
    async acquire() {
      const endTurn = await turns.take(timeoutMs);
      if (pglite.closed) {
        endTurn();
        throw new Error('the embedded database is closed');
      }
      return {
        async query({ text, parameters }) {
          const { rows, command = '', rowCount = null } = await pglite.query(text, [...parameters]);
          return { rows, command, rowCount };
        },
        release: endTurn,
      };
    },
  };
  const dialect = sessionDialect(sessions);
  return openDatabase({
    dialect,
    migrationDialect: dialect,
    logger,
    async close() {
      const endTurn = await turns.take(timeoutMs);
      if (!pglite.closed) await pglite.close();
      unlock();
      endTurn();
    },
  });
}
