import { createDecipheriv } from 'node:crypto';
import { maxWxUserinfoBytes, storableText } from '@vestibule/shared/contracts/account';
import { JsonObject } from '@vestibule/shared/contracts/json';
import { AppError } from '@vestibule/shared/errors';
import { Type, TypeCompiler } from '@vestibule/shared/schema';
import { isStorableJson } from '@vestibule/shared/storable-json';

/** The cipher that WeChat's documentation names, its block, and the length of its keys. */
const cipher = 'aes-128-cbc';
const blockBytes = 16;

/** What a session must say for data to be of it. */
type Whose = { appid: string; openid: string; sessionKey: string | null };

/** WeChat's profile of a user, without what names the user, and when it was given: seconds since 1970. */
export type WeChatProfile = { wxUserinfo: JsonObject; takenAt: number; unionid: string | null };

const isProfile = TypeCompiler.Compile(
  Type.Intersect([
    JsonObject,
    Type.Object({
      openId: Type.String(),
      unionId: Type.Optional(Type.String({ maxLength: 128, pattern: storableText })),
      watermark: Type.Object({ appid: Type.String(), timestamp: Type.Integer({ minimum: 0 }) }),
    }),
  ]),
);

/** Base64 as RFC 4648 writes it; what is something else is null. */
function decoded(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : null;
}

const ofLength = (bytes: Buffer | null, fits: boolean) => (fits ? bytes : null);
const whole = (length: number) => length > 0 && length % blockBytes === 0;

/** Looks at the whole last block, wherever the padding breaks its rule. */
function unpadded(padded: Buffer): { text: Buffer; right: boolean } {
  const length = padded.at(-1) ?? 0;
  let wrong = length < 1 || length > blockBytes ? 1 : 0;
  for (let place = 1; place <= blockBytes; place += 1) {
    const differs = (padded.at(-place) ?? 0) ^ length;
    wrong |= place <= length ? differs : 0;
  }
  return { text: padded.subarray(0, padded.length - Math.min(length, blockBytes)), right: wrong === 0 };
}

function parsed(text: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(text));
  } catch {
    return null;
  }
}

/**
 * Opens `encryptedData` and `iv` of a mini-program with the session key that its code was traded for. All that
 * can be wrong with them, app, user and shape included, fails with `wechat-data-invalid`, after the same work:
 * what cannot be decrypted is decrypted as zeros.
 */
export function decryptWeChatData(given: { data: string; iv: string }, whose: Whose): WeChatProfile {
  const keyBytes = decoded(whose.sessionKey ?? '');
  const ivBytes = decoded(given.iv);
  const dataBytes = decoded(given.data);
  const key = ofLength(keyBytes, keyBytes?.length === blockBytes);
  const iv = ofLength(ivBytes, ivBytes?.length === blockBytes);
  const data = ofLength(dataBytes, whole(dataBytes?.length ?? 0));
  const zeros = Buffer.alloc(blockBytes);

  const decipher = createDecipheriv(cipher, key ?? zeros, iv ?? zeros).setAutoPadding(false);
  const { text, right } = unpadded(Buffer.concat([decipher.update(data ?? zeros), decipher.final()]));
  const profile = parsed(text);
  const readable = key !== null && iv !== null && data !== null && right;
  if (!readable || !isProfile.Check(profile)) throw new AppError('wechat-data-invalid');
  const { openId, unionId, watermark, ...wxUserinfo } = profile;
  const ofUser = watermark.appid === whose.appid && openId === whose.openid;
  if (!isStorableJson(wxUserinfo, maxWxUserinfoBytes) || !ofUser) throw new AppError('wechat-data-invalid');
  return { wxUserinfo, takenAt: watermark.timestamp, unionid: unionId || null };
}
