import { testParts } from '@vestibule/shared/test/parts';
import t from 'tap';
import { createAccountIds, type RandomInt } from '../src/account-id.ts';
import { createAccountsRepository } from '../src/accounts-repository.ts';
import { createIdentityDigest } from '../src/identity-digest.ts';
import { openTables, outboxWithoutRelay } from './user-service.ts';

/** Draws the given numbers one after the other, and says what it was asked for. */
function riggedInt(numbers: number[]): { randomInt: RandomInt; ranges: string[] } {
  const ranges: string[] = [];
  const randomInt: RandomInt = (min, max) => {
    ranges.push(`${min} to ${max}`);
    const next = numbers.shift();
    if (next === undefined) throw new Error('drawn too often');
    return next;
  };
  return { randomInt, ranges };
}

const draft = {
  role: 'normal',
  status: 'active',
  profile: {},
  identities: [],
  passwordHash: null,
  avatar: null,
  wechat: null,
  unionid: null,
} as const;

const occasion = { at: new Date(0), source: { requestId: 'a-request' } };

t.test('ids are drawn with 8 digits, then one more after the tries of each length, up to 14', async (t) => {
  const { randomInt, ranges } = riggedInt(Array.from({ length: 14 }, (_, index) => index));
  const ids = [...createAccountIds({ randomInt, digits: 8, triesPerLength: 2 })()];
  t.strictSame(ids, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]);
  t.strictSame(ranges, [
    '10000000 to 100000000',
    '10000000 to 100000000',
    '100000000 to 1000000000',
    '100000000 to 1000000000',
    '1000000000 to 10000000000',
    '1000000000 to 10000000000',
    '10000000000 to 100000000000',
    '10000000000 to 100000000000',
    '100000000000 to 1000000000000',
    '100000000000 to 1000000000000',
    '1000000000000 to 10000000000000',
    '1000000000000 to 10000000000000',
    '10000000000000 to 100000000000000',
    '10000000000000 to 100000000000000',
  ]);
});

t.test('a taken id', async (t) => {
  const db = await openTables(await testParts(t));
  const repository = createAccountsRepository({
    db,
    outbox: outboxWithoutRelay(),
    digestOf: createIdentityDigest(),
  });
  const create = async (numbers: number[], triesPerLength: number) => {
    const { randomInt } = riggedInt(numbers);
    const accountIds = createAccountIds({ randomInt, digits: 8, triesPerLength });
    return (await repository.create(draft, accountIds(), occasion)).account.id;
  };

  t.test('is left alone, and another one is drawn', async (t) => {
    t.equal(await create([11_111_111], 3), 11_111_111);
    t.equal(await create([11_111_111, 11_111_111, 22_222_222], 3), 22_222_222);
  });

  t.test('three times in a row makes a longer one', async (t) => {
    t.equal(await create([11_111_111, 22_222_222, 11_111_111, 123_456_789], 3), 123_456_789);
    t.equal(await create([33_333_333, 11_111_111], 3), 33_333_333, 'the next account starts at 8 again');
  });

  t.test('in parallel goes to one account, and the others draw again', async (t) => {
    const ids = await Promise.all(
      [1, 2, 3, 4, 5].map((index) => create([44_444_444, 44_444_440 + index - 1 + 10], 3)),
    );
    t.strictSame(
      ids.filter((id) => id === 44_444_444),
      [44_444_444],
    );
    t.equal(new Set(ids).size, 5);
  });

  t.test('again and again until the digits end makes no account', async (t) => {
    const { length } = await db.selectFrom('accounts').select('id').execute();
    const taken = Array.from({ length: 7 }, () => 11_111_111);
    await t.rejects(create(taken, 1), { message: 'all ids that were tried for a new account are taken' });
    t.equal((await db.selectFrom('accounts').select('id').execute()).length, length);
  });

  t.test('is another thing than a taken identity', async (t) => {
    const identities = [
      { written: { kind: 'phone', value: '1' }, key: { kind: 'phone', folded: '1' } },
    ] as const;
    await repository.create({ ...draft, identities }, [55_555_555], occasion);
    await t.rejects(repository.create({ ...draft, identities }, [55_555_555, 66_666_666], occasion), {
      code: 'identity-taken',
    });
    t.equal(await repository.find({ id: 66_666_666 }), null);
  });
});
