import { createLogger } from '@vestibule/shared/logger';
import { testParts } from '@vestibule/shared/test/parts';
import t from 'tap';
import { createAccountListRepository } from '../src/account-list-repository.ts';
import { insertAccounts, vacuum } from './many-accounts.ts';
import { openTables } from './user-service.ts';

t.test('a list of a million accounts answers its first, its middle and its last page soon', async (t) => {
  const db = await openTables(await testParts(t));
  // In steps, because no statement may take long.
  for (let from = 1; from <= 1_111_112; from += 10_000) {
    await insertAccounts(db, from, Math.min(from + 9999, 1_111_112));
    if (from % 100_000 === 1) await vacuum(db);
  }
  await vacuum(db);
  const list = createAccountListRepository({ db, logger: createLogger({ level: 'silent', name: 'test' }) });
  const lastOffset = 66_666 * 15;

  for (const [page, offset, atMostMs] of [
    ['first', 0, 250],
    ['middle', 33_333 * 15, 250],
    ['66,000th', 65_999 * 15, 250],
    ['last', lastOffset, 250],
  ] as const) {
    const elapsed: number[] = [];
    for (let run = 0; run < 5; run += 1) {
      const start = performance.now();
      const { total, accounts } = await list.page(offset, 15);
      elapsed.push(performance.now() - start);
      t.equal(total, 1_000_001);
      t.equal(accounts.length, offset === lastOffset ? 11 : 15);
    }
    const ms = Math.min(...elapsed);
    t.ok(ms < atMostMs, `${page} page: ${ms.toFixed(1)} ms`);
  }
});
