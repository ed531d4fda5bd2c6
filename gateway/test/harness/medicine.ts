import { userContracts } from '@vestibule/shared/contracts/user';
import type { Test } from 'tap';
import type { SmsProvider } from '../../../services/verification/src/providers/provider.ts';
import { startVerification } from '../../../services/verification/test/verification-service.ts';
import type { Answer } from './client.ts';
import { startPlatform } from './platform.ts';

export const password = 'mai';
const base = '/api/1.0';

/** The platform before the real verification service, and what a front end of the medicine document does. */
export async function startMedicine(
  t: Test,
  {
    environment = {},
    provider = null,
  }: { environment?: Record<string, string>; provider?: SmsProvider | null } = {},
) {
  const platform = await startPlatform(t, { environment, timed: true });
  const { client, parts } = platform;
  await startVerification(t, parts, { environment, provider });
  let count = 0;

  /** Each call from an address of its own, unless told, so that no limit gets in the way. */
  const ownAddress = () => {
    count += 1;
    return `10.0.${count >> 8}.${count & 255}`;
  };
  const imageCode = (query: Record<string, string>, address = ownAddress()): Promise<Answer> =>
    client.send(`${base}/imageCode?${new URLSearchParams(query)}`, undefined, {}, { method: 'GET', address });
  const post = (path: string, fields: object, address = ownAddress()): Promise<Answer> =>
    client.post(`${base}${path}`, fields, { address });
  const read = async (url: string): Promise<Record<string, string>> => {
    const { body } = await client.get(url);
    return Object(body);
  };

  /** A captcha that was drawn, and what stands in it. */
  async function captcha(uuid = `uuid-${ownAddress().replaceAll('.', '-')}`) {
    await imageCode({ uuid });
    return { uuid, img_code_client: (await read(`/dev/captcha/${uuid}`)).answer ?? '' };
  }
  const askForCode = async (phone: string, address?: string) =>
    post('/smsCode', { phone, ...(await captcha()) }, address);
  /** Has a code sent, and reads it on the phone. */
  async function smsCode(phone: string): Promise<string> {
    await askForCode(phone);
    return (await read(`/dev/sms/${phone}`)).code ?? '';
  }
  const register = async (phone: string) =>
    post('/register', { phone, phone_code: await smsCode(phone), password, password2: password });
  const login = (phone: string, given = password, address?: string) =>
    post('/sessions', { phone, password: given }, address);
  /** The cookie that a browser sends back after a login. */
  async function cookieOf(phone: string): Promise<string> {
    const { headers } = await login(phone);
    const [pair = ''] = String(headers['set-cookie']).split(';');
    return pair;
  }
  /** What lies behind a phone, as the user service answers it. */
  const accountOf = (phone: string) =>
    parts.bus.call(
      userContracts.find,
      { kind: 'phone', value: phone },
      { requestId: 'a-request', deadline: parts.clock() + 10_000 },
    );
  const logout = (headers: Record<string, string>) => client.delete(`${base}/sessions`, headers);

  return {
    ...platform,
    imageCode,
    post,
    captcha,
    askForCode,
    smsCode,
    register,
    login,
    cookieOf,
    accountOf,
    logout,
  };
}
export type Medicine = Awaited<ReturnType<typeof startMedicine>>;
