import { userContracts } from '@vestibule/shared/contracts/user';
import { testParts } from '@vestibule/shared/test/parts';
import t from 'tap';
import { caller, startUserService } from './user-service.ts';

t.test('search', async (t) => {
  const parts = await testParts(t);
  await startUserService(t, parts);
  const { call, create } = caller(parts);

  const make = async (firstName: string, lastName: string, role: 'donor' | 'volunteer' | 'admin') =>
    (await create({ role, profile: { firstName, lastName } })).account.id;
  const sara = await make('Sara', 'Hammer', 'donor');
  const saraLower = await make('sARA', 'hammer', 'volunteer');
  const saraOther = await make('Sara', 'Nail', 'donor');
  const emile = await make('ÉMILE', 'Ünal', 'admin');
  const deleted = await make('Sara', 'Hammer', 'donor');
  await call(userContracts.setStatus, { id: deleted, status: 'deleted' });
  const frozen = await make('Ice', 'Cold', 'donor');
  await call(userContracts.setStatus, { id: frozen, status: 'frozen' });

  const falling = (...ids: number[]) => ({ ids: ids.sort((a, b) => b - a) });
  const all = { page: 1, perPage: 1000 };

  t.test('no limits answer all but the deleted, in falling order', async (t) => {
    t.strictSame(await call(userContracts.search, all), falling(sara, saraLower, saraOther, emile, frozen));
  });

  t.test('names match whole and without regard to case, in every alphabet', async (t) => {
    const byFirst = await call(userContracts.search, { ...all, firstName: 'SARA' });
    t.strictSame(byFirst, falling(sara, saraLower, saraOther));
    const byLast = await call(userContracts.search, { ...all, lastName: 'HAMMER' });
    t.strictSame(byLast, falling(sara, saraLower));
    t.strictSame(await call(userContracts.search, { ...all, firstName: 'émile' }), falling(emile));
    t.strictSame(await call(userContracts.search, { ...all, lastName: 'ünal' }), falling(emile));
    t.strictSame(await call(userContracts.search, { ...all, firstName: 'Sar' }), { ids: [] });
    t.strictSame(await call(userContracts.search, { ...all, firstName: 'Sar%' }), { ids: [] });
    t.strictSame(await call(userContracts.search, { ...all, firstName: 'S_ra' }), { ids: [] });
  });

  t.test('all given fields must match', async (t) => {
    const donors = await call(userContracts.search, { ...all, firstName: 'sara', role: 'donor' });
    t.strictSame(donors, falling(sara, saraOther));
    const one = await call(userContracts.search, {
      ...all,
      firstName: 'sara',
      lastName: 'hammer',
      role: 'volunteer',
    });
    t.strictSame(one, falling(saraLower));
    const none = await call(userContracts.search, { ...all, firstName: 'émile', role: 'donor' });
    t.strictSame(none, { ids: [] });
  });

  t.test('pages follow each other and end', async (t) => {
    const { ids } = await call(userContracts.search, all);
    t.strictSame(await call(userContracts.search, { page: 1, perPage: 2 }), { ids: ids.slice(0, 2) });
    t.strictSame(await call(userContracts.search, { page: 2, perPage: 2 }), { ids: ids.slice(2, 4) });
    t.strictSame(await call(userContracts.search, { page: 3, perPage: 2 }), { ids: ids.slice(4) });
    t.strictSame(await call(userContracts.search, { page: 4, perPage: 2 }), { ids: [] });
    t.strictSame(await call(userContracts.search, { page: 1e300, perPage: 1000 }), { ids: [] });
  });
});
