import { userContracts } from '@vestibule/shared/contracts/user';
import { codeOf } from '@vestibule/shared/errors';
import { testParts } from '@vestibule/shared/test/parts';
import t from 'tap';
import { caller, startUserService, times } from './user-service.ts';

t.test('changing a nickname', async (t) => {
  let now = Date.parse('2026-11-21T08:00:00.000Z');
  const parts = await testParts(t, { clock: () => now });
  const replicas = [await startUserService(t, parts), await startUserService(t, parts)];
  const { call, create } = caller(parts);
  const rename = (id: number, nickname: string, profile = {}) =>
    call(userContracts.updateProfile, { id, nickname, profile });
  const named = async (value: string) =>
    (await create({ identities: [{ kind: 'nickname', value }] })).account;
  const ownerOf = (value: string) =>
    call(userContracts.find, { kind: 'nickname', value }).then(({ account }) => account.id, codeOf);

  t.test('frees the old one for others, keeps the case, and writes the profile with it', async (t) => {
    const account = await named('Before');
    now += 60_000;
    const changed = await rename(account.id, 'Ａfter_改名', { email: 'new@example.org' });
    t.strictSame(changed, {
      ...account,
      nickname: 'Ａfter_改名',
      profile: { ...account.profile, email: 'new@example.org' },
      modifiedAt: '2026-11-21T08:01:00.000Z',
    });
    t.strictSame(await call(userContracts.get, { id: account.id }), changed);
    t.equal(await ownerOf('AFTER_改名'), account.id);
    t.equal(await ownerOf('before'), 'account-unknown');
    const next = await named('BEFORE');
    t.equal(await ownerOf('before'), next.id);
  });

  t.test('to the same name in another case, or to the very same, is fine', async (t) => {
    const { id } = await named('same');
    t.equal((await rename(id, 'SAME')).nickname, 'SAME');
    t.equal((await rename(id, 'SAME')).nickname, 'SAME');
    t.equal((await call(userContracts.get, { id })).nickname, 'SAME');
    t.equal(await ownerOf('Same'), id);
  });

  t.test('gives an account that has none its first, and leaves its other identities', async (t) => {
    const { account } = await create({ identities: [{ kind: 'phone', value: '13312345678' }] });
    t.equal((await rename(account.id, 'First')).nickname, 'First');
    t.equal(await ownerOf('first'), account.id);
    const found = await call(userContracts.find, { kind: 'phone', value: '13312345678' });
    t.match(found.account, { id: account.id, nickname: 'First' });
  });

  t.test("to another account's changes nothing, the profile neither", async (t) => {
    const owner = await named('Owned');
    const account = await named('Wanting');
    const owned = rename(account.id, 'ＯＷＮＥＤ', { email: 'new@example.org' });
    await t.rejects(owned, { code: 'identity-taken' });
    t.strictSame(await call(userContracts.get, { id: account.id }), account);
    t.equal(await ownerOf('owned'), owner.id);
    t.equal(await ownerOf('wanting'), account.id);
  });

  t.test(
    "of a deleted account is refused: its names stay its own, also against others' changes",
    async (t) => {
      const { id } = await named('Deleted');
      await call(userContracts.setStatus, { id, status: 'deleted' });
      await t.rejects(rename(id, 'Elsewhere'), { code: 'account-unknown' });
      await t.rejects(call(userContracts.updateProfile, { id, profile: { qq: '1' } }), {
        code: 'account-unknown',
      });
      await t.rejects(rename(10_000_000, 'Elsewhere'), { code: 'account-unknown' });
      t.equal(await ownerOf('elsewhere'), 'account-unknown');
      const other = await named('Other');
      await t.rejects(rename(other.id, 'deleted'), { code: 'identity-taken' });
    },
  );

  t.test('is logged without the names', async (t) => {
    const { id } = await named('Secret_one');
    await rename(id, 'Secret_two');
    const lines = replicas.flatMap(({ log }) => log);
    t.match(
      lines.filter(({ accountId, msg }) => accountId === id && msg.includes('changed')),
      [{ msg: 'profile changed', fields: 'nickname', requestId: 'a-request', callerId: 10_000_001 }],
    );
    t.notMatch(JSON.stringify(lines), /secret_(one|two)/i);
  });

  t.test('of 20 accounts to one name at once: one gets it, the others keep theirs', async (t) => {
    const accounts = await Promise.all(times(20, (index) => named(`racer-${index}`)));
    const answers = await Promise.all(
      accounts.map(({ id }, index) =>
        rename(id, index % 2 === 0 ? 'Trophy' : 'TROPHY').then(() => 'renamed', codeOf),
      ),
    );
    const winner = answers.indexOf('renamed');
    t.equal(answers.filter((answer) => answer === 'identity-taken').length, 19);
    t.equal(await ownerOf('trophy'), accounts[winner]?.id);
    for (const [index, { id }] of accounts.entries()) {
      t.equal(await ownerOf(`racer-${index}`), index === winner ? 'account-unknown' : id);
    }
  });

  t.test('against a sign-up of the same name at once: one of the two, 50 times', async (t) => {
    const { id } = await named('wanderer');
    for (let round = 0; round < 50; round += 1) {
      const [renamed, made] = await Promise.all([
        rename(id, `place-${round}`).then(() => id, codeOf),
        named(`PLACE-${round}`).then((account) => account.id, codeOf),
      ]);
      const owner = await ownerOf(`place-${round}`);
      t.ok([renamed, made].includes(owner), `round ${round}`);
      t.equal([renamed, made].filter((answer) => answer === 'identity-taken').length, 1);
    }
  });

  t.test("of two accounts to each other's names at once blocks nobody, 50 times", async (t) => {
    const one = await named('swap-one');
    const two = await named('swap-two');
    for (let round = 0; round < 50; round += 1) {
      const answers = await Promise.all([
        rename(one.id, 'swap-two').then(() => 'renamed', codeOf),
        rename(two.id, 'swap-one').then(() => 'renamed', codeOf),
      ]);
      t.strictSame(answers, ['identity-taken', 'identity-taken'], `round ${round}`);
    }
    t.equal(await ownerOf('swap-one'), one.id);
    t.equal(await ownerOf('swap-two'), two.id);
  });

  t.test('of many accounts around a ring of names keeps every name with one account', async (t) => {
    const ring = await Promise.all(times(8, (index) => named(`ring-${index}`)));
    for (let round = 0; round < 10; round += 1) {
      const moves = ring.flatMap(({ id }, index) => [
        rename(id, `ring-${(index + round) % 9}`),
        rename(id, `ring-${(index * 5 + round + 1) % 9}`),
      ]);
      const answers = await Promise.all(moves.map((move) => move.then(() => 'renamed', codeOf)));
      t.ok(
        answers.every((answer) => ['renamed', 'identity-taken'].includes(answer)),
        answers.join(' '),
      );
    }
    const owners = await Promise.all(times(9, (index) => ownerOf(`ring-${index}`)));
    const ids = owners.filter((owner) => owner !== 'account-unknown');
    t.strictSame([...ids].sort(), ring.map(({ id }) => id).sort());
  });
});
