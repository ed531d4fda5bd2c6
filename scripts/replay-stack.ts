// Replays the requests of the documents by HTTP against a stack that runs with the development profile, each request
// on the next of the gateways behind the URL's name. usage: replay-stack.ts URL. Ends with `N passed, N failed`.
import { randomInt } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { replayKept } from './replay/charity.ts';
import { type Checks, replayClient, styles } from './replay/client.ts';
import { replayDocuments } from './replay/documents.ts';

const checks: Checks = { passed: 0, failed: 0 };

async function gatewaysOf(url: string): Promise<string[]> {
  const { hostname, port } = new URL(url);
  const found = await lookup(hostname, { all: true, family: 4 });
  return found.map(({ address }) => `http://${address}:${port}`);
}

try {
  const gateways = await gatewaysOf(process.argv[2] ?? 'http://127.0.0.1:3000');
  console.log(`gateways: ${gateways.join(', ')}`);
  let turn = 0;
  const next = () => gateways[turn++ % gateways.length] ?? '';
  // Names of its own, so that it can be run again.
  const remembered = await replayDocuments(next, `s${randomInt(1_000_000)}x`, checks);
  for (const style of styles) {
    const client = replayClient(next, style, checks);
    for (const { mark, account } of remembered) await replayKept(client, mark, account);
  }
} catch (error) {
  checks.failed += 1;
  console.log(error instanceof Error ? error.message : error);
}
console.log(`${checks.passed} passed, ${checks.failed} failed`);
process.exit(checks.failed === 0 ? 0 : 1);
