import type { CallContext, Caller } from '@vestibule/shared/call-context';
import type { Contract, ReplyOf, RequestOf } from '@vestibule/shared/contracts/contract';
import { movableClock } from '@vestibule/shared/test/movable-clock';
import { testParts } from '@vestibule/shared/test/parts';
import type { Test } from 'tap';
import { clientOf } from '../../gateway/test/harness/client.ts';
import { startGateway } from '../../gateway/test/harness/platform.ts';
import { startAuth, startUser } from '../../services/auth/test/auth-service.ts';
import { startProcessService } from '../../services/process/test/process-service.ts';
import { startVerification } from '../../services/verification/test/verification-service.ts';

export const sessionSeconds = 3600;

/** In production's way where profiles differ in who may do what; nothing is counted, and nothing is in a hurry. */
const settings = {
  ADMIN_REGISTRATION: 'closed',
  LIMITS: 'off',
  SESSION_TTL: String(sessionSeconds),
  REQUEST_DEADLINE_MS: '60000',
  WECHAT_TIMEOUT_MS: '10000',
  WECHAT_APPID: 'development',
  WECHAT_SECRET: 'development',
};

/** What the platform itself may do over the bus. */
const root: Caller = { accountId: 10_000_001, role: 'admin', status: 'active' };

/** Gateway and all services in this process, on a clock that is moved. */
export async function startMatrixPlatform(t: Test, environment: Record<string, string> = {}) {
  const clock = movableClock(Date.parse('2026-11-21T04:00:00.000Z'));
  const parts = await testParts(t, { clock });
  const app = await startGateway(t, parts, { environment: { ...settings, ...environment } });
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  const stood = { ...settings, ...environment, WECHAT_API_BASE: `${url}/dev/wechat` };
  await startUser(t, parts);
  await startAuth(t, parts, { environment: stood });
  await startVerification(t, parts, { environment: stood, provider: null });
  await startProcessService(t, parts, { PROCESS_POLL_MS: '50', OUTBOX_POLL_MS: '50' });

  const call = <C extends Contract>(
    contract: C,
    input: RequestOf<C>,
    caller: Caller = root,
  ): Promise<ReplyOf<C>> => {
    const context: CallContext = { requestId: 'matrix', deadline: clock() + 60_000, caller };
    return parts.bus.call(contract, input, context);
  };
  return { app, client: clientOf(app), parts, clock, call };
}
export type MatrixPlatform = Awaited<ReturnType<typeof startMatrixPlatform>>;
