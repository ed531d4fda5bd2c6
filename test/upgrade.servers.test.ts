import { until } from '@vestibule/shared/test/server-process';
import pg from 'pg';
import t from 'tap';
import { type Checks, styles } from '../scripts/replay/client.ts';
import { type Remembered, replayDocuments } from '../scripts/replay/documents.ts';
import { charityClient } from './harness/charity-client.ts';
import { type Part, type PartName, startPart, startPlatform } from './harness/platform.ts';
import { previousCommit } from './harness/previous-commit.ts';
import { startWechatStandIn } from './harness/wechat-stand-in.ts';

t.setTimeout(600_000);

const names: readonly PartName[] = ['user', 'auth', 'verification', 'process', 'gateway'];
const nothing = { user: 0, auth: 0, verification: 0, process: 0, gateway: 0 };
const patient = { REQUEST_DEADLINE_MS: '20000', STORE_TIMEOUT_MS: '250', WECHAT_TIMEOUT_MS: '10000' };
const atOnce = { LOG_LEVEL: 'info', LIMITS: 'off', OUTBOX_POLL_MS: '100', PROCESS_POLL_MS: '100' };

/** What others must have made of events: lines of the audit log, and reviews of those who signed up. */
const consumed = `
  select
    (select count(*) from auth.audit_log where action = 'account.created')
      = (select count(*) from users.accounts) as accounts,
    (select count(*) from auth.audit_log where action = 'session.opened')
      = (select count(*) from auth.sessions where account_id is not null) as sessions,
    (select count(*) from auth.audit_log where action = 'process.started')
      = (select count(*) from process.instances) as processes,
    (select count(*) from process.instances where process_name = 'account_review' and status = 'completed')
      = (select count(*) from users.identities where kind = 'nickname') as reviews`;

/** Whether all that a query answers in one row is true. */
async function holds(url: string, query: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, boolean>>(query);
    return Object.values(rows[0] ?? {}).every(Boolean);
  } finally {
    await client.end();
  }
}

t.test('the previous commit and this one serve all documents together', { timeout: 300_000 }, async (t) => {
  const tree = await previousCommit(t);
  const wechat = await startWechatStandIn(t);
  const settings = { ...patient, ...atOnce, ...wechat };
  const platform = await startPlatform(t, { replicas: nothing, settings });

  const running = { previous: new Map<PartName, Part>(), own: new Map<PartName, Part>() };
  type Version = keyof typeof running;
  const start = (version: Version, ...which: readonly PartName[]) =>
    Promise.all(
      which.map(async (name) => {
        const part = await startPart(name, platform.settings, version === 'previous' ? { tree } : {});
        t.teardown(() => part.kill());
        running[version].set(name, part);
      }),
    );
  const stop = (version: Version, ...which: readonly PartName[]) =>
    Promise.all(
      which.map(async (name) => {
        await running[version].get(name)?.stop();
        running[version].delete(name);
      }),
    );
  const gateways = () => Object.values(running).flatMap((parts) => parts.get('gateway')?.url ?? []);

  /** What each process printed last, for who looks into a failure. */
  function tellEnds() {
    for (const [version, parts] of Object.entries(running)) {
      for (const [name, part] of parts) t.comment(`${version} ${name}\n${part.output()}`);
    }
  }

  const remembered: Remembered[] = [];
  /** All documents, each request at the next gateway, so that each token is used at both. */
  async function everythingWorks(name: string) {
    const [urls, checks]: [string[], Checks] = [gateways(), { passed: 0, failed: 0 }];
    let turn = 0;
    const next = () => urls[turn++ % urls.length] ?? '';
    const style = styles.slice(remembered.length % styles.length).slice(0, 1);
    try {
      remembered.push(...(await replayDocuments(next, `u${remembered.length}x`, checks, style)));
    } finally {
      if (checks.failed > 0) tellEnds();
    }
    t.equal(checks.failed, 0, `${name}: none of ${checks.passed} answers is wrong`);
    const allConsumed = () => holds(platform.postgres.url, consumed);
    await until(`${name}: every event is consumed`, allConsumed, 30_000);
  }
  /** Changes replicas while those who signed in before go on. */
  async function underTraffic(name: string, change: () => Promise<unknown>) {
    let changing = true;
    const codes: number[] = [];
    const using = gateways().map(async (url) => {
      const client = charityClient(url);
      while (changing) {
        for (const { account } of remembered) {
          codes.push(await client.own(account.id, account.token));
          codes.push((await client.login(account.id)).code);
        }
      }
    });
    await change();
    changing = false;
    await Promise.all(using);
    t.strictSame(new Set(codes), new Set([200]), `${name}: ${codes.length} requests meanwhile`);
  }

  await start('previous', ...names);
  await everythingWorks('the previous commit alone');
  await underTraffic('this commit joins', () => start('own', ...names));
  await everythingWorks('two of each part');
  await underTraffic('half of the previous commit leaves', async () => {
    await stop('previous', 'user', 'verification', 'process');
    await stop('own', 'auth');
  });
  await everythingWorks('auth of the previous commit and the rest of this one');
  await underTraffic('the previous commit comes back', async () => {
    await start('previous', 'user', 'verification', 'process');
    await start('own', 'auth');
    await stop('own', 'user', 'verification', 'process');
    await stop('previous', 'auth');
  });
  await everythingWorks('auth of this commit and the rest of the previous one');
  await underTraffic('this commit takes over', async () => {
    await start('own', 'user', 'verification', 'process');
    await stop('previous', 'user', 'verification', 'process');
  });
  await stop('previous', 'gateway');
  await everythingWorks('this commit alone');
});
