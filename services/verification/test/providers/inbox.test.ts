import { createLogger } from '@vestibule/shared/logger';
import { memoryStore } from '@vestibule/shared/store/memory-store';
import t from 'tap';
import { inboxProvider, lastCode } from '../../src/providers/inbox.ts';
import { inTime, message, now, providerOf } from './subjects.ts';

t.test('the inbox is what is used when nothing is set, and keeps the last code of each phone', async (t) => {
  const { provider, store, logs } = providerOf(t, {});
  t.equal(provider.name, 'inbox');
  t.equal(await lastCode({ store, phone: '13912345678' }), null);
  await provider.send(message, inTime);
  await provider.send({ ...message, phone: '13987654321', code: '111111' }, inTime);
  t.equal(await lastCode({ store, phone: '13912345678' }), '907351');
  await provider.send({ ...message, code: '222222' }, inTime);
  t.equal(await lastCode({ store, phone: '13912345678' }), '222222');
  t.equal(await lastCode({ store, phone: '13987654321' }), '111111');
  t.match(logs.text(), '"phoneEnd":"78"');
  t.notMatch(logs.text(), /907351|222222|13912345678/);
});

t.test('a code leaves the inbox when it is no longer good', async (t) => {
  let time = now;
  const store = memoryStore({ clock: () => time });
  t.teardown(() => store.close());
  const provider = inboxProvider({ store, logger: createLogger({ level: 'silent', name: 'test' }) });
  await provider.send(message, inTime);
  time = now + 299_999;
  t.equal(await lastCode({ store, phone: '13912345678' }), '907351');
  time = now + 300_001;
  t.equal(await lastCode({ store, phone: '13912345678' }), null);
});
