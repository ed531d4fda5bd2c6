import { userContracts } from '@vestibule/shared/contracts/user';
import { testParts } from '@vestibule/shared/test/parts';
import t from 'tap';
import { caller, startUserService } from './user-service.ts';

t.test('what accounts are called', async (t) => {
  const parts = await testParts(t);
  await startUserService(t, parts);
  const { call, create } = caller(parts);
  const nickname = (value: string) => [{ kind: 'nickname', value } as const];
  const named = async (draft: Parameters<typeof create>[0]) => (await create(draft)).account.id;
  const names = async (ids: number[]) => {
    const answer = await call(userContracts.names, { ids });
    return new Map(answer.names.map(({ id, name }) => [id, name]));
  };

  t.test('is the name, else the nickname, else first and last name, else nothing', async (t) => {
    const whole = { firstName: 'Sara', lastName: 'Hammer' };
    const expected: [id: number, name: string][] = [
      [await named({ identities: nickname('Calls_1'), profile: { ...whole, name: '张三' } }), '张三'],
      [await named({ identities: nickname('Calls_2'), profile: whole }), 'Calls_2'],
      [await named({ profile: whole }), 'Sara Hammer'],
      [await named({ profile: { firstName: 'Sara' } }), 'Sara'],
      [await named({ profile: { lastName: 'Hammer' } }), 'Hammer'],
      [await named({ identities: [{ kind: 'wechat', value: 'oNameless' }] }), ''],
    ];
    t.same(
      await names(expected.map(([id]) => id).reverse()),
      new Map(expected.toSorted(([a], [b]) => a - b)),
    );
  });

  t.test('is told once of each, and not of deleted and unknown ones', async (t) => {
    const id = await named({ profile: { name: 'There' } });
    const gone = await named({ profile: { name: 'Gone' } });
    await call(userContracts.setStatus, { id: gone, status: 'deleted' });
    t.strictSame(await call(userContracts.names, { ids: [id, 10_000_000, gone, id] }), {
      names: [{ id, name: 'There' }],
    });
    t.strictSame(await call(userContracts.names, { ids: [] }), { names: [] });
  });

  t.test('is told of 1,000 at once', async (t) => {
    const id = await named({ profile: { name: 'Thousandth' } });
    const ids = Array.from({ length: 999 }, (_, index) => 10_000_000_000 + index);
    t.strictSame(await call(userContracts.names, { ids: [...ids, id] }), {
      names: [{ id, name: 'Thousandth' }],
    });
  });
});
