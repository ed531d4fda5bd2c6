import { natsBus } from '@vestibule/shared/bus/nats-bus';
import type { Contract, ReplyOf, RequestOf } from '@vestibule/shared/contracts/contract';
import { verificationContracts } from '@vestibule/shared/contracts/verification';
import { codeOf } from '@vestibule/shared/errors';
import { logLines } from '@vestibule/shared/test/log-lines';
import { startNatsServer } from '@vestibule/shared/test/nats-server';
import { startRedisServer } from '@vestibule/shared/test/redis-server';
import t from 'tap';
import { startPart } from './harness/platform.ts';

const { newCaptcha, revealCaptcha, sendCode, revealCode } = verificationContracts;
const phone = '13912345678';

t.test(
  'two verification processes send one SMS for 100 requests at once, and each shows its figures',
  async (t) => {
    const [nats, redis] = await Promise.all([startNatsServer(), startRedisServer()]);
    t.teardown(() => Promise.all([nats.stop(), redis.stop()]));
    const settings = { NATS_URL: nats.url, REDIS_URL: redis.url, LOG_LEVEL: 'warn', STORE_TIMEOUT_MS: '250' };
    const parts = await Promise.all([
      startPart('verification', settings),
      startPart('verification', settings),
    ]);
    t.teardown(() => Promise.all(parts.map((part) => part.stop())));
    const { logger } = logLines();
    const bus = await natsBus({
      url: nats.url,
      namespace: 'vestibule',
      name: 'test',
      clock: Date.now,
      logger,
    });
    t.teardown(() => bus.close());
    const call = <C extends Contract>(contract: C, input: RequestOf<C>): Promise<ReplyOf<C>> =>
      bus.call(contract, input, { requestId: 'a-request', deadline: Date.now() + 30_000 });

    const solved = async (address: string) => {
      const { id } = await call(newCaptcha, { scope: 'medicine', length: 4, address });
      const { answer } = await call(revealCaptcha, { id });
      return { phone, address, captcha: { scope: 'medicine', id, answer } };
    };
    const requests: RequestOf<typeof sendCode>[] = [];
    for (let index = 0; index < 100; index += 1) requests.push(await solved(`address ${index}`));
    const outcomes = await Promise.all(
      requests.map((request) => call(sendCode, request).then(() => 'sent', codeOf)),
    );
    t.equal(outcomes.filter((outcome) => outcome === 'sent').length, 1);
    t.equal(outcomes.filter((outcome) => outcome === 'rate-limited').length, 99);
    t.match((await call(revealCode, { phone })).code, /^[0-9]{6}$/);

    const figures = await Promise.all(parts.map(async ({ url }) => (await fetch(`${url}/metrics`)).text()));
    const total = (name: string) =>
      figures
        .flatMap((text) => text.split('\n'))
        .filter((line) => line.startsWith(`${name} `))
        .reduce((sum, line) => sum + Number(line.slice(name.length + 1)), 0);
    t.equal(total('vestibule_sms_sent_total'), 1);
    t.equal(total('vestibule_verification_refusals_total{reason="sms-phone"}'), 99);
  },
);
