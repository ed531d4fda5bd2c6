import { type Static, Type } from '../schema.ts';
import {
  Account,
  AccountId,
  AccountStatus,
  Avatar,
  Identity,
  ProfileChange,
  Role,
  WechatUser,
} from './account.ts';
import { contract } from './contract.ts';
import { JsonObject } from './json.ts';
import { Part, SettingTexts } from './settings.ts';

/** The id of an account, or one of its identities. */
const Login = Type.Union([Type.Object({ id: AccountId }), Identity]);
const Password = Type.String({ minLength: 1, maxLength: 128 });
/** The client's address, for counting wrong passwords; IPv6 already cut to /64 by the gateway. */
const Address = Type.String({ maxLength: 64 });
const Token = Type.String();
const SessionId = Type.String({ minLength: 16, maxLength: 64 });
const Nothing = Type.Object({});
/** What `wx.login` gave a mini-program; `appid` names the mini-program where several are served. */
const WechatCode = Type.Object({
  code: Type.String({ minLength: 1, maxLength: 256 }),
  appid: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
});
const Page = Type.Integer({ minimum: 1, maximum: 1_000_000 });

/** A public signing key as RFC 8037 and RFC 7517 write it. */
export const PublicKey = Type.Object({
  kty: Type.Literal('OKP'),
  crv: Type.Literal('Ed25519'),
  x: Type.String(),
  kid: Type.String(),
  use: Type.Literal('sig'),
  alg: Type.Literal('EdDSA'),
});
export type PublicKey = Static<typeof PublicKey>;

/** A session that is alive. `openidHash` is that of the proved openid that a WeChat code opened it with. */
export const LiveSession = Type.Object({
  sessionId: SessionId,
  account: Type.Union([
    Type.Object({ id: AccountId, role: Role, status: AccountStatus }),
    /** A proved openid's alone, whether it has an account or not. */
    Type.Null(),
  ]),
  openidHash: Type.Union([Type.String(), Type.Null()]),
});
export type LiveSession = Static<typeof LiveSession>;

/** One line of the audit log: who did what to whom, when, from where. */
export const AuditEntry = Type.Object({
  /** 1, 2, 3 without a gap. */
  number: Type.Integer({ minimum: 1 }),
  /** ISO 8601, UTC. */
  at: Type.String(),
  /** The kind of the event, like `account.status-changed`. */
  action: Type.String(),
  /** Null: the platform itself, or somebody without an account. */
  actorId: Type.Union([AccountId, Type.Null()]),
  /** The account that it was done to; null where it was no account. */
  accountId: Type.Union([AccountId, Type.Null()]),
  address: Type.Union([Type.String(), Type.Null()]),
  requestId: Type.String(),
  details: JsonObject,
});
export type AuditEntry = Static<typeof AuditEntry>;

