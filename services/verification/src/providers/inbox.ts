import type { Logger } from '@vestibule/shared/logger';
import type { Store } from '@vestibule/shared/store/store';
import type { SmsProvider } from './provider.ts';

const inboxKey = (phone: string) => `sms-inbox:${phone}`;

/** The last code that the inbox took for a phone, or null when there is none that is still good. */
export function lastCode({ store, phone }: { store: Store; phone: string }): Promise<string | null> {
  return store.get(inboxKey(phone));
}

/** For development: sends nothing, and keeps the last code of each phone, as long as it is good, to be looked up. */
export function inboxProvider({ store, logger }: { store: Store; logger: Logger }): SmsProvider {
  return {
    name: 'inbox',
    async send({ phone, code, expiresInSeconds, requestId }) {
      await store.set(inboxKey(phone), code, expiresInSeconds * 1000);
      logger.info({ provider: 'inbox', requestId, phoneEnd: phone.slice(-2) }, 'the inbox took the SMS');
    },
  };
}
