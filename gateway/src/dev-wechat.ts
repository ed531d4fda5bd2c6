import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import type { Clock } from '@vestibule/shared/call-context';
import { AppError } from '@vestibule/shared/errors';
import type { FastifyInstance } from 'fastify';

/** The mini-program that data are encrypted for where the settings name none. */
const standardAppid = 'development';
const names = /^[A-Za-z0-9_-]{1,64}$/;
const codes = /^dev:([A-Za-z0-9_-]{1,64})$/;
const appids = /^[^\s,]{1,128}$/;

type Query<Name extends string> = { Querystring: Partial<Record<Name, unknown>> };

const asText = (given: unknown): string => (typeof given === 'string' ? given : '');

/** What a query says, if it fits; else `input-invalid` names it. */
function fitting(field: string, given: unknown, pattern: RegExp): string {
  const text = asText(given);
  if (pattern.test(text)) return text;
  throw new AppError('input-invalid', { field });
}

const openidOf = (name: string) => `dev-${name}`;

/** 16 bytes, as WeChat's session keys are; the same for a name at each time. */
const sessionKey = (name: string): Buffer =>
  createHash('sha256').update(`session key of ${name}`).digest().subarray(0, 16);

/** The profile that a user of that name has, as WeChat gives it to the mini-program. */
const profileOf = (name: string) => ({
  openId: openidOf(name),
  nickName: name,
  gender: 0,
  language: 'zh_CN',
  city: 'Guangzhou',
  province: 'Guangdong',
  country: 'China',
  avatarUrl: `https://thirdwx.qlogo.cn/mmopen/vi_32/dev-${name}/132`,
});

/** AES-128-CBC with PKCS#7, both in Base64, as `wx.getUserProfile` answers. */
function encrypt(data: object, key: Buffer): { encryptedData: string; iv: string } {
  const iv = randomBytes(16);
  const cipher = createCipheriv('aes-128-cbc', key, iv);
  const encrypted = Buffer.concat([cipher.update(JSON.stringify(data)), cipher.final()]);
  return { encryptedData: encrypted.toString('base64'), iv: iv.toString('base64') };
}

/**
 * A stand-in for WeChat's login in development: the code `dev:NAME` is good for the openid `dev-NAME`, at any
 * time and any number of times; every other is refused as WeChat refuses an unknown one. `/dev/wechat/encrypt`
 * answers the data that a mini-program would send along, for `appid` or the first of the settings.
 */
export function addDevWechat(
  app: FastifyInstance,
  { clock, configured }: { clock: Clock; configured: readonly string[] },
): void {
  const [appid = standardAppid] = configured;
  const options = { schema: { hide: true } };

  app.get<Query<'js_code'>>('/dev/wechat/sns/jscode2session', options, async ({ query }) => {
    const [, name] = codes.exec(asText(query.js_code)) ?? [];
    if (name === undefined) return { errcode: 40029, errmsg: 'invalid code' };
    return { openid: openidOf(name), session_key: sessionKey(name).toString('base64') };
  });

  app.get<Query<'name' | 'appid'>>('/dev/wechat/encrypt', options, async ({ query }, reply) => {
    const name = fitting('name', query.name, names);
    const watermark = {
      timestamp: Math.floor(clock() / 1000),
      appid: query.appid === undefined ? appid : fitting('appid', query.appid, appids),
    };
    reply.header('cache-control', 'no-store');
    return encrypt({ ...profileOf(name), watermark }, sessionKey(name));
  });
}