/** What the auth service answers. It owns sessions, signing keys, hashing, lockouts and WeChat. */
export const authContracts = {
  register: contract({
    subject: 'auth.register',
    summary: 'Makes an account with a password, and a session for it.',
    request: Type.Object({
      identities: Type.Array(Identity, { maxItems: 4 }),
      password: Password,
      role: Role,
      status: Type.Union([Type.Literal('pending'), Type.Literal('active')]),
      profile: ProfileChange,
      avatar: Type.Optional(Avatar),
    }),
    reply: Type.Object({ account: Account, token: Token }),
    errors: ['identity-taken', 'password-weak', 'admin-registration-closed'],
    idempotent: false,
  }),
  loginByPassword: contract({
    subject: 'auth.login-by-password',
    summary: 'Opens a session for a login and its password.',
    request: Type.Object({ login: Login, password: Password, address: Address }),
    reply: Type.Object({ account: Account, token: Token }),
    errors: ['credentials-wrong', 'account-inactive', 'rate-limited', 'address-limited'],
    idempotent: false,
  }),
  changePassword: contract({
    subject: 'auth.change-password',
    summary: 'Replaces a password by a new one and ends all sessions of the account.',
    request: Type.Object({ login: Login, password: Password, newPassword: Password, address: Address }),
    reply: Nothing,
    errors: ['credentials-wrong', 'account-inactive', 'rate-limited', 'address-limited', 'password-weak'],
    idempotent: false,
  }),
  loginByOpenid: contract({
    subject: 'auth.login-by-openid',
    summary:
      'The account of an openid, made from the profile if there is none; an existing one is not changed.',
    request: Type.Object({ openid: Identity, profile: ProfileChange }),
    reply: Type.Object({ account: Account }),
    errors: ['account-inactive'],
    idempotent: true,
  }),
  exchangeCode: contract({
    subject: 'auth.exchange-code',
    summary:
      "Trades a mini-program's login code for its openid at WeChat; `bind` opens a session that names the proved openid.",
    request: Type.Object({ ...WechatCode.properties, bind: Type.Boolean() }),
    reply: Type.Object({ openid: Type.String(), token: Type.Union([Token, Type.Null()]) }),
    errors: ['wechat-refused', 'wechat-unavailable'],
    idempotent: false,
  }),
  registerByWechat: contract({
    subject: 'auth.register-by-wechat',
    summary: 'Trades a login code, makes an account for its proved openid, and opens a session.',
    request: Type.Object({
      ...WechatCode.properties,
      profile: ProfileChange,
      /** WeChat's own profile as the mini-program sent it. */
      wxUserinfo: Type.Optional(JsonObject),
      role: Role,
    }),
    reply: Type.Object({ user: WechatUser, token: Token }),
    errors: ['wechat-refused', 'wechat-unavailable', 'identity-taken', 'admin-registration-closed'],
    idempotent: false,
  }),
  loginByWechat: contract({
    subject: 'auth.login-by-wechat',
    summary:
      'Trades a login code and opens a session for its account; encrypted data that fit it replace an older WeChat profile.',
    request: Type.Object({
      ...WechatCode.properties,
      /** `encryptedData` and `iv` as WeChat gives them, in Base64. */
      encrypted: Type.Optional(
        Type.Object({ data: Type.String({ maxLength: 65_536 }), iv: Type.String({ maxLength: 64 }) }),
      ),
    }),
    reply: Type.Object({ user: WechatUser, token: Token }),
    errors: [
      'wechat-refused',
      'wechat-unavailable',
      'wechat-data-invalid',
      'account-unknown',
      'account-inactive',
    ],
    idempotent: false,
  }),
  identifyByWechat: contract({
    subject: 'auth.identify-by-wechat',
    summary: 'Trades a login code for the account that it proves, without a session.',
    request: WechatCode,
    reply: Type.Object({ account: Account }),
    errors: ['wechat-refused', 'wechat-unavailable', 'account-unknown', 'account-inactive'],
    idempotent: false,
  }),
  verifySession: contract({
    subject: 'auth.verify-session',
    summary: 'Whether a session is alive, from the rows that decide it; renews its copy in the store.',
    request: Type.Object({ sessionId: SessionId }),
    reply: LiveSession,
    errors: ['session-dead'],
    idempotent: true,
  }),
  logout: contract({
    subject: 'auth.logout',
    summary: 'Ends a session for good.',
    request: Type.Object({ sessionId: SessionId }),
    reply: Nothing,
    errors: [],
    idempotent: true,
  }),
  sessions: contract({
    subject: 'auth.sessions',
    summary: 'The sessions of an account that are kept, newest first; at most 1,000.',
    request: Type.Object({ accountId: AccountId }),
    /** ISO 8601, UTC; `endedAt` null: not ended before it expires. */
    reply: Type.Object({
      sessions: Type.Array(
        Type.Object({
          createdAt: Type.String(),
          expiresAt: Type.String(),
          endedAt: Type.Union([Type.String(), Type.Null()]),
        }),
      ),
    }),
    errors: [],
    idempotent: true,
  }),
  auditLog: contract({
    subject: 'auth.audit-log',
    summary: 'A page of the audit log, newest first.',
    request: Type.Object({
      /** As the one who did it or to whom it was done. */
      account: Type.Optional(AccountId),
      action: Type.Optional(Type.String({ maxLength: 64 })),
      /** ISO 8601; `from` and `to` are both included. */
      from: Type.Optional(Type.String()),
      to: Type.Optional(Type.String()),
      page: Page,
      perPage: Type.Integer({ minimum: 1, maximum: 100 }),
    }),
    reply: Type.Object({ total: Type.Integer({ minimum: 0 }), entries: Type.Array(AuditEntry) }),
    errors: [],
    idempotent: true,
  }),
  noteSettings: contract({
    subject: 'auth.note-settings',
    summary:
      'Notes what a part that has started runs with; what is other than its last note is told as `setting.changed`.',
    request: Type.Object({ part: Part, settings: SettingTexts }),
    /** Whether anything was other. */
    reply: Type.Object({ changed: Type.Boolean() }),
    errors: [],
    // A late note would be the last one again, over that of somebody who started since.
    idempotent: false,
  }),
  publicKeys: contract({
    subject: 'auth.public-keys',
    summary: 'The keys that tokens in circulation may be signed with.',
    request: Nothing,
    reply: Type.Object({ keys: Type.Array(PublicKey) }),
    errors: [],
    idempotent: true,
  }),
} as const;
