import { createLogger } from '@vestibule/shared/logger';
import { explainedQueries } from '@vestibule/shared/test/explained-queries';
import { testParts } from '@vestibule/shared/test/parts';
import t from 'tap';
import { createAccessRepository } from '../src/access-repository.ts';
import { createAccountBlocksRepository } from '../src/account-blocks-repository.ts';
import { createAccountExportRepository } from '../src/account-export-repository.ts';
import { createAccountListRepository } from '../src/account-list-repository.ts';
import type { AccountDraft } from '../src/account-making.ts';
import { createAccountsRepository } from '../src/accounts-repository.ts';
import { createAvatarsRepository } from '../src/avatars-repository.ts';
import { createErasuresRepository } from '../src/erasures-repository.ts';
import type { NewIdentity } from '../src/folding.ts';
import { createHistoryRepository } from '../src/history-repository.ts';
import { createIdentityDigest } from '../src/identity-digest.ts';
import { createProfilesRepository } from '../src/profiles-repository.ts';
import { insertAccounts, insertBelongings, vacuum } from './many-accounts.ts';
import { changesWithoutRelay, openTables, outboxWithoutRelay } from './user-service.ts';

const logger = createLogger({ level: 'silent', name: 'test' });
const withoutBlocks = 'list, middle page where no block is near';

t.test('every query of the service goes by an index', async (t) => {
  const db = await openTables(await testParts(t));
  // In steps, because no statement may take long.
  for (let from = 1; from <= 100_000; from += 10_000) {
    await insertAccounts(db, from, from + 9999);
    await insertBelongings(db, from, from + 9999);
  }
  await vacuum(db);
  const { watched, mustGoByIndex } = explainedQueries(db, {
    // The blocks are one for some thousands of accounts.
    small: ['account_totals', 'account_blocks'],
    // Without blocks, a plan for any values is never chosen: it would cost more.
    forAnyValues: ({ name, statement }) => name !== withoutBlocks || /account_blocks/.test(statement.sql),
    check(t, { name, sql, plan }) {
      if (!/ offset /.test(sql) || !name.includes('list')) return;
      t.match(plan, /Index Only Scan( Backward)? using accounts_listed/, name);
    },
  });
  const change = changesWithoutRelay(watched);
  const digestOf = createIdentityDigest();
  const accounts = createAccountsRepository({ db: watched, outbox: outboxWithoutRelay(), digestOf });
  const profiles = createProfilesRepository({ db: watched, change, digestOf });
  const access = createAccessRepository({ db: watched, change });
  const exports = createAccountExportRepository({ db: watched });
  const history = createHistoryRepository({ db: watched });
  const list = createAccountListRepository({ db: watched, logger });
  const blocks = createAccountBlocksRepository({ db: watched });
  const avatars = createAvatarsRepository({ db: watched });
  const erasures = createErasuresRepository({ change, digestOf });
  const id = 20_000_777;
  const identity = { kind: 'nickname', folded: 'nick20000777' } as const;
  const page = { page: 1, perPage: 1000 };
  const now = { at: new Date(0), source: { requestId: 'a-request' } };
  const nothing = { profile: {}, nickname: null, wechat: null, unionid: null };
  const nickname: NewIdentity = {
    written: { kind: 'nickname', value: 'Another' },
    key: { kind: 'nickname', folded: 'another' },
  };
  const unnamed: NewIdentity = {
    written: { kind: 'phone', value: '2' },
    key: { kind: 'phone', folded: '2' },
  };
  const draft: AccountDraft = {
    role: 'normal',
    status: 'pending',
    profile: {},
    identities: [
      { written: { kind: 'nickname', value: 'New' }, key: { kind: 'nickname', folded: 'new' } },
      { written: { kind: 'phone', value: '1' }, key: { kind: 'phone', folded: '1' } },
    ],
    passwordHash: 'hash',
    avatar: { contentType: 'image/png', bytes: Buffer.from('a picture'), etag: 'etag' },
    wechat: { wxUserinfo: { city: '广州' }, takenAt: 0 },
    unionid: 'u1',
  };

  const queries: Record<string, () => Promise<unknown>> = {
    'find by id': () => accounts.find({ id }),
    'find by identity': () => accounts.find({ identity }),
    'credentials by id': () => accounts.findCredentials({ id }),
    'credentials by identity': () => accounts.findCredentials({ identity }),
    'update of a profile': () => profiles.write(id, { ...nothing, profile: { qq: '1' } }, now),
    'update of a nickname': () => profiles.write(id, { ...nothing, nickname }, now),
    'update of a WeChat profile': () =>
      profiles.write(id, { ...nothing, wechat: draft.wechat, unionid: 'u2' }, now),
    'account with its WeChat profile': () => profiles.find(id),
    names: () => profiles.called([id, id + 1, id + 2, 20_000_002]),
    export: () => exports.read(id),
    'create with all that there is': () => accounts.create(draft, [10_000_000], now),
    'create under an id that is taken': () =>
      accounts.create({ ...draft, identities: [unnamed] }, [id, 10_000_001], now),
    avatar: () => avatars.find(id),
    'list, first page': () => list.page(0, 15),
    'list, middle page': () => list.page(45_000, 15),
    'list, last page': () => list.page(89_985, 15),
    'closing of a block of the list': () => blocks.closeNext(),
    [withoutBlocks]: async () => {
      await db.deleteFrom('account_blocks').execute();
      await list.page(45_000, 15);
    },
    'search for nothing': () => accounts.search(page),
    'search by first name': () => accounts.search({ ...page, firstName: 'First7' }),
    'search by last name': () => accounts.search({ ...page, lastName: 'Last7' }),
    'search by role': () => accounts.search({ ...page, role: 'donor' }),
    'search by all': () =>
      accounts.search({ ...page, firstName: 'First7', lastName: 'Last7', role: 'donor' }),
    'search, deep page': () => accounts.search({ page: 10, perPage: 1000, role: 'donor' }),
    access: () => access.read(id),
    'change of access': () => access.change(id, (current) => ({ ...current, role: 'donor' }), now),
    'removal of an admin': () =>
      access.change(
        id,
        async (current, { anotherAdmin }) =>
          (await anotherAdmin()) ? current : { ...current, status: 'deleted' },
        now,
      ),
    'change of password': () =>
      access.replacePassword(id, { expected: 'hash', hash: 'new' }, (current) => current, now),
    'add to history': () => history.add(id, 'another', 100),
    'get history': () => history.get(id),
    'clear history': () => history.clear(id),
    'erasure of some': () => erasures.erase(new Date(), 100, now),
  };

  await mustGoByIndex(t, queries);
});
