import { CommonSettings, type Environment, insistOn, readConfig } from '@vestibule/shared/config';
import { type Static, Type } from '@vestibule/shared/schema';
import { KeysSecret } from '@vestibule/shared/secret';

/** Settings of the user service, besides those that every process has. */
export const UserSettings = Type.Object({
  ...Type.Pick(CommonSettings, ['OUTBOX_POLL_MS']).properties,
  KEYS_SECRET: KeysSecret(
    'the same for all replicas and for good: keys the hashes that keep the identities of erased accounts from others; required in production',
  ),
  ERASE_AFTER_DAYS: Type.Integer({
    minimum: 0,
    maximum: 3650,
    default: 30,
    description:
      'days after its deletion when all that an account said of its owner is erased; 0 to 3650, 0 being at once',
  }),
  UPKEEP_INTERVAL: Type.Integer({
    minimum: 1,
    maximum: 3600,
    default: 60,
    description:
      'seconds between two looks for accounts that are to be erased, or are old enough to be counted for the pages of the list; 1 to 3600',
  }),
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

/** Reads the settings, and refuses with a SettingError what production must not run with. */
export function readUserSettings(environment: Environment): UserSettings {
  const { NODE_ENV } = readConfig(Type.Pick(CommonSettings, ['NODE_ENV']), environment);
  const settings = readConfig(UserSettings, environment);
  if (NODE_ENV === 'production') insistOn(UserSettings, settings, 'KEYS_SECRET');
  return settings;
}
