import { Type } from '../schema.ts';
import {
  Access,
  Account,
  AccountId,
  AccountStatus,
  Avatar,
  Identity,
  ProfileChange,
  Role,
  storableCharacters,
  storableText,
  WechatUser,
} from './account.ts';
import { contract } from './contract.ts';
import { JsonObject } from './json.ts';

const ById = Type.Object({ id: AccountId });
const PasswordHash = Type.String({ maxLength: 200 });
const Nothing = Type.Object({});
const Entries = Type.Object({ entries: Type.Array(Type.String()) });

/** What the user service answers. It owns accounts, identities, password hashes, avatars and search history. */
export const userContracts = {
  create: contract({
    subject: 'user.create',
    summary: 'Makes an account with its identities, password hash and avatar in one transaction.',
    request: Type.Object({
      identities: Type.Array(Identity, { maxItems: 4 }),
      passwordHash: Type.Union([PasswordHash, Type.Null()]),
      role: Role,
      status: Type.Union([Type.Literal('pending'), Type.Literal('active')]),
      profile: ProfileChange,
      avatar: Type.Optional(Avatar),
      wxUserinfo: Type.Optional(JsonObject),
      /** What WeChat calls the same person in all apps of one owner; kept, never shown. */
      unionid: Type.Optional(Identity.properties.value),
    }),
    reply: Type.Object({ account: Account, access: Access }),
    errors: ['identity-taken'],
    idempotent: false,
  }),
  get: contract({
    subject: 'user.get',
    summary: 'The account of an id, deleted ones too.',
    request: ById,
    reply: Account,
    errors: ['account-unknown'],
    idempotent: true,
  }),
  find: contract({
    subject: 'user.find',
    summary: 'The account of a login identity, deleted ones too.',
    request: Identity,
    reply: Type.Object({ account: Account, access: Access }),
    errors: ['account-unknown'],
    idempotent: true,
  }),
  credentials: contract({
    subject: 'user.credentials',
    summary: 'What a password login needs, read in one statement.',
    request: Type.Object({ login: Type.Union([ById, Identity]) }),
    reply: Type.Object({
      account: Account,
      access: Access,
      passwordHash: Type.Union([PasswordHash, Type.Null()]),
    }),
    errors: ['account-unknown'],
    idempotent: true,
  }),
  access: contract({
    subject: 'user.access',
    summary: 'Role, status and session epoch of an account; renews their copy in the store.',
    request: ById,
    reply: Access,
    errors: ['account-unknown'],
    idempotent: true,
  }),
  setPassword: contract({
    subject: 'user.set-password',
    summary:
      'Replaces the password hash if it is still `expectedHash`, and ends all sessions of the account.',
    request: Type.Object({ id: AccountId, expectedHash: PasswordHash, passwordHash: PasswordHash }),
    reply: Nothing,
    errors: ['account-unknown', 'credentials-wrong'],
    idempotent: false,
  }),
  updateProfile: contract({
    subject: 'user.update-profile',
    summary:
      'Writes the given fields of a profile, and the nickname, all or nothing; deleted accounts are unknown here.',
    request: Type.Object({
      id: AccountId,
      profile: ProfileChange,
      /** Replaces the nickname, which others may take from then on; one that had none gets one. */
      nickname: Type.Optional(Identity.properties.value),
    }),
    reply: Account,
    errors: ['account-unknown', 'identity-taken'],
    idempotent: false,
  }),
  getWechatUser: contract({
    subject: 'user.get-wechat-user',
    summary: 'The account of an id, deleted ones too, with its WeChat profile.',
    request: ById,
    reply: WechatUser,
    errors: ['account-unknown'],
    idempotent: true,
  }),
  updateWechatUser: contract({
    subject: 'user.update-wechat-user',
    summary:
      'Writes the given fields of a profile and the WeChat profile, unless a newer one is there; deleted accounts are unknown here.',
    request: Type.Object({
      id: AccountId,
      profile: ProfileChange,
      wxUserinfo: Type.Optional(JsonObject),
      /** When WeChat gave that profile, seconds since 1970; absent: now. */
      takenAt: Type.Optional(Type.Integer({ minimum: 0 })),
      unionid: Type.Optional(Identity.properties.value),
    }),
    reply: WechatUser,
    errors: ['account-unknown'],
    idempotent: false,
  }),
  names: contract({
    subject: 'user.names',
    summary: 'What accounts are called beside their work; unknown and deleted ones are left out.',
    request: Type.Object({ ids: Type.Array(AccountId, { maxItems: 1000 }) }),
    /** `name`: the name, the nickname, or first and last name; `""` where there is none of them. */
    reply: Type.Object({ names: Type.Array(Type.Object({ id: AccountId, name: Type.String() })) }),
    errors: [],
    idempotent: true,
  }),
  setRole: contract({
    subject: 'user.set-role',
    summary: 'Gives an account that is no admin another role; deleted accounts are unknown here.',
    request: Type.Object({ id: AccountId, role: Role }),
    reply: Nothing,
    errors: ['account-unknown', 'account-is-admin'],
    idempotent: false,
  }),
  setStatus: contract({
    subject: 'user.set-status',
    summary:
      'Gives an account that is no admin another status; frozen and deleted end all its sessions; deleted accounts are unknown here.',
    request: Type.Object({ id: AccountId, status: AccountStatus }),
    reply: Nothing,
    errors: ['account-unknown', 'account-is-admin'],
    idempotent: false,
  }),
  audit: contract({
    subject: 'user.audit',
    summary: 'Lets a pending account become active; deleted accounts are unknown here.',
    request: ById,
    reply: Nothing,
    errors: ['account-unknown', 'account-not-pending'],
    idempotent: false,
  }),
  reject: contract({
    subject: 'user.reject',
    summary: 'Refuses a pending account, which becomes frozen; deleted accounts are unknown here.',
    request: ById,
    reply: Nothing,
    errors: ['account-unknown', 'account-not-pending'],
    idempotent: false,
  }),
  export: contract({
    subject: 'user.export',
    summary: 'All that is kept of an account, for its owner.',
    request: ById,
    reply: Type.Object({
      account: Account,
      wxUserinfo: Type.Union([JsonObject, Type.Null()]),
      identities: Type.Array(Identity),
      hasPassword: Type.Boolean(),
      avatar: Type.Union([Avatar, Type.Null()]),
      searches: Type.Array(Type.String()),
    }),
    errors: ['account-unknown'],
    idempotent: true,
  }),
  remove: contract({
    subject: 'user.remove',
    summary:
      'Deletes an account, an admin too, but not that of the caller nor the last active admin; ends all its sessions.',
    request: ById,
    reply: Nothing,
    errors: ['account-unknown', 'not-allowed', 'last-admin'],
    idempotent: false,
  }),
  getAvatar: contract({
    subject: 'user.get-avatar',
    summary: 'The picture of an account; one that has none, or is deleted, is unknown here.',
    request: ById,
    /** `etag`: another one for other bytes; visible ASCII without quotes. */
    reply: Type.Object({ ...Avatar.properties, etag: Type.String({ pattern: '^[0-9a-f]{32}$' }) }),
    errors: ['account-unknown'],
    idempotent: true,
  }),
  list: contract({
    subject: 'user.list',
    summary: 'A page of all accounts that are not deleted, newest first, and how many they are.',
    request: Type.Object({
      /** From 1. */
      page: Type.Integer({ minimum: 1 }),
      /** As many as fit into one message of the bus when all have the longest profiles. */
      perPage: Type.Integer({ minimum: 1, maximum: 25 }),
    }),
    reply: Type.Object({ total: Type.Integer({ minimum: 0 }), accounts: Type.Array(Account) }),
    errors: [],
    idempotent: true,
  }),
  search: contract({
    subject: 'user.search',
    summary:
      'Ids in falling order of the accounts that match all given fields, without regard to case; no deleted ones.',
    request: Type.Object({
      firstName: Type.Optional(Type.String({ pattern: storableText })),
      lastName: Type.Optional(Type.String({ pattern: storableText })),
      role: Type.Optional(Role),
      /** From 1. */
      page: Type.Integer({ minimum: 1 }),
      perPage: Type.Integer({ minimum: 1, maximum: 1000 }),
    }),
    reply: Type.Object({ ids: Type.Array(AccountId) }),
    errors: [],
    idempotent: true,
  }),
  addHistory: contract({
    subject: 'user.add-history',
    summary: 'Puts a search at the front of the history and answers the whole; at most 100 are kept.',
    request: Type.Object({
      id: AccountId,
      entry: Type.String({ pattern: storableCharacters(1, 200) }),
    }),
    reply: Entries,
    errors: ['account-unknown'],
    idempotent: false,
  }),
  getHistory: contract({
    subject: 'user.get-history',
    summary: 'The searches of an account, newest first.',
    request: ById,
    reply: Entries,
    errors: [],
    idempotent: true,
  }),
  clearHistory: contract({
    subject: 'user.clear-history',
    summary: 'Forgets the searches of an account.',
    request: ById,
    reply: Nothing,
    errors: [],
    idempotent: false,
  }),
} as const;
