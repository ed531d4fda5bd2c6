import { randomInt } from 'node:crypto';
import type { ReplayClient } from './client.ts';

// Other ones at each run: a stack that goes on running knows those of the last one.
let phones = 13_900_000_000 + randomInt(90_000_000);
const at = (path: string) => `/api/1.0${path}`;

/** The requests of the medicine document, each with its good and the commonest bad answers. */
export async function replayMedicine({ ask, expect, read }: ReplayClient, mark: string): Promise<void> {
  phones += 1;
  const phone = String(phones);
  const captcha = async (uuid: string) => {
    await ask(at('/imageCode'), { method: 'GET', query: `?uuid=${uuid}&last_uuid=""` }, 'image/png');
    return { uuid, img_code_client: (await read(`/dev/captcha/${uuid}`)).answer ?? '' };
  };
  const solved = await captcha(`uuid-${mark}-1`);
  await expect(at('/smsCode'), { phone, ...solved }, { msg: '验证码发送成功', re_code: '0' });
  await expect(at('/smsCode'), { phone, ...solved }, { msg: '无数据', re_code: '4002' });
  const misread = { ...(await captcha(`uuid-${mark}-2`)), img_code_client: '????' };
  await expect(at('/smsCode'), { phone, ...misread }, { msg: '数据错误', re_code: '4004' });

  const { code = '' } = await read(`/dev/sms/${phone}`);
  const form = { phone, phone_code: code, password: 'mai', password2: 'mai' };
  await expect(at('/register'), { ...form, password2: 'other' }, { msg: '参数错误', re_code: '4103' });
  const wrong = code === '003533' ? '003534' : '003533';
  await expect(at('/register'), { ...form, phone_code: wrong }, { msg: '数据错误', re_code: '4004' });
  await expect(at('/register'), form, { msg: '注册成功', re_code: '0' });
  await expect(at('/register'), form, { msg: '无数据', re_code: '4002' });

  await expect(at('/sessions'), { phone, password: 'iam' }, { msg: '密码错误', re_code: '4106' });
  const login = { fields: { phone, password: 'mai' } };
  const { cookie } = await ask(at('/sessions'), login, { msg: '登陆成功', re_code: '0' });
  await ask(at('/sessions'), { method: 'DELETE', cookie }, { msg: '退出成功', re_code: '0' });
  await ask(at('/sessions'), { method: 'DELETE', cookie }, { msg: '用户未登录', re_code: '4101' });
}
