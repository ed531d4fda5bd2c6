import { type Static, Type } from '../schema.ts';
import { JsonObject } from './json.ts';

/** The one vocabulary of roles; dialects translate. */
export const Role = Type.Union([
  Type.Literal('normal'),
  Type.Literal('repair'),
  Type.Literal('donor'),
  Type.Literal('volunteer'),
  Type.Literal('admin'),
]);
export type Role = Static<typeof Role>;

/** `pending` waits for an audit; `deleted` is a status, the row and its identities stay. */
export const AccountStatus = Type.Union([
  Type.Literal('pending'),
  Type.Literal('active'),
  Type.Literal('frozen'),
  Type.Literal('deleted'),
]);
export type AccountStatus = Static<typeof AccountStatus>;

/** 8 digits, longer when these run out; random, so that nobody can tell a neighbour's. */
export const AccountId = Type.Integer({ minimum: 10_000_000, maximum: Number.MAX_SAFE_INTEGER });

/** Each kind is a namespace of its own: `wechat` is proved by a code, `openid` is only claimed. */
export const IdentityKind = Type.Union([
  Type.Literal('nickname'),
  Type.Literal('phone'),
  Type.Literal('wechat'),
  Type.Literal('openid'),
]);
export type IdentityKind = Static<typeof IdentityKind>;

const storableCharacter = '(?:[^\\u0000\\ud800-\\udfff]|[\\ud800-\\udbff][\\udc00-\\udfff])';

/**
 * What text must match to be stored and found again as it was: no NUL, which Postgres refuses, and no half of
 * a surrogate pair, which UTF-8 cannot hold and all of which would become one and the same character. The
 * same with and without the flag `u`. For every schema through which text of a client reaches a service.
 */
export const storableText = `^${storableCharacter}*$`;

/** The same for text of `least` to `most` characters as readers count them: a surrogate pair is one. */
export const storableCharacters = (least: number, most: number): string =>
  `^${storableCharacter}{${least},${most}}$`;

/** A login identity as its owner writes it; the user service folds it for comparing. */
export const Identity = Type.Object({
  kind: IdentityKind,
  value: Type.String({ minLength: 1, maxLength: 128, pattern: storableText }),
});
export type Identity = Static<typeof Identity>;

/** In UTF-16: the longest field of a document, 254 characters, may be of surrogate pairs alone. */
const text = Type.String({ maxLength: 508, pattern: storableText });

/** What an account says of its owner. Absent text is `""`, an absent number `null`. */
export const Profile = Type.Object({
  firstName: text,
  lastName: text,
  name: text,
  phone: text,
  address: text,
  company: text,
  age: Type.Union([Type.Integer({ minimum: 0, maximum: 150 }), Type.Null()]),
  email: text,
  position: text,
  qq: text,
  cardno: text,
  wxid: text,
});
export type Profile = Static<typeof Profile>;

/** The fields of a profile that are to be written; the rest stays as it is. */
export const ProfileChange = Type.Partial(Profile);
export type ProfileChange = Static<typeof ProfileChange>;

/** An account without its secrets: no password hash, no openid. */
export const Account = Type.Object({
  id: AccountId,
  role: Role,
  status: AccountStatus,
  /** The nickname with its case kept, or `""`. */
  nickname: Type.String(),
  profile: Profile,
  /** ISO 8601, UTC. */
  createdAt: Type.String(),
  modifiedAt: Type.String(),
});
export type Account = Static<typeof Account>;

/** Bytes of JSON that the profile of WeChat may have. */
export const maxWxUserinfoBytes = 8192;

/** An account with the profile that WeChat gave of it: as it came, without openid and watermark; null: none yet. */
export const WechatUser = Type.Object({
  account: Account,
  wxUserinfo: Type.Union([JsonObject, Type.Null()]),
});
export type WechatUser = Static<typeof WechatUser>;

/** Bytes of a picture at most. */
export const maxAvatarBytes = 30_720;

/** A picture of an account's owner; whether its bytes are of this type, the gateway has looked. */
export const Avatar = Type.Object({
  contentType: Type.Union([Type.Literal('image/png'), Type.Literal('image/jpeg'), Type.Literal('image/bmp')]),
  /** Base64 (RFC 4648, with padding) of 1 to `maxAvatarBytes` bytes. */
  data: Type.String({
    minLength: 4,
    maxLength: (maxAvatarBytes / 3) * 4,
    pattern: '^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$',
  }),
});
export type Avatar = Static<typeof Avatar>;

/**
 * What decides whether a session of the account is alive. `sessionEpoch` grows when all sessions must end
 * (frozen, deleted, password changed): a session lives only while its own epoch is the account's.
 * `version` grows with every change of these fields.
 */
export const Access = Type.Object({
  accountId: AccountId,
  role: Role,
  status: AccountStatus,
  sessionEpoch: Type.Integer({ minimum: 0 }),
  version: Type.Integer({ minimum: 0 }),
});
export type Access = Static<typeof Access>;
