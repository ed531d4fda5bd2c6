import pg from 'pg';
import t from 'tap';
import { startLockedPostgres } from './harness/locked-servers.ts';

const server = await startLockedPostgres(t);

async function query(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

const schemas = { auth: 'auth', user: 'users', process: 'process' } as const;
const services = ['auth', 'user', 'process'] as const;
const denied = { code: '42501' };

for (const service of services) {
  t.test(`the role of ${service} owns its schema and reaches no other`, async (t) => {
    const url = server.urlFor(service);
    await query(url, `create table ${schemas[service]}.kept (id integer)`);
    await query(url, `insert into ${schemas[service]}.kept values (1)`);
    for (const other of services.filter((name) => name !== service)) {
      const schema = schemas[other];
      await t.rejects(query(url, `create table ${schema}.stolen (id integer)`), denied, `writes ${other}`);
      await query(server.urlFor(other), `create table if not exists ${schema}.rows (id integer)`);
      await t.rejects(query(url, `select * from ${schema}.rows`), denied, `reads ${other}`);
      await t.rejects(query(url, `set role vestibule_${other}`), denied, `becomes ${other}`);
    }
    for (const statement of [
      'create schema another',
      'create table public.left (id integer)',
      'create temporary table passing (id integer)',
      'create role another',
      "copy (select 1) to program 'true'",
      "select pg_read_file('/etc/passwd')",
    ]) {
      await t.rejects(query(url, statement), denied, statement);
    }
  });
}
