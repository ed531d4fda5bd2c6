import { isDeepStrictEqual } from 'node:util';
import { Profile, type ProfileChange } from '@vestibule/shared/contracts/account';
import type { JsonObject } from '@vestibule/shared/contracts/json';
import type { WechatProfile } from './wechat-profile.ts';

/** What an account says of its owner, in all its parts. */
export type Described = {
  profile: Profile;
  /** Null: none. */
  nickname: string | null;
  wxUserinfo: JsonObject | null;
  /** When WeChat gave `wxUserinfo`, seconds since 1970. */
  wxTakenAt: number | null;
  unionid: string | null;
};

/** The parts that are to be written; what is null stays as it is. */
export type Description = {
  profile: ProfileChange;
  nickname: string | null;
  wechat: WechatProfile | null;
  unionid: string | null;
};

const isProfileField = (name: string): name is keyof Profile => Object.hasOwn(Profile.properties, name);

/** Whether the WeChat profile that is to be written is none older than what is there. */
export function isFresh({ wxTakenAt }: Described, { wechat }: Description): boolean {
  return wechat !== null && (wxTakenAt === null || wechat.takenAt >= wxTakenAt);
}

/** The names of the parts that become other than they are. */
export function changedFields(current: Described, given: Description): string[] {
  const fields = Object.entries(given.profile)
    .filter(([name, value]) => isProfileField(name) && value !== current.profile[name])
    .map(([name]): string => name);
  if (given.nickname !== null && given.nickname !== current.nickname) fields.push('nickname');
  if (isFresh(current, given) && !isDeepStrictEqual(given.wechat?.wxUserinfo, current.wxUserinfo)) {
    fields.push('wxUserinfo');
  }
  if (given.unionid !== null && given.unionid !== current.unionid) fields.push('unionid');
  return fields;
}

/** What an account is called beside its work: its name, its nickname, or first and last name. */
export function nameOf({
  name,
  nickname,
  firstName,
  lastName,
}: Pick<Profile, 'name' | 'firstName' | 'lastName'> & { nickname: string | null }): string {
  return name || nickname || `${firstName} ${lastName}`.trim();
}
