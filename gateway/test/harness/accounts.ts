import { authContracts } from '@vestibule/shared/contracts/auth';
import { verificationContracts } from '@vestibule/shared/contracts/verification';
import type { Test } from 'tap';
import { startVerification } from '../../../services/verification/test/verification-service.ts';
import type { Answer } from './client.ts';
import { png } from './pictures.ts';
import { startPlatform } from './platform.ts';

export const passwd = 'sesame-4711';

/** Fields of a sign-up as the document describes them; another nickname each time. */
let signUps = 0;
export const signUpFields = () => {
  signUps += 1;
  return {
    nickname: `测试用户${signUps}`,
    passwd,
    repasswd: passwd,
    name: '测试用户',
    phone: '13800138000',
    position: '职位1',
    email: 'abc@abc.com',
  };
};

export const pictureFile = (bytes: Buffer = png(), name = 'me.png', type = 'image/png') =>
  new File([new Uint8Array(bytes)], name, { type });

/** The gateway before the real services, captchas too, as a client of the accounts document uses it. */
export async function startAccounts(
  t: Test,
  environment: Record<string, string> = {},
  { timed = false }: { timed?: boolean } = {},
) {
  const platform = await startPlatform(t, { environment, timed });
  const { client, parts, clock } = platform;
  await startVerification(t, parts, { environment });
  const context = () => ({ requestId: 'a-request', deadline: clock() + 60_000 });
  let addresses = 0;

  /** An address that nothing has come from yet. */
  const freshAddress = () => {
    addresses += 1;
    return `198.51.${100 + Math.floor(addresses / 250)}.${addresses % 250}`;
  };
  const dataOf = <D>({ body }: Answer): D => {
    const { data } = body as { data: D };
    return data;
  };
  /** A captcha as a person answers it. */
  async function captcha() {
    const { id } = dataOf<{ id: string }>(
      await client.send('/captcha', undefined, {}, { method: 'GET', address: freshAddress() }),
    );
    const { answer } = await parts.bus.call(verificationContracts.revealCaptcha, { id }, context());
    return { captcha_id: id, captcha_code: answer };
  }
  const signUp = (fields: object = {}, { address = freshAddress() } = {}): Promise<Answer> =>
    client.post(
      '/signUp',
      { avatar: pictureFile(), ...signUpFields(), ...fields },
      { kind: 'multipart', method: 'PUT', address },
    );
  const login = async (nickname: string, fields: object = {}): Promise<Answer> =>
    client.post('/login', { nickname, passwd, ...(await captcha()), ...fields });
  async function signedUp(fields: object = {}) {
    const given = { ...signUpFields(), ...fields };
    const { id } = dataOf<{ id: number }>(await signUp(given));
    const { token } = dataOf<{ token: string }>(await login(given.nickname));
    return { ...given, id, token };
  }
  async function admin(nickname = 'admin') {
    const { account, token } = await parts.bus.call(
      authContracts.register,
      {
        identities: [{ kind: 'nickname', value: nickname }],
        password: passwd,
        role: 'admin',
        status: 'active',
        profile: {},
      },
      context(),
    );
    return { id: account.id, token };
  }
  return { ...platform, freshAddress, captcha, signUp, login, signedUp, admin, dataOf };
}
export type Accounts = Awaited<ReturnType<typeof startAccounts>>;
