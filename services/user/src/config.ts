import { CommonSettings } from '@vestibule/shared/config';
import { type Static, Type } from '@vestibule/shared/schema';

/** Settings of the user service, besides those that every process has. */
export const UserSettings = Type.Object({
  ...Type.Pick(CommonSettings, ['OUTBOX_POLL_MS']).properties,
  HISTORY_LENGTH: Type.Integer({
    minimum: 1,
    maximum: 1000,
    default: 100,
    description: 'searches that an account keeps; 1 to 1000',
  }),
  ACCOUNT_ID_DIGITS: Type.Integer({
    minimum: 8,
    maximum: 14,
    default: 8,
    description: 'digits of a new account id while there are enough such ids; 8 to 14',
  }),
  ACCOUNT_ID_TRIES: Type.Integer({
    minimum: 1,
    maximum: 100,
    default: 10,
    description: 'taken ids in a row after which a new account gets one digit more; 1 to 100',
  }),
});
export type UserSettings = Static<typeof UserSettings>;
