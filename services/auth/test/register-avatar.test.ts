import { authContracts } from '@vestibule/shared/contracts/auth';
import { userContracts } from '@vestibule/shared/contracts/user';
import { testParts } from '@vestibule/shared/test/parts';
import t from 'tap';
import { gateway, password, startAuth, startUser } from './auth-service.ts';

t.test('registering with a picture keeps it with the account', async (t) => {
  const parts = await testParts(t);
  await startUser(t, parts);
  await startAuth(t, parts);
  const { call } = gateway(parts);
  const { account } = await call(authContracts.register, {
    identities: [{ kind: 'nickname', value: 'Pictured' }],
    password,
    role: 'normal',
    status: 'pending',
    profile: {},
    avatar: { contentType: 'image/jpeg', data: 'YSBwaWN0dXJl' },
  });
  t.strictSame(await call(userContracts.getAvatar, { id: account.id }), {
    contentType: 'image/jpeg',
    data: 'YSBwaWN0dXJl',
    etag: '92b2fa58028958317e408bd84ecfa70f',
  });
});
