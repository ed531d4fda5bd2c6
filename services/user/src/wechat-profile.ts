import { maxWxUserinfoBytes } from '@vestibule/shared/contracts/account';
import type { JsonObject } from '@vestibule/shared/contracts/json';
import { AppError } from '@vestibule/shared/errors';
import { isStorableJson } from '@vestibule/shared/storable-json';

/** The profile that WeChat gave of an account's owner, and when: in seconds since 1970. */
export type WechatProfile = { wxUserinfo: JsonObject; takenAt: number };

/** Taken now unless told; null when there is none. Unfit to be stored: `contract-violated`. */
export function wechatProfile(
  wxUserinfo: JsonObject | undefined,
  now: number,
  takenAt = Math.floor(now / 1000),
): WechatProfile | null {
  if (wxUserinfo === undefined) return null;
  if (isStorableJson(wxUserinfo, maxWxUserinfoBytes)) return { wxUserinfo, takenAt };
  throw new AppError('contract-violated', { field: 'wxUserinfo' });
}

/** The columns that a WeChat profile writes; Kysely leaves out the undefined ones. */
export function wechatValues(wechat: WechatProfile | null) {
  return {
    wx_userinfo: wechat === null ? undefined : JSON.stringify(wechat.wxUserinfo),
    wx_taken_at: wechat?.takenAt,
  };
}
