import { createHash } from 'node:crypto';
import { connectToBroker } from '@vestibule/shared/bus/nats-connection';
import { createLogger } from '@vestibule/shared/logger';
import { redisDump } from '@vestibule/shared/test/redis-dump';
import { Redis } from 'ioredis';
import pg from 'pg';

/** The only keys that are meant to hold a captcha's answer: `DEV_ROUTES=on`, where tests use this, shows it. */
const developmentKeys = /^\S*dev:captcha:/;

/** All that is asked of Redis until it is stopped, one command a line; without what development keeps on purpose. */
export async function watchRedis(url: string): Promise<{ lines: string[]; stop(): void }> {
  const lines: string[] = [];
  const client = new Redis(url);
  const monitor = await client.monitor();
  monitor.on('monitor', (_time: string, [command, ...words]: string[]) => {
    if (!words.some((word) => developmentKeys.test(word))) lines.push([command, ...words].join(' '));
  });
  return {
    lines,
    stop() {
      monitor.disconnect();
      client.disconnect();
    },
  };
}

/** All that Redis holds now, without what development keeps on purpose. */
export async function redisNow(url: string): Promise<string[]> {
  return (await redisDump(url)).split('\n').filter((line) => !developmentKeys.test(line));
}

/** Every event, as the stream keeps it. */
export async function eventsOf(url: string): Promise<string[]> {
  const logger = createLogger({ level: 'silent', name: 'test' });
  const broker = await connectToBroker({ url, name: 'test', logger });
  try {
    const { streams } = await broker.nats.jetstreamManager();
    const { state } = await streams.info('vestibule-events');
    const events: string[] = [];
    for (let seq = state.first_seq; seq <= state.last_seq; seq += 1) {
      const { subject, data } = await streams.getMessage('vestibule-events', { seq });
      events.push(`${subject} ${Buffer.from(data).toString()}`);
    }
    return events;
  } finally {
    await broker.close();
  }
}

/** Every row of every table, by the table's name. */
export async function tablesOf(url: string): Promise<Map<string, string>> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ name: string }>(`
    select format('%I.%I', table_schema, table_name) as name from information_schema.tables
    where table_schema not in ('pg_catalog', 'information_schema')`);
    const texts = new Map<string, string>();
    for (const { name } of tables) {
      const { rows } = await client.query<{ row: string }>(
        `select row_to_json(each)::text as row from ${name} each`,
      );
      texts.set(name, rows.map(({ row }) => row).join('\n'));
    }
    return texts;
  } finally {
    await client.end();
  }
}

const escaped = (text: string) =>
  text.replace(/[^\w]/g, (letter) => `\\u{${letter.codePointAt(0)?.toString(16)}}`);

/** Forms that are as good as the value itself: a hash without a key is soon guessed for what is short. */
function formsOf(value: string): string[] {
  const bytes = Buffer.from(value);
  const hash = createHash('sha256').update(value).digest();
  const hashes = value.length < 24 ? [hash.toString('hex'), hash.toString('base64url')] : [];
  const encoded = [bytes.toString('base64'), bytes.toString('base64url'), bytes.toString('hex')];
  return [
    value,
    encodeURIComponent(value),
    JSON.stringify(value).slice(1, -1),
    ...hashes,
    ...(value.length < 8 ? [] : encoded),
  ];
}

/** The names of the canaries that stand in a text; what is short may be part of a longer word by chance. */
export function found(canaries: Iterable<[name: string, value: string]>, text: string): string[] {
  const names: string[] = [];
  for (const [name, value] of canaries) {
    const pattern = formsOf(value).map(escaped).join('|');
    const [before, after] = value.length < 8 ? ['(?<![\\w.+/=-])', '(?![\\w.+/=-])'] : ['', ''];
    if (new RegExp(`${before}(?:${pattern})${after}`, 'iu').test(text)) names.push(name);
  }
  return names;
}
