import { userContracts } from '@vestibule/shared/contracts/user';
import { testParts } from '@vestibule/shared/test/parts';
import t from 'tap';
import { caller, openTables, startUserService } from './user-service.ts';

/** A picture of so many bytes, each of another value than its neighbours. */
const pictureOf = (bytes: number) => Buffer.from(Array.from({ length: bytes }, (_, index) => index % 251));

t.test('avatars', async (t) => {
  const parts = await testParts(t);
  await startUserService(t, parts);
  const { call, create } = caller(parts);
  const db = await openTables(parts);
  const avatarOf = (id: number) => call(userContracts.getAvatar, { id });
  const createWith = (data: string) => create({ avatar: { contentType: 'image/png', data } });

  t.test('a picture is answered as it was given, with an etag of its bytes', async (t) => {
    for (const contentType of ['image/png', 'image/jpeg', 'image/bmp'] as const) {
      const { account } = await create({ avatar: { contentType, data: 'YSBwaWN0dXJl' } });
      t.strictSame(await avatarOf(account.id), {
        contentType,
        data: 'YSBwaWN0dXJl',
        etag: '92b2fa58028958317e408bd84ecfa70f',
      });
    }
    const { account } = await createWith('YW5vdGhlcg==');
    const other = await avatarOf(account.id);
    t.equal(other.data, 'YW5vdGhlcg==');
    t.not(other.etag, '92b2fa58028958317e408bd84ecfa70f');
  });

  t.test('of every byte and of 30720 bytes it is kept whole', async (t) => {
    for (const picture of [pictureOf(1), pictureOf(256), pictureOf(30_719), pictureOf(30_720)]) {
      const { account } = await createWith(picture.toString('base64'));
      const { data } = await avatarOf(account.id);
      t.ok(Buffer.from(data, 'base64').equals(picture), `${picture.length} bytes`);
    }
  });

  t.test('too large, empty, not base64 or of another type, it violates the contract', async (t) => {
    const violated = { code: 'contract-violated' };
    const texts = [
      pictureOf(30_721).toString('base64'),
      '',
      '====',
      'YSB',
      'YSBw\n',
      'YSB_',
      'YSBw=',
      'data:image/png;base64,YSBw',
    ];
    for (const data of texts) await t.rejects(createWith(data), violated, data.slice(0, 30));
    // The types of TypeScript rule this out, not those of the wire.
    const svg = { contentType: 'image/svg+xml' as 'image/png', data: 'YSBw' };
    await t.rejects(create({ avatar: svg }), violated);
  });

  t.test('without a picture, unknown or deleted, an account is unknown here', async (t) => {
    const unknown = { code: 'account-unknown' };
    const bare = (await create()).account.id;
    await t.rejects(avatarOf(bare), unknown);
    await t.rejects(avatarOf(10_000_000), unknown);
    const { id } = (await createWith('YSBw')).account;
    await call(userContracts.setStatus, { id, status: 'frozen' });
    t.equal((await avatarOf(id)).data, 'YSBw');
    await call(userContracts.setStatus, { id, status: 'deleted' });
    await t.rejects(avatarOf(id), unknown);
  });

  t.test('an account that is not made leaves no picture', async (t) => {
    const identities = [{ kind: 'nickname', value: 'Pictured' }] as const;
    const avatar = { contentType: 'image/png', data: 'YSBw' } as const;
    const count = async () => (await db.selectFrom('avatars').select('account_id').execute()).length;
    await create({ identities: [...identities], avatar });
    const before = await count();
    await t.rejects(create({ identities: [...identities], avatar }), { code: 'identity-taken' });
    t.equal(await count(), before);
  });
});
