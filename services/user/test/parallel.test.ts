import type { Identity } from '@vestibule/shared/contracts/account';
import { userContracts } from '@vestibule/shared/contracts/user';
import { codeOf } from '@vestibule/shared/errors';
import { testParts } from '@vestibule/shared/test/parts';
import t from 'tap';
import { caller, openTables, startUserService, times } from './user-service.ts';

t.test('two replicas at the same time', async (t) => {
  const parts = await testParts(t);
  const replicas = [await startUserService(t, parts), await startUserService(t, parts)];
  const { call, create } = caller(parts);
  const db = await openTables(parts);

  t.test('200 creates of different accounts make 200 accounts', async (t) => {
    const made = await Promise.all(
      times(200, (index) =>
        create({
          identities: [
            { kind: 'nickname', value: `crowd-${index}` },
            { kind: 'phone', value: String(13_800_000_000 + index) },
          ],
          passwordHash: `hash-${index}`,
        }),
      ),
    );
    t.equal(new Set(made.map(({ account }) => account.id)).size, 200);
    for (const [index, { account }] of made.entries()) {
      const login = { kind: 'nickname', value: `crowd-${index}` } as const;
      const found = await call(userContracts.credentials, { login });
      t.strictSame([found.account.id, found.passwordHash], [account.id, `hash-${index}`]);
    }
  });

  t.test('100 creates with one identity make one account', async (t) => {
    const answers = await Promise.all(
      times(100, (index) =>
        create({
          identities: [{ kind: 'nickname', value: index % 2 === 0 ? 'Single' : 'SINGLE' }],
          profile: { wxid: 'of-the-hundred' },
        }).then(({ account }) => String(account.id), codeOf),
      ),
    );
    const ids = answers.filter((answer) => answer !== 'identity-taken');
    t.match(ids, [/^\d{8}$/]);
    t.equal(ids.length, 1);
    const rows = await db.selectFrom('accounts').select('id').where('wxid', '=', 'of-the-hundred').execute();
    t.strictSame(
      rows.map(({ id }) => String(id)),
      ids,
    );
  });

  t.test('creates that name the same identities in another order do not block each other', async (t) => {
    const answers = await Promise.all(
      times(200, (index) => {
        const pair = Math.floor(index / 2);
        const identities: Identity[] = [
          { kind: 'nickname', value: `pair-${pair}` },
          { kind: 'phone', value: String(13_900_000_000 + pair) },
        ];
        return create({ identities: index % 2 === 0 ? identities : identities.reverse() }).then(
          () => 'made',
          codeOf,
        );
      }),
    );
    t.equal(answers.filter((answer) => answer === 'made').length, 100);
    t.equal(answers.filter((answer) => answer === 'identity-taken').length, 100);
  });

  t.test('parallel entries all stand in the history, in the order of the answers', async (t) => {
    const { id } = (await create()).account;
    const answers = await Promise.all(
      times(60, (index) => call(userContracts.addHistory, { id, entry: `entry ${index % 30}` })),
    );
    const { entries } = await call(userContracts.getHistory, { id });
    t.strictSame([...entries].sort(), times(30, (index) => `entry ${index}`).sort());
    t.ok(answers.some((answer) => JSON.stringify(answer.entries) === JSON.stringify(entries)));
    for (const answer of answers) t.equal(new Set(answer.entries).size, answer.entries.length);
  });

  t.test('parallel entries leave no more than 100', async (t) => {
    const { id } = (await create()).account;
    await Promise.all(times(130, (index) => call(userContracts.addHistory, { id, entry: `entry ${index}` })));
    const { entries } = await call(userContracts.getHistory, { id });
    t.equal(entries.length, 100);
  });

  t.test('parallel changes of one account come one after the other, and none is lost', async (t) => {
    const { id } = (await create({ passwordHash: 'hash-0' })).account;
    await Promise.all(
      times(60, (index) =>
        index % 3 === 0
          ? call(userContracts.setRole, { id, role: index % 2 === 0 ? 'donor' : 'volunteer' })
          : call(userContracts.setStatus, { id, status: index % 2 === 0 ? 'frozen' : 'active' }),
      ),
    );
    const changes = replicas
      .flatMap(({ log }) => log)
      .filter(({ accountId, msg }) => accountId === id && msg.endsWith(' changed'));
    const access = await call(userContracts.access, { id });
    t.equal(access.version, changes.length);
    t.equal(access.sessionEpoch, changes.filter(({ to }) => to === 'frozen').length);
    t.ok(
      replicas.every(({ log }) => log.length > 0),
      'both replicas took part',
    );
  });

  t.test('of parallel password changes that expect the same hash one happens', async (t) => {
    const { id } = (await create({ passwordHash: 'hash-0' })).account;
    const answers = await Promise.all(
      times(20, (index) =>
        call(userContracts.setPassword, {
          id,
          expectedHash: 'hash-0',
          passwordHash: `new-${index}`,
        }).then(() => 'done', codeOf),
      ),
    );
    t.equal(answers.filter((answer) => answer === 'done').length, 1);
    t.equal(answers.filter((answer) => answer === 'credentials-wrong').length, 19);
    t.match(await call(userContracts.credentials, { login: { id } }), {
      passwordHash: `new-${answers.indexOf('done')}`,
      access: { sessionEpoch: 1, version: 1 },
    });
  });

  t.test('an account that becomes admin and frozen at once ends in an order of the two', async (t) => {
    for (const _ of times(20, () => null)) {
      const { id } = (await create()).account;
      const [, frozen] = await Promise.all([
        call(userContracts.setRole, { id, role: 'admin' }),
        call(userContracts.setStatus, { id, status: 'frozen' }).then(() => 'frozen', codeOf),
      ]);
      t.match(
        await call(userContracts.access, { id }),
        frozen === 'frozen'
          ? { role: 'admin', status: 'frozen', sessionEpoch: 1, version: 2 }
          : { role: 'admin', status: 'active', sessionEpoch: 0, version: 1 },
      );
      t.ok(['frozen', 'account-is-admin'].includes(frozen), frozen);
    }
  });
});
