import type { CallContext } from '@vestibule/shared/call-context';
import { authContracts } from '@vestibule/shared/contracts/auth';
import type { Contract, ReplyOf, RequestOf } from '@vestibule/shared/contracts/contract';
import { verificationContracts } from '@vestibule/shared/contracts/verification';
import { movableClock } from '@vestibule/shared/test/movable-clock';
import { testParts } from '@vestibule/shared/test/parts';
import type { Test } from 'tap';
import { type Answer, clientOf } from '../../gateway/test/harness/client.ts';
import { png } from '../../gateway/test/harness/pictures.ts';
import { startGateway } from '../../gateway/test/harness/platform.ts';
import { startAuth, startUser } from '../../services/auth/test/auth-service.ts';
import { startProcessService } from '../../services/process/test/process-service.ts';
import { startVerification } from '../../services/verification/test/verification-service.ts';
import { miniProgram } from './mini-program.ts';

export const password = 'sesame-4711';

/** Nothing is in a hurry, sessions outlive what the clock is moved by, and rows are looked after every second. */
const settings = {
  REQUEST_DEADLINE_MS: '60000',
  WECHAT_TIMEOUT_MS: '10000',
  WECHAT_APPID: 'development',
  WECHAT_SECRET: 'development',
  SESSION_TTL: '31536000',
  UPKEEP_INTERVAL: '1',
  PROCESS_POLL_MS: '50',
  OUTBOX_POLL_MS: '50',
};

/** What an answer says that is in the way of each document: its status, its code, and what stands beside it. */
export const said = ({ status, body }: Answer): { status: number } & Record<string, unknown> => ({
  ...Object(body),
  status,
});

/** Gateway and all services in this process, with a client of each document, on a clock that is moved. */
export async function startFiveDocuments(t: Test) {
  const clock = movableClock(Date.parse('2026-11-21T04:00:00.000Z'));
  const parts = await testParts(t, { clock });
  const app = await startGateway(t, parts, { environment: settings });
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  await startUser(t, parts, settings);
  await startAuth(t, parts, { environment: { ...settings, WECHAT_API_BASE: `${url}/dev/wechat` } });
  await startVerification(t, parts);
  await startProcessService(t, parts, settings);
  const client = clientOf(app);
  const call = <C extends Contract>(contract: C, input: RequestOf<C>): Promise<ReplyOf<C>> => {
    const context: CallContext = { requestId: 'a-request', deadline: clock() + 60_000 };
    return parts.bus.call(contract, input, context);
  };
  const body = async (answer: Promise<Answer>) => Object((await answer).body);

  /** A captcha of the accounts document, as a person answers it. */
  async function captcha() {
    const { data } = await body(client.get('/captcha'));
    const { answer } = await call(verificationContracts.revealCaptcha, { id: data.id });
    return { captcha_id: data.id, captcha_code: answer };
  }

  return {
    clock,
    parts,
    client,
    mini: (name: string) => miniProgram(url, name),
    charity: {
      register: (fields: object) =>
        body(client.post('/user/register/', { role: '1', password, ...fields })).then(({ data }) => data),
      login: (id: string) => client.post('/user/login/', { id, password }),
      ask: (path: string, fields: object, token: string) => client.post(`/user/${path}/`, fields, { token }),
    },
    accounts: {
      signUp: (fields: object) => {
        const avatar = new File([new Uint8Array(png())], 'me.png', { type: 'image/png' });
        const given = { avatar, passwd: password, repasswd: password, ...fields };
        return client.post('/signUp', given, { kind: 'multipart', method: 'PUT' });
      },
      login: async (nickname: string) =>
        client.post('/login', { nickname, passwd: password, ...(await captcha()) }),
    },
    medicine: {
      /** As its register makes it, once the phone is proved. */
      register: (phone: string) =>
        call(authContracts.register, {
          identities: [{ kind: 'phone', value: phone }],
          password,
          role: 'normal',
          status: 'active',
          profile: {},
        }),
      login: (phone: string) => client.post('/api/1.0/sessions', { phone, password }),
    },
    openid: (operation: string, fields: object) => client.post(`/service/user/${operation}`, fields),
  };
}
export type FiveDocuments = Awaited<ReturnType<typeof startFiveDocuments>>;
