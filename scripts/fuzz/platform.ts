import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { auth } from '@vestibule/auth/service';
import { buildGateway } from '@vestibule/gateway';
import { readGatewaySettings } from '@vestibule/gateway/config';
import { processes } from '@vestibule/process/service';
import type { CallContext, Caller } from '@vestibule/shared/call-context';
import { CommonSettings, readConfig } from '@vestibule/shared/config';
import type { Role } from '@vestibule/shared/contracts/account';
import { authContracts } from '@vestibule/shared/contracts/auth';
import { processContracts } from '@vestibule/shared/contracts/process';
import { createLogger } from '@vestibule/shared/logger';
import { Registry } from '@vestibule/shared/metrics';
import { closeParts, openParts, startParts } from '@vestibule/shared/open-parts';
import { noTracing } from '@vestibule/shared/tracing';
import { user } from '@vestibule/user/service';
import { verification } from '@vestibule/verification/service';

/** Longer than any answer needs on a busy machine, and shorter than what a client calls hanging. */
export const deadlineMs = 30_000;

const settings = {
  NODE_ENV: 'test',
  LIMITS: 'off',
  MAX_LOOP_DELAY_MS: '60000',
  LOOP_SAMPLE_MS: '60000',
  REQUEST_DEADLINE_MS: String(deadlineMs),
  RECEIVE_TIMEOUT_MS: '1000',
  WECHAT_TIMEOUT_MS: '10000',
  WECHAT_EXCHANGE_MS: '10000',
  WECHAT_APPID: 'development',
  WECHAT_SECRET: 'development',
  HASH_QUEUE: '1000',
};

const root: Caller = { accountId: 10_000_001, role: 'admin', status: 'active' };
export const password = 'sesame-4711';

/** Somebody whose token and id the requests use. */
export type Somebody = { id: number; nickname: string; phone: string; openid: string; token: string };
export const people = ['normal', 'repair', 'admin', 'pending'] as const;
export type Fixtures = Record<(typeof people)[number], Somebody> & { instance: number; task: number };

/** The whole platform in this process on embedded parts, listening on a port of its own. */
export async function startFuzzedPlatform() {
  const opened = new AsyncDisposableStack();
  const DATA_DIR = await mkdtemp(join(tmpdir(), 'vestibule-fuzz-'));
  opened.defer(() => rm(DATA_DIR, { recursive: true, force: true }));
  /** What the platform itself says of a fault, for who looks into it. */
  const faults: string[] = [];
  const destination = {
    write(line: string) {
      if (/"level":"?(error|fatal|50|60)/.test(line)) faults.push(line);
    },
  };
  const logger = createLogger({ level: 'error', name: 'fuzz', destination });
  const metrics = new Registry();
  const common = readConfig(CommonSettings, { DATA_DIR });
  const parts = opened.adopt(
    await openParts({ settings: common, name: 'fuzz', logger, clock: Date.now, metrics, tracing: noTracing }),
    closeParts,
  );
  const gateway = await buildGateway({ parts, settings: readGatewaySettings(settings), logger });
  const url = await gateway.listen({ port: 0, host: '127.0.0.1' });
  const environment = { ...settings, WECHAT_API_BASE: `${url}/dev/wechat` };
  for (const service of [user, auth, verification, processes]) {
    await service.configure(environment)({ parts, metrics, logger, opened });
  }
  startParts(parts);
  opened.defer(() => gateway.close());

  let count = 0;
  const context = (caller: Caller = root): CallContext => ({
    requestId: 'fuzz',
    deadline: Date.now() + deadlineMs,
    caller,
  });
  async function somebody(role: Role, status: 'active' | 'pending'): Promise<Somebody> {
    count += 1;
    const names = {
      nickname: `f-${count}`,
      phone: `138${String(count).padStart(8, '0')}`,
      openid: `o-${count}`,
    };
    const { account, token } = await parts.bus.call(
      authContracts.register,
      {
        identities: [
          { kind: 'nickname', value: names.nickname },
          { kind: 'phone', value: names.phone },
          { kind: 'openid', value: names.openid },
        ],
        password,
        role,
        status,
        profile: { name: names.nickname },
      },
      context(),
    );
    return { id: account.id, ...names, token };
  }

  return {
    url,
    faults,
    openapi: (): unknown => gateway.swagger(),
    /** New people, and something to work on: what was made before may have been used up. */
    async fixtures(): Promise<Fixtures> {
      const [normal, repair, admin, pending] = [
        await somebody('normal', 'active'),
        await somebody('repair', 'active'),
        await somebody('admin', 'active'),
        await somebody('normal', 'pending'),
      ];
      const form = { title: 'Tap drips', description: 'All night long', location: 'Room 4' };
      const instance = await parts.bus.call(
        processContracts.start,
        { processName: 'repair_apply', form },
        context({ accountId: normal.id, role: 'normal', status: 'active' }),
      );
      return { normal, repair, admin, pending, instance: instance.id, task: instance.tasks[0]?.id ?? 1 };
    },
    close: () => opened.disposeAsync(),
  };
}
export type FuzzedPlatform = Awaited<ReturnType<typeof startFuzzedPlatform>>;
