import { parsers } from '@vestibule/shared/database/sql-types';
import { listen } from '@vestibule/shared/listen';
import { openOps } from '@vestibule/shared/ops';
import { runProcess } from '@vestibule/shared/process';
import { scripts } from '@vestibule/shared/store/redis-scripts';
import { Redis } from 'ioredis';
import pg from 'pg';
import { buildYardstick } from './app.ts';

/** Where it tells of what happened. */
const auditLog = `
  create schema if not exists yardstick;
  create table if not exists yardstick.audit_log (
    number bigint primary key generated always as identity,
    at timestamptz not null, action text not null, account_id bigint not null, address text, request_id text not null
  )`;

/** Of `GUESS_ACCOUNT_LIMIT` and `CAPTCHA_PER_MINUTE`. */
const limitOf = (text: string | undefined) => Number(text ?? 100);

await runProcess({
  name: 'yardstick',
  environment: process.env,
  needs: ['DATABASE_URL', 'REDIS_URL'],
  async start(started) {
    const { settings, environment, logger, opened } = started;
    const { metrics, serving } = await openOps(started, { standardPort: 3199 });
    for (const [oid, parse] of Object.entries(parsers)) pg.types.setTypeParser(Number(oid), parse);
    const pool = opened.adopt(
      new pg.Pool({ connectionString: settings.DATABASE_URL, max: settings.DATABASE_POOL }),
      (open) => open.end(),
    );
    await pool.query(auditLog);
    const redis = opened.adopt(
      new Redis(settings.REDIS_URL ?? '', { scripts, enableAutoPipelining: true }),
      (client) => client.disconnect(),
    );
    const building = buildYardstick({
      pool,
      redis,
      logger,
      metrics,
      guessLimit: limitOf(environment.GUESS_ACCOUNT_LIMIT),
      captchasPerMinute: limitOf(environment.CAPTCHA_PER_MINUTE),
    });
    const app = opened.adopt(await building, (open) => open.close());
    await listen(app, { host: settings.HOST, port: Number(environment.PORT) });
    serving();
  },
});
