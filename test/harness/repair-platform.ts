import { authContracts } from '@vestibule/shared/contracts/auth';
import { movableClock } from '@vestibule/shared/test/movable-clock';
import { testParts } from '@vestibule/shared/test/parts';
import type { Test } from 'tap';
import { startGateway } from '../../gateway/test/harness/platform.ts';
import { startAuth, startUser } from '../../services/auth/test/auth-service.ts';
import { startProcessService } from '../../services/process/test/process-service.ts';
import { type MiniProgram, miniProgram } from './mini-program.ts';

/** With everything in this process an answer may take its time, and nothing here is about load. */
const patient = {
  REQUEST_DEADLINE_MS: '60000',
  WECHAT_TIMEOUT_MS: '10000',
};

export type Somebody = MiniProgram & { id: number };

/** All that the repair document needs, with the gateway's stand-in for WeChat, on a clock that the test moves. */
export async function startRepairPlatform(t: Test, environment: Record<string, string> = {}) {
  const clock = movableClock(Date.parse('2026-11-21T04:00:00.000Z'));
  const parts = await testParts(t, { clock });
  const app = await startGateway(t, parts, { environment: { ...patient, ...environment } });
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  await startUser(t, parts);
  await startAuth(t, parts, {
    environment: {
      WECHAT_API_BASE: `${url}/dev/wechat`,
      WECHAT_APPID: 'development',
      WECHAT_SECRET: 'development',
      ...patient,
      ...environment,
    },
  });
  await startProcessService(t, parts, { PROCESS_POLL_MS: '20', OUTBOX_POLL_MS: '20', ...environment });

  /** Somebody who registered with their mini-program, and is signed in. */
  async function somebody(name: string, role?: 'repair' | 'admin'): Promise<Somebody> {
    const user = miniProgram(url, name);
    const { id } = await user.register({ name, ...(role === undefined ? {} : { role }) });
    return Object.assign(user, { id });
  }
  /** Somebody who signed up in the admin panel, and waits for the audit. */
  async function pending(nickname: string): Promise<Somebody> {
    const { account, token } = await parts.bus.call(
      authContracts.register,
      {
        identities: [{ kind: 'nickname', value: nickname }],
        password: 'sesame-4711',
        role: 'normal',
        status: 'pending',
        profile: {},
      },
      { requestId: 'a-request', deadline: clock() + 60_000 },
    );
    return Object.assign(miniProgram(url, nickname, token), { id: account.id });
  }
  return { clock, url, somebody, pending };
}
