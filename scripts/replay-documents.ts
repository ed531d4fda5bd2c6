// Replays the requests of the served documents by HTTP against `npm start` in a clone,
// through a restart and a SIGKILL. usage: replay-documents.ts CLONE. Ends with `N passed, N failed`.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@vestibule/shared/test/server-process';
import { replayCharity, replayKept } from './replay/charity.ts';
import { type Checks, replayClient, styles } from './replay/client.ts';
import { replayDocuments } from './replay/documents.ts';
import { type Running, startPlatform } from './replay/platform.ts';

/** What the README promises for a cold data folder on two cores. */
const coldStartMs = 10_000;

const [clone = process.cwd()] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'vestibule-replay-'));
const settings = { DATA_DIR: join(folder, 'data'), PORT: String(await freePort()) };
const checks: Checks = { passed: 0, failed: 0 };

function check(what: string, holds: boolean): void {
  checks[holds ? 'passed' : 'failed'] += 1;
  console.log(`${holds ? 'ok    ' : 'FAILED'} ${what}`);
}

async function start(what: string): Promise<Running> {
  const running = await startPlatform(clone, settings);
  console.log(`${what}: serves after ${(running.readyMs / 1000).toFixed(1)} s`);
  return running;
}

async function replay(): Promise<void> {
  const first = await start('cold start');
  check(`a cold start serves within ${coldStartMs / 1000} s`, first.readyMs < coldStartMs);
  const kept = await replayDocuments(() => first.url, 'm', checks);

  const [style = { body: 'json', slash: true }] = styles;
  const recall = async ({ url }: Running) => {
    const client = replayClient(() => url, style, checks);
    for (const { mark, account } of kept) await replayKept(client, mark, account);
  };
  await first.end('SIGTERM');
  const second = await start('after SIGTERM');
  await recall(second);
  kept.push({
    mark: 'late',
    account: await replayCharity(
      replayClient(() => second.url, style, checks),
      'late',
    ),
  });
  await second.end('SIGKILL');
  const third = await start('after SIGKILL');
  await recall(third);
  await third.end('SIGTERM');
}

try {
  await replay();
} catch (error) {
  check(error instanceof Error ? error.message : String(error), false);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(`${checks.passed} passed, ${checks.failed} failed`);
process.exit(checks.failed === 0 ? 0 : 1);
