import type { TObject } from '@vestibule/shared/schema';
import type { Access } from '../../caller.ts';
import { type OperationOptions, operation } from '../dialect.ts';
import { type Codes, failing } from './answers.ts';
import {
  ByOpenid,
  Code,
  Empty,
  Entries,
  Entry,
  Exchanged,
  Refused,
  Registration,
  Update,
  User,
} from './schemas.ts';

type Described<B extends TObject> = Omit<OperationOptions<B>, 'fail' | 'failure' | 'access'> & {
  access?: Access;
  codes?: Codes;
};

const user = {
  code: 0,
  msg: 'success',
  data: {
    id: 1,
    openid: 'xxxxxxxx',
    phone: '12345678912',
    qq: '张三',
    cardno: '0111111111111',
    wxid: 'weixin_id123',
    created_at: '2020-03-26 11:34:29',
    modified_at: '2020-03-26 11:34:35',
  },
};
const entries = { code: 0, msg: 'success', data: ['123'] };
const empty = { code: 0, msg: 'success', data: [] };
const example = { openid: 'xxxxxxxx' };

/**
 * The eight operations of the document, with its examples. `access` is what all but getOpenid ask of their
 * callers.
 */
export function operationsFor(access: Access) {
  const described = <B extends TObject>({ codes = { other: -2, unknown: -2 }, ...options }: Described<B>) =>
    operation({ access, ...options, failure: Refused, fail: failing(codes) });

  return {
    login: described({
      summary: 'Registers an openid, or answers the user who has it, unchanged',
      body: Registration,
      example: {
        ...example,
        phone: '12345678912',
        qq: '张三',
        cardno: '0111111111111',
        wxid: 'weixin_id123',
      },
      answer: User,
      good: user,
      refusals: ['input-invalid', 'account-inactive'],
    }),
    getOpenid: described({
      access: 'anyone',
      summary: 'Trades the code of wx.login for the openid',
      body: Code,
      example: { js_code: '033Yyq0w3CZnbN2cvT0w3y9tqS3Yyq0M' },
      answer: Exchanged,
      good: { code: 0, msg: 'success', data: { openid: 'xxxxxxxx' } },
      refusals: ['input-invalid', 'wechat-refused', 'wechat-unavailable'],
    }),
    loginByOpenid: described({
      codes: { other: -3, unknown: -2 },
      summary: 'The user of an openid; -2: there is none, so login is next',
      body: ByOpenid,
      example,
      answer: User,
      good: user,
      refusals: ['input-invalid', 'account-unknown', 'account-inactive'],
    }),
    get: described({
      codes: { other: -3, unknown: -4 },
      summary: 'The user of an openid',
      body: ByOpenid,
      example,
      answer: User,
      good: user,
      refusals: ['input-invalid', 'account-unknown', 'account-inactive'],
    }),
    update: described({
      summary: 'Writes the given ones of phone, qq, cardno and wxid',
      body: Update,
      example: { ...example, update: '{"phone":"13333333333"}' },
      answer: Empty,
      good: empty,
      refusals: ['input-invalid', 'json-invalid', 'json-unfit', 'account-unknown', 'account-inactive'],
    }),
    addHistory: described({
      summary: 'Puts a search at the front of the history and answers the whole',
      body: Entry,
      example: { ...example, hist: '123' },
      answer: Entries,
      good: entries,
      refusals: ['input-invalid', 'account-unknown', 'account-inactive'],
    }),
    getHistory: described({
      summary: 'The searches of a user, newest first',
      body: ByOpenid,
      example,
      answer: Entries,
      good: entries,
      refusals: ['input-invalid', 'account-unknown', 'account-inactive'],
    }),
    cleanHistory: described({
      summary: 'Forgets the searches of a user',
      body: ByOpenid,
      example,
      answer: Empty,
      good: empty,
      refusals: ['input-invalid', 'account-unknown', 'account-inactive'],
    }),
  };
}
