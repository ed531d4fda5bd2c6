import type { ProfileChange } from '@vestibule/shared/contracts/account';
import type { JsonObject } from '@vestibule/shared/contracts/json';
import { AppError } from '@vestibule/shared/errors';
import type { Static, TObject } from '@vestibule/shared/schema';
import { createFieldsCheck } from '../../fields.ts';
import { readObject } from './json-field.ts';
import { ProfileFields, UserInfo } from './schemas.ts';

/** Bytes of a WeChat profile as JSON. */
const maxWxUserinfoBytes = 8192;

/** What WeChat knows a user by, and a mini-program might send along: proved by a code alone, and never shown. */
const identifying = new Set(['openid', 'unionid', 'watermark', 'session_key', 'sessionkey']);

/** Reads `userinfo` by a schema; `null` in it is the same as absent. */
function createReader<S extends TObject>(schema: S): (userinfo: unknown) => Static<S> {
  const check = createFieldsCheck(schema);
  return (userinfo) => {
    const given = Object.entries(readObject('userinfo', userinfo)).filter(([, value]) => value !== null);
    const { fields, fails } = check(Object.fromEntries(given));
    if (fails !== undefined) throw new AppError('input-invalid', { field: `userinfo.${fails}` });
    return fields;
  };
}

/** An empty age is none. */
function profileOf({ age, ...texts }: Static<typeof ProfileFields>): ProfileChange {
  if (age === undefined) return texts;
  return { ...texts, age: age === '' ? null : Number(age) };
}

const readRegistered = createReader(UserInfo);
const readChanged = createReader(ProfileFields);

/** Reads the `userinfo` of a registration. */
export function readUserinfo(userinfo: unknown = {}) {
  const { role = 'normal', ...fields } = readRegistered(userinfo);
  return { role, profile: profileOf(fields) };
}

/** Reads the `userinfo` of an update, which gives nobody a role. */
export const readChange = (userinfo: unknown = {}): ProfileChange => profileOf(readChanged(userinfo));

/** Reads `wx_userinfo`, which is kept as it is given but for what identifies; absent where it is not given. */
export function readWxUserinfo(given: unknown): { wxUserinfo?: JsonObject } {
  if (given === undefined) return {};
  const sent = readObject('wx_userinfo', given);
  if (Buffer.byteLength(JSON.stringify(sent)) > maxWxUserinfoBytes) {
    throw new AppError('input-invalid', { field: 'wx_userinfo' });
  }
  const kept = Object.entries(sent).filter(([name]) => !identifying.has(name.toLowerCase()));
  return { wxUserinfo: Object.fromEntries(kept) };
}
