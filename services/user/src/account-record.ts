import type {
  Access,
  Account,
  IdentityKind,
  Profile,
  ProfileChange,
} from '@vestibule/shared/contracts/account';
import { type ExpressionBuilder, sql } from 'kysely';
import { foldName } from './folding.ts';
import type { UserTables } from './tables.ts';

/** A row of `accounts` as the contracts show it. */
export type AccountRecord = { account: Account; access: Access };

/** All columns that a record needs, under the names of the contracts. */
export const recordColumns = [
  'accounts.id',
  'accounts.role',
  'accounts.status',
  'accounts.first_name as firstName',
  'accounts.last_name as lastName',
  'accounts.name',
  'accounts.phone',
  'accounts.address',
  'accounts.company',
  'accounts.age',
  'accounts.email',
  'accounts.position',
  'accounts.qq',
  'accounts.cardno',
  'accounts.wxid',
  'accounts.session_epoch as sessionEpoch',
  'accounts.version',
  'accounts.created_at as createdAt',
  'accounts.modified_at as modifiedAt',
] as const;

/** The nickname of the account in the same statement; null when it has none. */
export const nicknameColumn = (expression: ExpressionBuilder<UserTables, 'accounts'>) =>
  expression
    .selectFrom('identities as nicknames')
    .select('nicknames.value')
    .whereRef('nicknames.account_id', '=', 'accounts.id')
    // A literal, because the index of nicknames holds for `kind = 'nickname'` and not for any parameter.
    .where('nicknames.kind', '=', sql.lit<IdentityKind>('nickname'))
    .as('nickname');

export type RecordRow = Profile &
  Omit<Access, 'accountId'> & { id: number; nickname: string | null; createdAt: Date; modifiedAt: Date };

export function recordOf(row: RecordRow): AccountRecord {
  const { id, role, status } = row;
  return {
    account: {
      id,
      role,
      status,
      nickname: row.nickname ?? '',
      profile: {
        firstName: row.firstName,
        lastName: row.lastName,
        name: row.name,
        phone: row.phone,
        address: row.address,
        company: row.company,
        age: row.age,
        email: row.email,
        position: row.position,
        qq: row.qq,
        cardno: row.cardno,
        wxid: row.wxid,
      },
      createdAt: row.createdAt.toISOString(),
      modifiedAt: row.modifiedAt.toISOString(),
    },
    access: { accountId: id, role, status, sessionEpoch: row.sessionEpoch, version: row.version },
  };
}

/** What an account says of its owner when nobody has written anything. */
export const noProfile: Profile = {
  firstName: '',
  lastName: '',
  name: '',
  phone: '',
  address: '',
  company: '',
  age: null,
  email: '',
  position: '',
  qq: '',
  cardno: '',
  wxid: '',
};

/** The columns that a change of the profile writes, each by name; Kysely leaves out the undefined ones. */
export function profileValues(profile: ProfileChange) {
  return {
    first_name: profile.firstName,
    first_name_folded: profile.firstName === undefined ? undefined : foldName(profile.firstName),
    last_name: profile.lastName,
    last_name_folded: profile.lastName === undefined ? undefined : foldName(profile.lastName),
    name: profile.name,
    phone: profile.phone,
    address: profile.address,
    company: profile.company,
    age: profile.age,
    email: profile.email,
    position: profile.position,
    qq: profile.qq,
    cardno: profile.cardno,
    wxid: profile.wxid,
  };
}
